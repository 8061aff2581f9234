"""VTUAV: archives unpacked side by side, box files with a row for every tenth frame."""

from pathlib import Path

from publisher import Expected, pair, put


def _sequence(folder: Path, frames: list[int], seed: int) -> None:
    for frame in frames:
        pair(folder / f"rgb/{frame:06d}.jpg", folder / f"ir/{frame:06d}.jpg", seed + frame)
    put(folder / "rgb.txt", "3 4 20 20\n5 6 20 20\n")
    put(folder / "ir.txt", "4 4 20 20\nnan nan nan nan\n\n")  # the target is out of sight; an extra row, as shipped


def tree(root: Path) -> Expected:
    _sequence(root / "train_ST_001/bus_004", [0, 1, 10], 0)
    _sequence(root / "train_LT_001/c-vehicle_003", [0], 50)
    _sequence(root / "test_ST_013/pedestrian_002", [0, 1], 90)
    return Expected(
        pairs=6,
        subsets={"train": 4, "test": 2},
        scenes={"bus_004": 3, "c-vehicle_003": 1, "pedestrian_002": 2},
        boxes=7,
        keys=["vtuav-bus_004-000010", "vtuav-c-vehicle_003-000000"],
    )


def tree_of_bare_sequences(root: Path) -> Expected:
    _sequence(root / "bus1_sample", [0, 1, 10], 0)
    _sequence(root / "bus_004", [5], 20)
    return Expected(
        pairs=4,
        subsets={"all": 4},
        scenes={"bus1_sample": 3, "bus_004": 1},
        boxes=3,
        keys=["vtuav-bus1_sample-000001"],
    )

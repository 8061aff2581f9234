"""LSOTB-TIR, two of the five training archives unpacked: a VOC file beside each frame."""

from pathlib import Path

from publisher import Expected, grey, put, save, voc_xml


def _sequence(folder: Path, frames: int, seed: int, width: int) -> None:
    for frame in range(1, frames + 1):
        save(folder / f"{frame:08d}.jpg", grey(seed + frame, width))
        put(folder / f"{frame:08d}.xml", voc_xml("target"))


def tree(root: Path) -> Expected:
    _sequence(root / "TrainingData/TIR_training_001/airplane_001", 3, 0, 64)
    _sequence(root / "TrainingData/TIR_training_002/person_012", 2, 10, 80)
    return Expected(
        pairs=5,
        subsets={"train": 5},
        scenes={"airplane_001": 3, "person_012": 2},
        boxes=5,
        keys=["lsotb-airplane_001-00000001"],
    )


def tree_of_bare_sequences(root: Path) -> Expected:
    _sequence(root / "airplane_001", 2, 0, 64)
    return Expected(pairs=2, subsets={"train": 2}, scenes={"airplane_001": 2}, boxes=2)

"""LasHeR: sides that are told by a letter, rows with commas, and a sequence that lost a frame on one side."""

from pathlib import Path

from publisher import Expected, pair, put


def _sequence(folder: Path, frames: range, seed: int, width: int = 64, letters: tuple[str, str] = ("v", "i")) -> None:
    for frame in frames:
        visible, infrared = (f"{letter}{frame:06d}.jpg" for letter in letters)
        pair(folder / f"visible/{visible}", folder / f"infrared/{infrared}", seed + frame, width)
    for name in ("init", "visible", "infrared"):
        put(folder / f"{name}.txt", "3,4,20,20\r\n" * len(frames))


def tree(root: Path) -> Expected:
    _sequence(root / "LasHeR/trainingset/1blackteacher", range(3), 0)
    _sequence(root / "LasHeR/trainingset/10runone_quezhen", range(2), 20, 80)
    _sequence(root / "LasHeR/testingset/boycoming", range(2), 40)
    (root / "LasHeR/trainingset/10runone_quezhen/infrared/i000001.jpg").unlink()
    return Expected(
        pairs=6,
        subsets={"train": 4, "test": 2},
        scenes={"1blackteacher": 3, "10runone_quezhen": 1, "boycoming": 2},
        failed={"missing_pair": 1},
        boxes=12,
        keys=["lasher-1blackteacher-000002", "lasher-10runone_quezhen-000000"],
    )


def tree_of_bare_sequences(root: Path) -> Expected:
    """Numbers that begin at 1: the first row is for the first of them."""
    _sequence(root / "boycoming", range(1, 3), 0)
    return Expected(pairs=2, subsets={"all": 2}, scenes={"boycoming": 2}, boxes=4)


def tree_without_letters(root: Path) -> Expected:
    _sequence(root / "trainingset/1blackteacher", range(2), 0, letters=("", ""))
    _sequence(root / "testingset/boycoming", range(2), 40, letters=("", ""))
    return Expected(
        pairs=4,
        subsets={"train": 2, "test": 2},
        scenes={"1blackteacher": 2, "boycoming": 2},
        boxes=8,
        keys=["lasher-boycoming-000001"],
    )


def tree_of_bare_sequences_without_letters(root: Path) -> Expected:
    _sequence(root / "boycoming", range(2), 0, letters=("", ""))
    return Expected(pairs=2, subsets={"all": 2}, scenes={"boycoming": 2}, boxes=4)

"""RGBT234: the side's letter behind the number, numbers of other lengths on the two sides, large letters."""

from pathlib import Path

from publisher import Expected, colour, grey, put, save


def _boxes(folder: Path) -> None:
    put(folder / "visible.txt", "3,4,20,20\n5,6,20,20\n")
    put(folder / "infrared.txt", "3,5,20,20\n")
    put(folder / "init.txt", "3,4,20,20\n")


def tree(root: Path) -> Expected:
    for seed, sequence in enumerate(("afterrain", "baby")):
        folder = root / "RGBT234" / sequence
        for frame in (1, 2):
            save(folder / f"visible/{frame:05d}v.JPG", colour(10 * seed + frame))
            save(folder / f"infrared/{frame:06d}i.jpg", grey(100 + 10 * seed + frame))
        _boxes(folder)
    return Expected(
        pairs=4,
        subsets={"all": 4},
        scenes={"afterrain": 2, "baby": 2},
        boxes=6,
        keys=["rgbt234-afterrain-000001"],
    )


def tree_of_equal_names(root: Path) -> Expected:
    """Numbers that begin at 0, and a third frame that no row is for."""
    for frame in (0, 1, 2):
        save(root / f"afterrain/visible/{frame:05d}.jpg", colour(frame))
        save(root / f"afterrain/infrared/{frame:05d}.jpg", grey(100 + frame))
    _boxes(root / "afterrain")
    return Expected(pairs=3, subsets={"all": 3}, scenes={"afterrain": 3}, boxes=3)

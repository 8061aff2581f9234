"""AVIID as it is used: pix2pix folders, numbers without leading zeros that begin anew in each."""

from pathlib import Path

from publisher import Expected, pair


def tree(root: Path) -> Expected:
    for name, subset, count in (("AVIID-1", "train", 3), ("AVIID-1", "test", 2), ("AVIID-3", "train", 1)):
        for number in range(count):
            folder = root / "AVIID" / name
            seed = 10 * number + count + len(name)
            pair(folder / f"{subset}A/{number}.png", folder / f"{subset}B/{number}.png", seed + 100 * int(name[-1]))
    return Expected(
        pairs=6,
        subsets={"train": 4, "test": 2},
        scenes={
            f"{scene}": 1 for scene in ("1/train/0", "1/train/1", "1/train/2", "1/test/0", "1/test/1", "3/train/0")
        },
        keys=["aviid-aviid-1-train-0", "aviid-aviid-1-test-0", "aviid-aviid-3-train-0"],
    )


def tree_of_one_set(root: Path) -> Expected:
    """The folders of AVIID-1 without it, as `ingest aviid AVIID-1` finds them."""
    for seed, name in enumerate(("train/0", "train/1", "test/0")):
        subset, number = name.split("/")
        pair(root / f"{subset}A/{number}.png", root / f"{subset}B/{number}.png", seed)
    return Expected(
        pairs=3,
        subsets={"train": 2, "test": 1},
        scenes={"0/train/0": 1, "0/train/1": 1, "0/test/0": 1},
        keys=["aviid-aviid-0-train-0", "aviid-aviid-0-test-0"],
    )

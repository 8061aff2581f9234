"""ir_seg_dataset: thermal in alpha, flipped copies, lists with dangling lines, and a picture without thermal."""

from pathlib import Path

import numpy as np
from publisher import Expected, colour, grey, pair, put, save

LISTS = {"train": ["00001D", "00002D", "00001D_flip"], "val": ["00003N"], "test": ["00055D", "01500D"]}


def both(seed: int) -> np.ndarray:
    return np.dstack([colour(seed), grey(seed + 500)])


def tree(root: Path) -> Expected:
    folder = root / "ir_seg_dataset"
    for seed, name in enumerate(["00001D", "00002D", "00003N", "00055D", "01001N"]):
        save(folder / f"images/{name}.png", both(seed))
        save(folder / f"labels/{name}.png", np.full((48, 64), seed, np.uint8))
    save(folder / "images/00001D_flip.png", both(0)[:, ::-1])
    save(folder / "images/01002N.png", colour(7))  # someone saved it as RGB: thermal is lost
    for name, stems in LISTS.items():
        put(folder / f"{name}.txt", "\r\n".join([*stems, ""]))
    return Expected(
        pairs=5,
        subsets={"train": 2, "val": 1, "test": 1, "all": 1},
        scenes={"D-1": 2, "N-3": 1, "D-55": 1, "N-1001": 1},
        failed={"no_alpha": 1},
        keys=["mfnet-00001d", "mfnet-01001n"],
    )


def tree_derived(root: Path) -> Expected:
    """A pack with the sides apart."""
    for seed, name in enumerate(["00001D", "00003N"]):
        pair(root / f"RGB/{name}.png", root / f"Thermal/{name}.png", seed)
    return Expected(pairs=2, subsets={"all": 2}, scenes={"D-1": 1, "N-3": 1}, keys=["mfnet-00003n"])

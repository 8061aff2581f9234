"""A clone of Linfeng-Tang/MSRS: sides that interleave, labels as index images, and 80 pictures under other names."""

from pathlib import Path

import numpy as np
from publisher import Expected, pair, put, save

NAMES = {"train": ["00001D", "00003N", "00264D", "01042N"], "test": ["00004N", "00055D", "00537D"]}


def tree(root: Path) -> Expected:
    for side, names in NAMES.items():
        for seed, name in enumerate(names):
            pair(root / f"{side}/vi/{name}.png", root / f"{side}/ir/{name}.png", seed + 10 * len(side))
            save(root / f"{side}/Segmentation_labels/{name}.png", np.full((48, 64), seed % 9, np.uint8))
    pair(root / "detection/vi/1042.png", root / "detection/ir/1042.png", 53)  # 01042N again
    put(root / "detection/labels/1042.txt", "0 0.5 0.5 0.1 0.1\n")
    put(root / "visualize.py")
    return Expected(
        pairs=7,
        subsets={"train": 4, "test": 3},
        scenes={"block00": 1, "block01": 2, "block02": 1, "block04": 1, "block05": 1, "block09": 1},
        keys=["msrs-00001d", "msrs-00004n"],
    )


def tree_without_sides(root: Path) -> Expected:
    for seed, name in enumerate(("00001D", "00003N", "00004N")):
        pair(root / f"MSRS/Vi/{name}.png", root / f"MSRS/Ir/{name}.png", seed)
    return Expected(pairs=3, subsets={"all": 3}, scenes={"block00": 1, "block01": 2}, keys=["msrs-00003n"])

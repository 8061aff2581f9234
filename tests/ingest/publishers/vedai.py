"""VEDAI: both sides in one folder, the same images in two sizes, numbered classes, near-infrared in three channels."""

from pathlib import Path

import numpy as np
from publisher import Expected, colour, grey, put, save

ROW = "20.5 20.5 0.785 {} 1 0 10 30 30 10 10 10 30 30\n"


def _images(root: Path, size: int, ids: list[int], folders: tuple[str, str] = ("Vehicules{}", "Annotations{}")) -> None:
    images, annotations = (root / folder.format(size) for folder in folders)
    for i in ids:
        side = size // 16
        save(images / f"{i:08d}_co.png", colour(i, side, side))
        save(images / f"{i:08d}_ir.png", np.dstack([grey(500 + i, side, side)] * 3))
        put(annotations / f"{i:08d}.txt", ROW.format(1) + ROW.format(31))


def tree(root: Path) -> Expected:
    _images(root, 1024, [0, 1, 3])
    _images(root, 512, [0, 1, 3])
    put(root / "Annotations1024/fold01.txt", "00000000\n00000001\n")
    (root / "Annotations1024/00000003.txt").unlink()
    return Expected(
        pairs=3,
        subsets={"all": 3},
        scenes={"00000000": 1, "00000001": 1, "00000003": 1},
        boxes=4,
        keys=["vedai-00000000"],
    )


def tree_of_512(root: Path) -> Expected:
    _images(root, 512, [0, 1])
    return Expected(pairs=2, subsets={"all": 2}, scenes={"00000000": 1, "00000001": 1}, boxes=4)


def tree_of_images_alone(root: Path) -> Expected:
    """The archives' files without a folder, all in one place."""
    _images(root, 512, [0, 1], ("", ""))
    return Expected(
        pairs=2, subsets={"all": 2}, scenes={"00000000": 1, "00000001": 1}, boxes=4, keys=["vedai-00000001"]
    )

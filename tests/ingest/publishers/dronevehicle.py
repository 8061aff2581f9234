"""DroneVehicle: a white border of 100 px, numbers that begin anew, oriented boxes, and labels that are misspelt."""

from pathlib import Path

import numpy as np
from publisher import Expected, colour, grey, put, save

WIDTH, HEIGHT, BORDER = 640, 512, 100


def _framed(pixels: np.ndarray) -> np.ndarray:
    edges = [(BORDER, BORDER), (BORDER, BORDER), (0, 0)][: pixels.ndim]
    return np.pad(pixels, edges, constant_values=255)


def _xml(label: str, dx: int = 0) -> str:
    points = zip("1234", ((105 + dx, 105), (190 + dx, 110), (188 + dx, 160), (103 + dx, 155)), strict=True)
    polygon = "".join(f"<x{i}>{x}</x{i}><y{i}>{y}</y{i}>" for i, (x, y) in points)
    return f"<annotation><object><name>{label}</name><polygon>{polygon}</polygon></object></annotation>"


def tree(root: Path, framed: bool = True) -> Expected:
    for subset, ids in {"train": [1, 2, 7], "val": [1], "test": [1, 2]}.items():
        for i in ids:
            seed = i + 20 * len(subset) + 10 * (subset == "val")
            visible, infrared = colour(seed, WIDTH, HEIGHT), grey(seed + 300, WIDTH, HEIGHT)
            save(root / subset / f"{subset}img/{i:05d}.jpg", _framed(visible) if framed else visible)
            save(root / subset / f"{subset}imgr/{i:05d}.jpg", _framed(infrared) if framed else infrared)
            put(root / subset / f"{subset}label/{i:05d}.xml", _xml("feright car"))
            put(root / subset / f"{subset}labelr/{i:05d}.xml", _xml("car", dx=1))
    (root / "test/testlabelr/00002.xml").unlink()
    return Expected(
        pairs=6,
        subsets={"train": 3, "val": 1, "test": 2},
        scenes={"train/00001": 2, "train/00007": 1, "val/00001": 1, "test/00001": 2},
        boxes=11,
        keys=["dronevehicle-train_00001", "dronevehicle-val_00001", "dronevehicle-test_00002"],
    )


def tree_without_border(root: Path) -> Expected:
    return tree(root, framed=False)

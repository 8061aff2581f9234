"""CART's labelled pairs: three folders of one picture, and masks whose names differ again."""

from pathlib import Path

from publisher import Expected, colour, deep, grey, put, save

NAMES = {"kentucky_0-1": [4824, 5004], "northcarolina_geo_2": [100]}
SCENES = {"kentucky_0-1": 2, "northcarolina_geo_2": 1}
KEYS = ["cart-kentucky_0-1-04824"]


def tree(root: Path) -> Expected:
    folder = root / "labeled_rgbt_pairs"
    for flight, frames in NAMES.items():
        for frame in frames:
            save(folder / f"color/{flight}_eo-{frame:05d}.jpg", colour(frame))
            save(folder / f"thermal8/{flight}_thermal-{frame:05d}.jpg", grey(frame))
            save(folder / f"thermal16/{flight}_thermal-{frame:05d}.tiff", deep(frame))
            save(folder / f"annotations/{flight}_mask-{frame:05d}.png", grey(frame) // 32)
    put(folder / "train.txt", "color/kentucky_0-1_eo-04824.jpg,annotations/kentucky_0-1_mask-04824.png\n")
    return Expected(pairs=3, subsets={"all": 3}, scenes=SCENES, bits=16, keys=KEYS)


def tree_of_8_bits(root: Path) -> Expected:
    for flight, frames in NAMES.items():
        for frame in frames:
            save(root / f"color/{flight}_eo-{frame:05d}.jpg", colour(frame))
            save(root / f"thermal8/{flight}_thermal-{frame:05d}.jpg", grey(frame))
    return Expected(pairs=3, subsets={"all": 3}, scenes=SCENES, keys=KEYS)

"""NII-CU MAPD: two versions of the same frames, boxes in pixels of the visible image, some marked bad."""

from pathlib import Path

from publisher import Expected, colour, grey, pair, put, save

ROWS = "4 5 20 30 0 0 0\n10 8 24 31 1 1 0\n3 3 9 9 2 0 1\n"  # on both sides, on thermal alone, and one to leave out
NAMES = {"train": ["frame_00010", "frame_00020"], "val": ["frame_00100"]}
SCENES = {"frame_00010": 2, "frame_00100": 1}


def tree(root: Path) -> Expected:
    folder = root / "NII_CU_MAPD_dataset"
    for side, names in NAMES.items():
        for seed, name in enumerate(names):
            images = folder / "4-channel/images"
            pair(images / f"rgb/{side}/{name}.jpg", images / f"thermal/{side}/{name}.jpg", seed + len(side))
            put(folder / f"4-channel/labels/{side}/{name}.txt", ROWS)
            save(folder / f"rgb-t/images/rgb/{side}/{name}.jpg", colour(seed, 96, 54))
            save(folder / f"rgb-t/images/thermal/{side}/{name}.jpg", grey(seed, 50, 28))
    return Expected(pairs=3, subsets={"train": 2, "val": 1}, scenes=SCENES, boxes=6, keys=["nii_cu-frame_00010"])


def tree_of_two_sizes(root: Path) -> Expected:
    """Only `rgb-t`: one field of view at two sizes, boxes in pixels of 3840x2160."""
    for side, names in NAMES.items():
        for seed, name in enumerate(names):
            save(root / f"rgb-t/images/rgb/{side}/{name}.jpg", colour(seed + len(side), 192, 108))
            save(root / f"rgb-t/images/thermal/{side}/{name}.jpg", grey(seed + len(side), 50, 28))
            put(root / f"rgb-t/labels/{side}/{name}.txt", "384 216 1920 1080 0 0 0\n")
    return Expected(pairs=3, subsets={"train": 2, "val": 1}, scenes=SCENES, boxes=3, keys=["nii_cu-frame_00100"])

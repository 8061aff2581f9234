"""PST900_RGBT_Dataset.zip, unpacked: one name in five folders, `rgb` in all of them."""

from pathlib import Path

from publisher import Expected, deep, grey, pair, save

NAMES = {
    "train": ["31_bag1a_rect_rgb_frame0000000007", "31_bag1a_rect_rgb_frame0000000031"],
    "test": ["31_bag1a_rect_rgb_frame0000000019", "8_bag21_rect_rgb_frame0000000100"],
}
SCENES = {"31_bag1a": 3, "8_bag21": 1}
KEYS = ["pst900-31_bag1a_0000000007"]


def tree(root: Path) -> Expected:
    folder = root / "PST900_RGBT_Dataset"
    for side, names in NAMES.items():
        for seed, name in enumerate(names):
            pair(folder / f"{side}/rgb/{name}.png", folder / f"{side}/thermal/{name}.png", seed + 10 * len(side))
            save(folder / f"{side}/thermal_raw/{name}.png", deep(seed))
            save(folder / f"{side}/depth/{name}.png", deep(seed, low=0, high=9_000))
            save(folder / f"{side}/labels/{name}.png", grey(seed) // 64)
    return Expected(pairs=4, subsets={"train": 2, "test": 2}, scenes=SCENES, keys=KEYS)


def tree_of_raw_levels(root: Path) -> Expected:
    """Only the 16-bit side was unpacked."""
    for side, names in NAMES.items():
        for seed, name in enumerate(names):
            pair(root / f"{side}/rgb/{name}.png", root / f"{side}/ignored/{name}.png", seed + 10 * len(side))
            save(root / f"{side}/thermal_raw/{name}.png", deep(seed))
    return Expected(pairs=4, subsets={"train": 2, "test": 2}, scenes=SCENES, keys=KEYS, bits=16)

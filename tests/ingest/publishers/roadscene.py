"""A clone of hanna-xu/RoadScene: four parallel folders of which two are pairs, and `Thumbs.db`."""

from pathlib import Path

from publisher import Expected, colour, grey, pair, put, save

SIZES = {"FLIR_00006": (60, 41), "FLIR_00018": (53, 47), "FLIR_video_00020": (61, 33), "FLIR_09652": (70, 21)}
SCENES = {"FLIR_00006": 2, "FLIR_video_00020": 1, "FLIR_09652": 1}


def tree(root: Path) -> Expected:
    for seed, (name, (width, height)) in enumerate(SIZES.items()):
        pair(root / f"crop_LR_visible/{name}.jpg", root / f"cropinfrared/{name}.jpg", seed, width, height)
        save(root / f"crop_HR_visible/{name}.jpg", colour(seed, width * 2, height * 2))
        save(root / f"infrared/{name}.png", grey(seed, 80, 64))  # the uncropped frame, which is no partner
    put(root / "crop_LR_visible/Thumbs.db")
    put(root / "crop_HR_visible/Thumbs.db")
    put(root / "README.md", "# RoadScene")
    return Expected(
        pairs=4,
        subsets={"all": 4},
        scenes=SCENES,
        keys=["roadscene-flir_00006", "roadscene-flir_video_00020"],
        junk=2,
    )


def tree_of_large_visible_images(root: Path) -> Expected:
    """Whoever took the high resolution alone: it was squeezed unequally, 2.8125 across and 3.125 down."""
    for seed, (name, (width, height)) in enumerate(SIZES.items()):
        save(root / f"crop_HR_visible/{name}.jpg", colour(seed, round(width * 2.8125), round(height * 3.125)))
        save(root / f"cropinfrared/{name}.jpg", grey(seed + 500, width, height))
    return Expected(pairs=4, subsets={"all": 4}, scenes=SCENES, keys=["roadscene-flir_00006"])

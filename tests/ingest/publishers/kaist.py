"""kaist-cvpr15.tar.gz, unpacked; a set's zip, unpacked, with images that others made PNG; and a flat re-pack."""

from pathlib import Path

import numpy as np
from publisher import Expected, colour, grey, pair, put, save

BOXES = "% bbGt version=3\nperson 5 2 20 30 0 0 0 0 0 0 0\ncyclist 30 12 9 20 1 0 0 0 0 0 0\n"
FRAMES = ["set00/V000/I00000", "set00/V000/I00001", "set03/V001/I00019", "set06/V000/I00019", "set11/V001/I00039"]
SCENES = {"set00/V000": 2, "set03/V001": 1, "set06/V000": 1, "set11/V001": 1}


def tree(root: Path) -> Expected:
    folder = root / "kaist-cvpr15"
    for seed, frame in enumerate(FRAMES):
        video, name = frame.rsplit("/", 1)
        pair(folder / f"images/{video}/visible/{name}.jpg", folder / f"images/{video}/lwir/{name}.jpg", seed)
        put(folder / f"annotations/{frame}.txt", BOXES if seed else "% bbGt version=3\n")
    put(folder / "imageSets/train-all-02.txt", "set00/V000/I00001\nset00/V000/I00003\n")
    return Expected(
        pairs=5,
        subsets={"train": 3, "test": 2},
        scenes=SCENES,
        boxes=8,
        keys=["kaist-set06-v000-i00019", "kaist-set00-v000-i00000"],
    )


def tree_of_sets(root: Path) -> Expected:
    """The sets' zips: no folder above them, colour left by the codec in thermal, boxes of each side."""
    for seed, frame in enumerate(FRAMES):
        video, name = frame.rsplit("/", 1)
        save(root / f"{video}/visible/{name}.PNG", colour(seed))
        thermal = grey(seed + 500)
        save(root / f"{video}/lwir/{name}.png", np.dstack([thermal, thermal, thermal + 1]))
        for side in ("visible", "lwir"):
            put(root / f"annotations_paired/{video}/{side}/{name}.txt", BOXES)
    save(root / "set09/V000/lwir/I00000.png", colour(9))  # a colour picture on the thermal side
    save(root / "set09/V000/visible/I00000.png", colour(10))
    return Expected(
        pairs=5, subsets={"train": 3, "test": 2}, scenes=SCENES, boxes=20, failed={"pseudocolour": 1}, keys=[]
    )


def _videos(root: Path, form: str) -> Expected:
    """Each video in a folder named after its zip; `form` says what lies in it."""
    for seed, frame in enumerate(FRAMES):
        above, video, name = frame.split("/")
        folder = root / form.format(set=above, video=video)
        pair(folder / f"visible/{name}.jpg", folder / f"lwir/{name}.jpg", seed)
        put(root / f"annotations/{frame}.txt", BOXES)
    return Expected(pairs=5, subsets={"train": 3, "test": 2}, scenes=SCENES, boxes=10, keys=["kaist-set11-v001-i00039"])


def tree_of_videos(root: Path) -> Expected:
    """The videos' zips, each unpacked into a folder of its own that is named after it."""
    return _videos(root, "{set}_{video}")


def tree_of_videos_with_their_folder(root: Path) -> Expected:
    return _videos(root, "{set}_{video}/{video}")


def tree_of_videos_with_their_folders(root: Path) -> Expected:
    return _videos(root, "{set}_{video}/{set}/{video}")


def tree_flat(root: Path) -> Expected:
    for seed, frame in enumerate(FRAMES):
        name = frame.replace("/", "_")
        pair(root / f"{name}_visible.png", root / f"{name}_lwir.png", seed)
    return Expected(pairs=5, subsets={"train": 3, "test": 2}, scenes=SCENES, keys=["kaist-set11-v001-i00039"])


def tree_by_side(root: Path) -> Expected:
    """The sides in folders of their own."""
    for seed, frame in enumerate(FRAMES):
        name = frame.replace("/", "_")
        pair(root / f"visible/{name}.jpg", root / f"lwir/{name}.jpg", seed)
    return Expected(pairs=5, subsets={"train": 3, "test": 2}, scenes=SCENES, keys=["kaist-set00-v000-i00001"])


def tree_by_side_and_subset(root: Path) -> Expected:
    """The same once more, parted as papers do."""
    for seed, frame in enumerate(FRAMES):
        name, subset = frame.replace("/", "_"), "train" if frame < "set06" else "test"
        pair(root / f"visible/{subset}/{name}.jpg", root / f"infrared/{subset}/{name}.jpg", seed)
    return Expected(pairs=5, subsets={"train": 3, "test": 2}, scenes=SCENES, keys=["kaist-set11-v001-i00039"])

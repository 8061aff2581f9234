"""FLIR_ADAS_1_3, nested twice: suffixes differ, visible sides lack, boxes drawn into copies, a video that shifts."""

import json
from pathlib import Path

from publisher import Expected, colour, deep, grey, put, save

BOX = {"category_id": 3, "bbox": [4, 5, 20, 16]}


def coco(names: list[str]) -> str:
    images = [{"id": i, "file_name": f"thermal_8_bit/{name}.jpeg"} for i, name in enumerate(names)]
    boxes = [{"id": i, "image_id": i, **BOX} for i in range(len(names))]
    return json.dumps({"images": images, "annotations": boxes})


def tree(root: Path) -> Expected:
    folder = root / "FLIR_ADAS_1_3/FLIR_ADAS_1_3"
    thermal = {
        "train": ["FLIR_00002", "FLIR_00138", "FLIR_00139"],
        "val": ["FLIR_08863"],
        "video": ["FLIR_video_00010", "FLIR_video_01945", "FLIR_video_01973", "FLIR_video_02801", "FLIR_video_03154"],
    }
    visible = {
        "train": ["FLIR_00002", "FLIR_00139"],  # 00138 has none
        "val": ["FLIR_08863"],
        "video": ["FLIR_video_00010", "FLIR_video_01945", "FLIR_video_02773", "FLIR_video_02800", "FLIR_video_03155"],
    }
    for part, names in thermal.items():
        for name in names:
            save(folder / f"{part}/thermal_8_bit/{name}.jpeg", grey(int(name[-5:])))
            save(folder / f"{part}/thermal_16_bit/{name}.tiff", deep(int(name[-5:])))
            save(folder / f"{part}/Annotated_thermal_8_bit/{name}.jpeg", colour(int(name[-5:])))
        put(folder / f"{part}/thermal_annotations.json", coco(names))
    for part, names in visible.items():
        for name in names:
            rgb = "rgb" if part == "video" else "RGB"
            save(folder / f"{part}/{rgb}/{name}.jpg", colour(int(name[-5:]) + 1, 96, 80))
    return Expected(
        pairs=7,
        subsets={"train": 2, "val": 1, "video": 4},
        scenes={"block00": 1, "block01": 1, "block60": 1, "video": 4},
        failed={"missing_pair": 2},  # FLIR_00138, and the video's frame 1945, which nothing was recorded with
        boxes=7,
        keys=["flir_v1-flir_00002", "flir_v1-flir_video_01973", "flir_v1-flir_video_02801", "flir_v1-flir_video_03154"],
    )


EARLY = {"training": "FLIR_00002", "validation": "FLIR_08863"}
EXPECTED_EARLY = Expected(
    pairs=2,
    subsets={"train": 1, "val": 1},
    scenes={"block00": 1, "block60": 1},
    keys=["flir_v1-flir_08863"],
)


def _early(root: Path, ending: str) -> None:
    for part, name in EARLY.items():
        save(root / f"{part}/RGB/{name}.jpg", colour(int(name[-5:]), 96, 80))
        save(root / f"{part}/PreviewData/{name}{ending}.jpeg", grey(int(name[-5:])))
        save(root / f"{part}/Data/{name}.tiff", deep(int(name[-5:])))


def tree_of_an_early_copy(root: Path) -> Expected:
    """Version 1.1: folders of other names, 16 bits beside 8, no boxes."""
    _early(root, "")
    return EXPECTED_EARLY


def tree_of_an_early_copy_with_endings(root: Path) -> Expected:
    """Likewise, thermal named as in what was made from it."""
    _early(root, "_PreviewData")
    return EXPECTED_EARLY


def tree_of_an_early_copy_with_one_thermal_folder(root: Path) -> Expected:
    for part, name in EARLY.items():
        save(root / f"{part}/RGB/{name}.jpg", colour(int(name[-5:]), 96, 80))
        save(root / f"{part}/Data/{name}.jpeg", grey(int(name[-5:])))
    return EXPECTED_EARLY

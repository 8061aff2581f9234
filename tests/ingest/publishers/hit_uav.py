"""A clone of HIT-UAV: the images again and again, index files that list more than is there, COCO with other words."""

import json
from pathlib import Path

from publisher import Expected, grey, put, save, voc_xml

LISTED = {
    "train": ["1_60_30_0_00000", "1_60_30_0_00012", "0_60_30_0_01609", "0_90_90_0_09999"],
    "val": ["1_60_30_0_00002"],
    "test": ["1_60_30_0_00023", "1_60_60_0_00024"],
}
SCENES = {"1_60_30_0-0": 3, "1_60_30_0-23": 1, "1_60_60_0-24": 1, "0_60_30_0-1609": 1}


def _json(names: list[str]) -> str:
    images = [{"filename": f"{name}.jpg", "width": 64, "height": 48, "id": i} for i, name in enumerate(names)]
    boxes = [{"image_id": i, "category_id": 0, "bbox": [3, 4, 10, 10], "id": i} for i in range(len(names))]
    return json.dumps({"images": images, "annotation": boxes, "categories": [{"id": 0, "name": "Person"}]})


def tree(root: Path) -> Expected:
    for side, names in LISTED.items():
        put(root / f"HIT-UAV/normal_xml/ImageSets/Main/{side}.txt", "\n".join(names))
        there = [name for name in names if name != "0_90_90_0_09999"]
        for name in there:
            save(root / f"HIT-UAV/normal_xml/JPEGImages/{name}.jpg", grey(int(name[-5:])))
            put(root / f"HIT-UAV/normal_xml/Annotations/{name}.xml", voc_xml("Person", "Car"))
        save(root / f"HIT-UAV/normal_json/{side}/{there[0]}.jpg", grey(int(there[0][-5:])))
        put(root / f"HIT-UAV/normal_json/annotations/{side}.json", _json(names))
    put(root / "HIT-UAV/normal_xml/ImageSets/Main/trainval.txt", "1_60_30_0_00000")
    put(root / "HIT-UAV/normal_xml/ImageSets/.DS_Store")
    return Expected(
        pairs=6,
        subsets={"train": 3, "val": 1, "test": 2},
        scenes=SCENES,
        boxes=12,
        keys=["hit_uav-1_60_30_0_00000", "hit_uav-0_60_30_0_01609"],
        junk=1,
    )


def tree_of_json(root: Path) -> Expected:
    for side, names in LISTED.items():
        for name in names:
            save(root / f"normal_json/{side}/{name}.jpg", grey(int(name[-5:])))
        put(root / f"normal_json/annotations/{side}.json", _json(names))
    return Expected(
        pairs=7,
        subsets={"train": 4, "val": 1, "test": 2},
        scenes={**SCENES, "0_90_90_0-9999": 1},
        boxes=7,
        keys=["hit_uav-1_60_30_0_00000"],
    )

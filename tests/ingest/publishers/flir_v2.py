"""FLIR_ADAS_v2: names that never match, and the table that says what goes together, with lines for absent files."""

import json
from pathlib import Path

from publisher import Expected, colour, grey, put, save

PAIRS = {
    "video-BzZspxAweF8AnKhWK-frame-000745-SkxuGFhJKhiRXRQZy": "video-5RSrbWYu9eokv5bvR-frame-000002-RBLJxAtJuHRvAtbGk",
    "video-BzZspxAweF8AnKhWK-frame-000746-AkxuGFhJKhiRXRQZy": "video-5RSrbWYu9eokv5bvR-frame-000003-SBLJxAtJuHRvAtbGk",
    "video-FkqCGijjAKpABetZZ-frame-000226-PBjvvWqs5Hcp5MBYr": "video-t3f7QC8hZr6zYXpEZ-frame-000000-mRyGFXzZSSXbqCnYr",
}


def coco(names: list[str], sizes: list[int]) -> str:
    images = [{"id": i, "file_name": f"data/{name}.jpg"} for i, name in enumerate(names)]
    rows = [{"id": i, "image_id": i, "category_id": 73, "bbox": [2, 2, 9, size]} for i, size in enumerate(sizes)]
    return json.dumps({"images": images, "annotations": rows, "categories": [{"id": 73, "name": "stroller"}]})


def tree(root: Path) -> Expected:
    folder = root / "FLIR_ADAS_v2"
    for seed, (visible, thermal) in enumerate(PAIRS.items()):
        save(folder / f"video_rgb_test/data/{visible}.jpg", colour(seed, 96, 72))
        save(folder / f"video_thermal_test/data/{thermal}.jpg", grey(seed))
    save(folder / "images_rgb_train/data/video-2Af3dwvs6YPfwSvf6-frame-000000-imW26tjWLSXLzTs9Q.jpg", colour(8))
    save(folder / "images_thermal_train/data/video-2SReBn5LtAkL5HMj2-frame-000072-MA7NCLQGoqq9aHaiL.jpg", grey(8))
    put(folder / "video_rgb_test/coco.json", coco(list(PAIRS), [9, 30, 30]))
    put(folder / "video_thermal_test/coco.json", coco(list(PAIRS.values())[:1], [9]))
    put(folder / "video_rgb_test/index.json", "{}")
    table = {f"{visible}.jpg": f"{thermal}.jpg" for visible, thermal in PAIRS.items()}
    table["video-FkqCGijjAKpABetZZ-frame-000227-x.jpg"] = "video-t3f7QC8hZr6zYXpEZ-frame-000001-y.jpg"
    put(folder / "rgb_to_thermal_vid_map.json", json.dumps(table))
    save(folder / "video_thermal_test/data/video-t3f7QC8hZr6zYXpEZ-frame-000001-y.jpg", grey(9))
    return Expected(
        pairs=3,
        subsets={"test": 3},
        scenes={"video-5RSrbWYu9eokv5bvR": 2, "video-t3f7QC8hZr6zYXpEZ": 1},
        failed={"missing_pair": 1},
        boxes=4,
        keys=["flir_v2-video-5rsrbwyu9eokv5bvr-frame-000002-rbljxatjuhrvatbgk"],
    )

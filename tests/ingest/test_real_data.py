"""Real downloads ingest with the counts, subsets, scenes and boxes of their publishers, junk and all.

Each folder holds a small part of a dataset, byte for byte as published.
"""

import json
from collections import Counter
from dataclasses import dataclass, field

import pytest

from ingest.plan import make_plan
from ingest.source import get
from ingest.tree import open_tree
from shards import part
from shards.verify import verify


@dataclass(frozen=True)
class Known:
    """What was counted in a folder by hand."""

    folder: str
    subsets: dict[str, int]
    scenes: int
    boxes: dict[str, int] = field(default_factory=dict)
    junk: int = 0
    band: str = "lwir"
    passed: tuple[bool, bool] = (True, True)


KNOWN = {
    "roadscene": Known("RoadScene", {"all": 221}, 120, junk=1),
    "llvip": Known("LLVIP", {"train": 27, "test": 9}, 3),
    "m3fd": Known("M3FD_Detection", {"all": 4}, 3),  # its labels are YOLO files of somebody else: no boxes
    "msrs": Known("MSRS", {"train": 5, "test": 17}, 6),
    "fmb": Known("FMB", {"test": 2}, 2),
    "kaist": Known("KAIST", {"test": 8}, 6, boxes={"person": 51, "people": 6}),
    "tno": Known("TNO", {"all": 8}, 8, band="mixed"),
    "mfnet": Known("MFNet", {"all": 1}, 1, passed=(False, False)),
    "vtuav": Known("VTUAV", {"all": 11}, 1, boxes={"bus1": 12}),  # every tenth frame, on either side
    "vedai": Known("VEDAI", {"all": 2}, 2, band="nir"),
    "hit_uav": Known(
        "HIT-UAV",
        {"train": 69, "val": 10, "test": 27},
        19,
        boxes={"Person": 676, "Bicycle": 182, "Car": 124, "DontCare": 13, "OtherVehicle": 1},
        junk=1,
    ),
}


@pytest.mark.parametrize("name", KNOWN)
def test_counts(raw_data, home, take, capsys, name):
    known = KNOWN[name]
    assert take(name, raw_data / known.folder, home, "--json", "--strict") == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert (data["failed"], data["ignored"]["junk"]) == ({}, known.junk)
    rows = [row for path in part.parts(home) for row in part.read_rows(path)]
    assert Counter(row["subset"] for row in rows) == known.subsets
    assert len({row["scene"] for row in rows}) == known.scenes
    assert Counter(box["label"] for row in rows for box in row["boxes"]) == known.boxes
    assert {row["band"] for row in rows} == {known.band}
    if rows[0]["vis_path"]:
        assert {row["vis_passed"] for row in rows} == {known.passed[0]}
        assert all((row["vis_width"], row["vis_height"]) == (row["ir_width"], row["ir_height"]) for row in rows)
    assert {row["ir_passed"] for row in rows} == {known.passed[1]}, "every byte is the publisher's"
    assert [found for _, findings in verify(home) for found in findings] == []


def test_wedges_and_frames_lie_outside_of_the_valid_box(raw_data, home, take):
    for name, folder in {"m3fd": "M3FD_Detection", "tno": "TNO"}.items():
        assert take(name, raw_data / folder, home, "--quiet") == 0
    rows = {row["key"]: row for path in part.parts(home) for row in part.read_rows(path)}
    boxes = {key: tuple(row[f"valid_{edge}"] for edge in ("x0", "y0", "x1", "y1")) for key, row in rows.items()}
    assert boxes["m3fd-00388"] == (0, 0, 1024, 768)
    for key, right, bottom in (("m3fd-00000", 1024, 768), ("tno-tno_012", 640, 480)):
        x0, y0, x1, y1 = boxes[key]
        assert 0 < x0 < 30, key
        assert 0 < y0 < 30, key
        assert right - 30 < x1 < right, key
        assert bottom - 30 < y1 < bottom, key


def test_m3svd_s_clips_have_the_frames_that_were_decoded(raw_data):
    plan = make_plan(get("m3svd"), open_tree(raw_data / "M3SVD"))
    scenes = Counter(sample.scene for shard in plan.shards for sample in shard.samples)
    assert scenes == {"0111_1716": 151, "0113_1714": 560, "0117_1605": 407, "1230_1202": 205}


def test_llvip_s_scene_is_the_camera(raw_data):
    plan = make_plan(get("llvip"), open_tree(raw_data / "LLVIP"))
    sides = {(shard.subset, sample.scene) for shard in plan.shards for sample in shard.samples}
    assert sides == {("train", "01"), ("test", "19"), ("test", "20")}


def test_hit_uav_s_flights_are_its_runs_of_frames(raw_data):
    plan = make_plan(get("hit_uav"), open_tree(raw_data / "HIT-UAV"))
    scenes = Counter(sample.scene for shard in plan.shards for sample in shard.samples)
    assert {scene.rsplit("-", 1)[0]: n for scene, n in scenes.items() if n >= 8} == {
        "1_60_30_0": 12,
        "1_60_60_0": 10,
        "0_60_30_0": 12,
        "0_60_90_0": 10,
        "1_130_50_0": 10,
        "0_100_60_0": 9,
        "0_120_60_0": 12,
        "0_130_70_0": 9,
        "1_130_30_0": 8,
    }


def test_flat_folders_ingest_by_two_templates(raw_data, home, take, capsys):
    templates = ["--visible", "VIS/{id}", "--infrared", "IR/{id}", "--name", "my_tno"]
    assert take("folder", raw_data / "TNO", home, "--json", *templates) == 0
    assert json.loads(capsys.readouterr().out)["data"]["ok"] == 8


def test_both_sides_in_one_folder_ingest_by_two_templates(raw_data, home, take, capsys):
    templates = ["--visible", "{id}_co", "--infrared", "{id}_ir", "--name", "my_vedai"]
    assert take("folder", raw_data / "VEDAI", home, "--json", *templates) == 0
    assert json.loads(capsys.readouterr().out)["data"]["ok"] == 2


def test_infrared_alone_ingests_by_one_template(raw_data, home, take, capsys):
    options = ["--infrared", "JPEGImages/{id}", "--name", "my_hit_uav"]
    assert take("folder", raw_data / "HIT-UAV" / "normal_xml", home, "--json", *options) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert (data["ok"], data["ignored"]["junk"]) == (106, 1)

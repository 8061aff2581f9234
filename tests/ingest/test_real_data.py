"""Real downloads ingest with the counts of their publishers, junk and all."""

import json

import pytest

from shards.manifest import Manifest


@pytest.mark.parametrize(
    ("name", "folder", "ok", "scenes", "junk", "subsets"),
    [
        ("roadscene", "RoadScene", 221, 120, 1, {"all": 221}),
        ("llvip", "LLVIP", 36, 3, 0, {"train": 27, "test": 9}),
        ("m3fd", "M3FD_Detection", 4, 3, 0, {"all": 4}),
    ],
)
def test_counts(raw_data, home, take, capsys, name, folder, ok, scenes, junk, subsets):
    assert take(name, raw_data / folder, home, "--json", "--strict") == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert (data["ok"], data["failed"], data["ignored"]["junk"]) == (ok, {}, junk)
    with Manifest.open(home) as manifest:
        rows = manifest.rows("select * from samples")
    assert len({row["scene"] for row in rows}) == scenes
    assert {s: sum(row["subset"] == s for row in rows) for s in subsets} == subsets
    assert all(row["vis_passed"] and row["ir_passed"] for row in rows), "every byte is the publisher's"
    assert all((row["vis_width"], row["vis_height"]) == (row["ir_width"], row["ir_height"]) for row in rows)


def test_flat_folders_ingest_by_two_templates(raw_data, home, take, capsys):
    templates = ["--visible", "VIS/{id}", "--infrared", "IR/{id}", "--name", "tno"]
    assert take("folder", raw_data / "TNO", home, "--json", *templates) == 0
    assert json.loads(capsys.readouterr().out)["data"]["ok"] == 8


def test_both_sides_in_one_folder_ingest_by_two_templates(raw_data, home, take, capsys):
    templates = ["--visible", "{id}_co", "--infrared", "{id}_ir", "--name", "vedai"]
    assert take("folder", raw_data / "VEDAI", home, "--json", *templates) == 0
    assert json.loads(capsys.readouterr().out)["data"]["ok"] == 2


def test_infrared_alone_ingests_by_one_template(raw_data, home, take, capsys):
    options = ["--infrared", "JPEGImages/{id}", "--name", "hit_uav"]
    assert take("folder", raw_data / "HIT-UAV" / "normal_xml", home, "--json", *options) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert (data["ok"], data["ignored"]["junk"]) == (106, 1)

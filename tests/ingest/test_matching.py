"""Pairing beyond templates: through a table, a shift, or what names in one folder have in common."""

import json

import pytest
from publisher import grey, put, save

from ingest.layout import find
from ingest.matching import NameTable, SceneFolders, Shifts
from ingest.source import Layout, Source
from ingest.tree import Folder, open_tree
from shards.errors import UserError

TABLE = NameTable("map.json", "visible", "infrared")
SHIFTS = Shifts("visible", "infrared", "V_", [(1, 9, 0), (10, 20, 5), (30, 40, -1)], alone=frozenset({29, 3}))
FOLDERS = SceneFolders(("{visible}", "{infrared}"), frozenset({"vis", "visual"}), frozenset({"ir", "rad", "thermal"}))


def pairs(tmp_path, rule, visible, infrared, *paths):
    for seed, path in enumerate(paths):
        save(tmp_path / path, grey(seed))
    layout = Layout(visible=visible, infrared=infrared, match=rule)
    source = Source("demo", "Demo", 0, "lwir", "driving", "", "", False, "", [layout], scene="{id}")
    found = find(source, open_tree(tmp_path))
    return [
        (pair.fields["id"], pair.visible and pair.visible.path, pair.infrared and pair.infrared.path)
        for pair in found.pairs
    ]


def test_a_table_pairs_names_that_have_nothing_in_common(tmp_path):
    put(tmp_path / "map.json", json.dumps({"a.jpg": "x.jpg", "gone.jpg": "y.jpg"}))
    found = pairs(tmp_path, TABLE, "rgb/{visible}", "ir/{infrared}", "rgb/a.jpg", "rgb/b.jpg", "ir/x.jpg", "ir/y.jpg")
    assert found == [("x", "rgb/a.jpg", "ir/x.jpg"), ("y", None, "ir/y.jpg")]


def test_without_the_table_nothing_is_guessed(tmp_path):
    with pytest.raises(UserError, match=r"map\.json is not there, and without it nothing pairs"):
        pairs(tmp_path, TABLE, "rgb/{visible}", "ir/{infrared}", "rgb/a.jpg", "ir/a.jpg")


@pytest.mark.parametrize("content", ["[]", "{", '{"a.jpg": 7}'])
def test_a_table_of_another_form_is_refused(tmp_path, content):
    put(tmp_path / "map.json", content)
    with pytest.raises(UserError, match="no JSON object of names"):
        pairs(tmp_path, TABLE, "rgb/{visible}", "ir/{infrared}", "rgb/a.jpg", "ir/a.jpg")


@pytest.mark.parametrize(
    ("visible", "infrared"),
    [
        ("V_0009", "V_0009"),
        ("V_0010", "V_0015"),
        ("V_0031", "V_0030"),
        ("V_0030", None),  # 29 is alone
        ("V_0003", None),
        ("V_0025", None),  # in no range
        ("F_0010", "F_0010"),  # another series is not shifted
    ],
)
def test_frames_that_were_numbered_apart_find_each_other(tmp_path, visible, infrared):
    put(tmp_path / "x")
    match = SHIFTS.open(Folder(open_tree(tmp_path)))
    assert match("visible", {"visible": visible}) == (infrared and (infrared,))
    assert match("infrared", {"infrared": "V_0029"}) == ("V_0029",)


def test_files_of_one_folder_go_together_by_their_last_number(tmp_path):
    files = ["s/VIS_12_r.bmp", "s/VIS_013_r.bmp", "s/IR_013_g.bmp", "s/IR_12_g.bmp", "s/NIR_12.bmp"]
    assert pairs(tmp_path, FOLDERS, "{visible:**}", "{infrared:**}", *files) == [
        ("s/12", "s/VIS_12_r.bmp", "s/IR_12_g.bmp"),
        ("s/13", "s/VIS_013_r.bmp", "s/IR_013_g.bmp"),
    ]


def test_the_only_two_of_a_folder_go_together_whatever_their_names(tmp_path):
    files = ["s/VIS_37dhv.bmp", "s/IR_99rad.bmp", "t/Vis.tif", "t/ir.tif"]
    assert pairs(tmp_path, FOLDERS, "{visible:**}", "{infrared:**}", *files) == [
        ("s", "s/VIS_37dhv.bmp", "s/IR_99rad.bmp"),
        ("t", "t/Vis.tif", "t/ir.tif"),
    ]


def test_folders_named_after_a_side_belong_to_the_one_above(tmp_path):
    files = [f"s/{side}/{n}{letter}.bmp" for n in (1, 2) for side, letter in (("visual", "v"), ("thermal", "i"))]
    assert pairs(tmp_path, FOLDERS, "{visible:**}", "{infrared:**}", *files) == [
        ("s/1", "s/visual/1v.bmp", "s/thermal/1i.bmp"),
        ("s/2", "s/visual/2v.bmp", "s/thermal/2i.bmp"),
    ]


def test_a_name_that_tells_both_sides_is_none(tmp_path):
    files = ["s/VIS_1.bmp", "s/IR_1.bmp", "s/vis_ir_1.bmp", "s/other_1.bmp"]
    assert pairs(tmp_path, FOLDERS, "{visible:**}", "{infrared:**}", *files) == [("s", "s/VIS_1.bmp", "s/IR_1.bmp")]

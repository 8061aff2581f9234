"""Id lists are facts: read strictly, and those that ship hold what they say."""

import gzip
import hashlib
import json
from importlib import resources

import pytest

from shards.errors import UserError
from splits.definition import get, names
from splits.ids import lines, load

SHIPPED = sorted(p.name.partition(".")[0] for p in resources.files("splits.lists").iterdir() if ".txt" in p.name)


@pytest.fixture
def listed(tmp_path):
    """`listed(text)`: the ids of a list with that text."""

    def ids(text):
        (tmp_path / "ids.txt").write_text(text)
        return load("ids.txt", tmp_path)

    return ids


def test_ids_ranges_steps_and_comments(listed):
    text = "# by hand\nFLIR_00006\n\n{00009..00011}  # both ends\n  a-b \n0111-1716\n"
    assert listed(text + "set06/V000/I{00019..00059..20,00061}.png\n") == [
        *("FLIR_00006", "00009", "00010", "00011", "a-b", "0111-1716"),
        *(f"set06/V000/I{number:05d}.png" for number in (19, 39, 59, 61)),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("# nothing\n", "is empty"),
        ("1\n2\n1\n", "names 1 twice"),
        ("7\n{5..8}\n", "names 7 twice"),
        ("{9..3}", r"9..3 in '\{9..3\}' is no range"),
        ("{9..11}", "two numbers of equal length"),
        ("{1..9..0}", "is no range"),
    ],
)
def test_what_is_wrong_with_a_list_is_said(listed, text, said):
    with pytest.raises(UserError, match=said):
        listed(text)


def test_lists_come_compressed_and_as_json_too(tmp_path):
    (tmp_path / "ids.txt.gz").write_bytes(gzip.compress(b"# two\na\nb\n"))
    (tmp_path / "seeds.json").write_text('[["a.jpg"], "b.jpg"]')
    assert load("ids.txt.gz", tmp_path) == ["a", "b"]
    assert load("seeds.json", tmp_path) == ["a.jpg", "b.jpg"]
    for name, data in (("no.txt.gz", b"a\n"), ("no.json", b'{"a": 1'), ("no.txt", b"\xff\xfe")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UserError, match=r"no\..*cannot be read"):
            load(name, tmp_path)


def test_part_of_a_list(tmp_path):
    (tmp_path / "ids.txt").write_text("{0..9}\n")
    assert load("ids.txt[:3]", tmp_path) == ["0", "1", "2"]
    assert load("ids.txt[7:]", tmp_path) == ["7", "8", "9"]
    assert load("ids.txt[3:5]", tmp_path) == ["3", "4"]


def test_scenes_stand_one_to_a_line():
    scenes = lines("m3fd_scenes")
    table = json.loads(resources.files("ingest.sources").joinpath("m3fd_blocks.json").read_text())
    assert [[int(scene[0]), int(scene[-1])] for scene in scenes] == table["blocks"], "ingest says the same"
    assert len(lines("msrs_scenes")) == 11


def test_unknown_lists_get_the_nearest(tmp_path):
    with pytest.raises(UserError, match="did you mean m3fd_pinned_test650"):
        load("m3fd_pinned_test")
    with pytest.raises(UserError, match=r"no.txt does not exist.*TOML count from its folder"):
        load("no.txt", tmp_path)


def test_m3fd_s_pinned_lists_hold_3550_and_650_and_together_every_image_once():
    train, test = load("m3fd_pinned_train3550"), load("m3fd_pinned_test650")
    assert (len(train), len(test)) == (3550, 650)
    assert not set(train) & set(test)
    assert sorted(train + test) == [f"{number:05d}" for number in range(4200)]


def test_the_released_pairs_are_those_that_were_released():
    text = "".join(f"{name}\n" for name in load("ir500k_pairs"))
    # Names of IR-500K/paired/seeds.json in LidongWang-26/DiffV2IR@495947e, one to a line.
    assert (
        hashlib.sha256(text.encode()).hexdigest() == "2bebb6d27f573d63e92509fdc8f12691fa90fb6bc9292fe68b2c3e61324e1f9c"
    )


def test_flir_without_black_borders_is_what_remains_of_flir_aligned():
    whole = load("flir_aligned_train") + load("flir_aligned_validation")
    numbers = {int(name[-5:]) for name in whole}
    assert (len(whole), len(numbers)) == (5142, 5142)
    bordered = {number for number in numbers if 5511 <= number <= 8862}
    assert (len(bordered), min(bordered), max(bordered)) == (653, 5512, 8859)
    official = load("flir_4489_train") + load("flir_aligned_validation")
    tail = load("flir_4489_tail_train") + load("flir_4489_tail_test")
    assert {int(name[-5:]) for name in official} == {int(name[-5:]) for name in tail} == numbers - bordered
    assert [int(name[-5:]) < 9019 for name in load("flir_4489_tail_train")] == [True] * 3572
    assert len(load("flir_4489_tail_test")) == 917


def test_msrs_tests_on_every_fourth_name():
    train, test = load("msrs_train"), load("msrs_test")
    assert sorted(train + test)[3::4] == test
    assert (len(train), len(test)) == (1083, 361)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_list_that_ships_says_where_it_is_from_and_reads(name):
    path = next(p for p in resources.files("splits.lists").iterdir() if p.name.startswith(f"{name}."))
    text = (gzip.decompress(path.read_bytes()) if path.name.endswith(".gz") else path.read_bytes()).decode()
    assert "# Provenance: " in text
    assert load(name)


def test_every_list_that_a_dataset_names_is_there():
    for name in names():
        assert all(get(name).listed.values())

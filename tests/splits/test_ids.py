"""Id lists are facts: read strictly, and those that ship hold what they say."""

import json
from importlib import resources

import pytest

from shards.errors import UserError
from splits.definition import get, names
from splits.ids import load


@pytest.fixture
def listed(tmp_path):
    """`listed(text)`: the ids of a list with that text."""

    def ids(text):
        (tmp_path / "ids.txt").write_text(text)
        return load("ids.txt", tmp_path)

    return ids


def test_ids_ranges_and_comments(listed):
    text = "# by hand\nFLIR_00006\n\n00009-00011  # both ends\n  a-b \n0111-17165\n"
    assert listed(text) == ["FLIR_00006", "00009", "00010", "00011", "a-b", "0111-17165"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("# nothing\n", "is empty"),
        ("1\n2\n1\n", "names 1 twice"),
        ("7\n5-8\n", "names 7 twice"),
        ("9-3", "runs backwards"),
    ],
)
def test_what_is_wrong_with_a_list_is_said(listed, text, said):
    with pytest.raises(UserError, match=said):
        listed(text)


def test_unknown_lists_get_the_nearest(tmp_path):
    with pytest.raises(UserError, match="did you mean m3fd_pinned_test650"):
        load("m3fd_pinned_test")
    with pytest.raises(UserError, match=r"no.txt does not exist.*relative to the dataset's TOML file"):
        load("no.txt", tmp_path)


def test_m3fd_s_pinned_lists_hold_3550_and_650_and_together_every_image_once():
    train, test = load("m3fd_pinned_train3550"), load("m3fd_pinned_test650")
    assert (len(train), len(test)) == (3550, 650)
    assert not set(train) & set(test)
    assert sorted(train + test) == [f"{number:05d}" for number in range(4200)]


def test_no_scene_block_of_m3fd_lies_on_two_sides():
    sides = {int(i): "train" for i in load("m3fd_pinned_train3550")} | {
        int(i): "test" for i in load("m3fd_pinned_test650")
    }
    table = json.loads(resources.files("ingest.sources").joinpath("m3fd_blocks.json").read_text())
    for first, last in table["blocks"]:
        assert len({sides[number] for number in range(first, last + 1)}) == 1, (first, last)


def test_every_list_that_ships_says_where_it_is_from():
    for path in resources.files("splits.lists").iterdir():
        if path.name.endswith(".txt"):
            assert "provenance" in path.read_text().lower(), path.name


def test_every_list_that_a_dataset_names_is_there():
    for name in names():
        for listed in get(name).lists.values():
            assert load(listed)

"""A list of images is a dataset, part of one, or a file; whatever is wrong with it is one line."""

import pytest

from shards.errors import UserError
from splits.definition import get
from splits.listing import finder, listing


def test_a_dataset_is_all_its_subsets_or_the_one_that_is_asked_for(home):
    whole = listing("msrs", home)
    assert (whole.name, len(whole.keys)) == ("msrs", 1_444)
    assert whole.keys[0] == "msrs-00001d"
    assert (listing("msrs:test", home).name, len(listing("msrs:test", home).keys)) == ("msrs:test", 361)
    assert len(listing("msrs", home, subset="test").keys) == 361, "the subset that is meant where none is named"
    assert len(listing("msrs:train", home, subset="test").keys) == 1_083
    assert len(listing("roadscene", home, subset="test").keys) == 221, "there is none: all of them"


def test_a_file_holds_keys_or_released_names_or_the_ids_of_its_source(home, tmp_path):
    for text, spec, keys in (
        ("llvip-010001\nLLVIP_010002.jpg\n", "{}", ["llvip-010001", "llvip-010002"]),
        ("FLIR_00002\n", "flir_aligned={}", ["flir_aligned-flir_00002"]),
        ("visdrone_val_00010.jpg\n", "{}", ["dronevehicle-val_00010"]),
        ("any name\n", "mine={}", ["mine-any-name"]),
    ):
        (tmp_path / "ids.txt").write_text(text)
        assert listing(spec.format(tmp_path / "ids.txt"), home).keys == keys


def test_what_a_definition_avoids_is_not_on_its_list(home):
    clean = listing("ir500k_pairs_clean", home).keys
    tested = {key.partition("-")[2] for key in listing("flir_aligned:test", home).keys}
    assert not tested & {key.partition("-")[2] for key in clean}
    assert set(clean) < set(listing("ir500k_pairs", home).keys)


def test_of_sequences_those_images_are_listed_that_another_list_shows(home):
    shown = ["vtuav-bus_001-000001", "vtuav-zzz_999-000001", "llvip-010001"]
    training = get("vtuav").listed["train"]
    shown.append(f"vtuav-{training[0]}-000101")
    found = listing("vtuav:test", home, among=shown)
    assert found.keys == [key for key in shown[:2] if key.split("-")[1] not in training]
    assert found.sequences == 250
    assert listing("vtuav:train", home, among=shown).keys == shown[3:]


def test_names_of_one_picture_find_each_other():
    find = finder(["flir_aligned-flir_00006", "folder-a"])
    assert find("flir_aligned-flir_00006") == "flir_aligned-flir_00006"
    assert find("roadscene-flir_00006") == "flir_aligned-flir_00006"
    assert find("folder-a") == "folder-a"
    assert find("roadscene-flir_00018") is None
    assert find("folder-b") is None


@pytest.mark.parametrize(
    ("text", "spec", "said"),
    [
        ("17\n", "{}", "ids.txt: 17 is neither a key nor the name of an IR-500K pair: give SOURCE=FILE"),
        ("17\n", "flir_aligned={}", "ids.txt: 17 is no id of flir_aligned"),
        ("010001\n010002\n010001\n", "llvip={}", "names 010001 twice"),
        ("# none\n", "llvip={}", "is empty"),
        ("1\n", "no-{}", r"no-.*ids.txt does not exist"),
        ("1\n", "msrs:val", "no subset of msrs named 'val'"),
        ("1\n", "msr", "did you mean msrs"),
        ("1\n", "ir500k", "ir500k has no published list, and is not built in"),
    ],
)
def test_what_is_wrong_with_a_list_is_said(home, tmp_path, text, spec, said):
    (tmp_path / "ids.txt").write_text(text)
    with pytest.raises(UserError, match=said):
        listing(spec.format(tmp_path / "ids.txt"), home)

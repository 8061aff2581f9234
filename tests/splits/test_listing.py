"""A list of images is a dataset, part of one, or a file; whatever is wrong with it is one line."""

import pytest

from shards.errors import UserError
from shards.manifest import Manifest
from splits.build import build
from splits.definition import get
from splits.listing import both, finder, listing


def test_a_dataset_is_all_its_subsets_or_the_one_that_is_asked_for(home):
    whole = listing("msrs", home)
    assert (whole.name, len(whole.keys)) == ("msrs", 1_444)
    assert whole.keys[0] == "msrs-00001d"
    assert (listing("msrs:test", home).name, len(listing("msrs:test", home).keys)) == ("msrs:test", 361)
    assert len(listing("msrs", home, subset="test").keys) == 361, "the subset that is meant where none is named"
    assert len(listing("msrs:train", home, subset="test").keys) == 1_083
    whole = listing("roadscene", home, subset="test")
    assert len(whole.keys) == 221, "there is none: all of them"
    assert whole.remark == "roadscene has no published test list: all its images count"


def test_a_file_holds_keys_or_released_names_or_the_ids_of_its_source(home, tmp_path):
    (home.shards / "mine").mkdir(parents=True)  # as ingested
    for text, spec, keys in (
        ("llvip-010001\nLLVIP_010002.jpg\n", "{}", ["llvip-010001", "llvip-010002"]),
        ("FLIR_00002\n", "flir_aligned={}", ["flir_aligned-flir_00002"]),
        ("visdrone_val_00010.jpg\n", "{}", ["dronevehicle-val_00010"]),
        ("any name\n", "mine={}", ["mine-any-name"]),
        ("msrs-00004N\nMINE-a\n", "{}", ["msrs-00004n", "mine-a"]),
        ("MSRS_00004N.png\n", "ir500k={}", ["msrs-00004n"]),
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


def test_images_of_sequences_are_never_none_without_a_word(home):
    with pytest.raises(UserError, match=r"vtuav has no published list of images, and is not built in .*build vtuav"):
        listing("vtuav:train", home)
    with pytest.raises(UserError, match="no subset of vtuav named 'tset': did you mean test"):
        listing("vtuav:tset", home, among=["vtuav-bus_001-000001"])


def test_of_two_lists_one_tells_the_images_of_the_other_s_sequences(home):
    first, last = both("vtuav:train", "ir500k_pairs:train", home)
    assert (len(first.keys), len(last.keys)) == (3_194, 59_420)
    assert set(first.keys) < set(last.keys)
    first, last = both("ir500k_pairs", "vtuav", home)
    assert (len(first.keys), len(last.keys), last.sequences) == (66_023, 7_236, 250)
    with pytest.raises(UserError, match="vtuav has no published list of images"):
        both("vtuav:train", "vtuav:test", home)


def test_the_images_of_sequences_are_those_of_a_whole_build(llvip_home, tmp_path):
    (tmp_path / "ids.txt").write_text("01\n02\n")
    toml = tmp_path / "seq.toml"
    toml.write_text(
        'title = "T"\nversion = 1\n[[source]]\nname = "llvip"\n'
        '[split]\nby = "sequence"\nrest = "test"\nlists = { train = "ids.txt" }\n'
    )
    with pytest.raises(UserError, match="seq has no published list of images"):
        listing(f"{toml}:train", llvip_home)
    assert listing(f"{toml}:test", llvip_home, among=["llvip-530006"]).sequences == 0, "how many is unknown"
    with Manifest.open(llvip_home) as manifest:
        build(get(str(toml)), llvip_home, manifest, partial=True)
    assert len(listing(f"{toml}:train", llvip_home).keys) == 6
    found = listing(f"{toml}:test", llvip_home)
    assert (len(found.keys), found.sequences) == (3, None)


def test_the_subsets_of_a_split_by_groups_are_those_of_its_build(llvip_home, tmp_path):
    (tmp_path / "ids.txt").write_text("010000\n010001\n010002\n020003\n020004\n020005\n530006\n530007\n530008\n")
    toml = tmp_path / "mine.toml"
    toml.write_text(
        'title = "T"\nversion = 1\n[[source]]\nname = "llvip"\n'
        '[split]\nby = "group"\nfractions = { train = 0.7, test = 0.3 }\nlists = { all = "ids.txt" }\n'
    )
    with pytest.raises(UserError, match=r"mine has no published subsets, and is not built in .*build mine"):
        listing(f"{toml}:test", llvip_home)
    with Manifest.open(llvip_home) as manifest:
        build(get(str(toml)), llvip_home, manifest)
    assert len(listing(f"{toml}:train", llvip_home).keys) == 6
    assert len(listing(f"{toml}:test", llvip_home).keys) == 3
    assert len(listing(f"{toml}:all", llvip_home).keys) == 9


def test_an_image_under_two_names_counts_once(home, tmp_path):
    (tmp_path / "ids.txt").write_text("MSRS_00004N.png\nmsrs-00004N\nmsrs-00008n\n")
    found = listing(str(tmp_path / "ids.txt"), home)
    assert found.keys == ["msrs-00004n", "msrs-00008n"]
    assert found.remark == "ids.txt: 1 ids name an image again that is listed before them"


def test_ids_that_no_publisher_knows_are_taken_from_what_is_ingested(llvip_home, tmp_path):
    (tmp_path / "ids.txt").write_text("530006\n")  # of no scene of the true LLVIP
    assert listing(f"llvip={tmp_path / 'ids.txt'}", llvip_home).keys == ["llvip-530006"]


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
        ("1\n", "kiast={}", "no source named 'kiast': did you mean kaist"),
        ("hello\nworld\n", "ir500k={}", "hello is no id of ir500k; 2 of its 2 ids are unknown"),
        ("kaist-foo\n", "{}", "ids.txt: kaist-foo is no id of kaist"),
        ("MSRS_99999N.png\n", "{}", "MSRS_99999N.png is no id of msrs"),
        (f"msrs-{'0' * 90}\n", "{}", "is no id of msrs"),
        ("1\n", "roadscene:test", "roadscene has no published subsets, and is not built in"),
        ("1\n", "msr", "did you mean msrs"),
        ("1\n", "ir500k", "ir500k has no published list, and is not built in"),
    ],
)
def test_what_is_wrong_with_a_list_is_said(home, tmp_path, text, spec, said):
    (tmp_path / "ids.txt").write_text(text)
    with pytest.raises(UserError, match=said):
        listing(spec.format(tmp_path / "ids.txt"), home)

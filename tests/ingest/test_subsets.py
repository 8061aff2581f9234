"""Subsets that no path tells come from a field or from the publisher's index files, and those are never trusted."""

from pathlib import Path

import pytest

from ingest.plan import make_plan
from ingest.source import Layout, Source
from ingest.subsets import ByField, ByNumber, IndexFiles
from ingest.tree import Folder, open_tree
from shards.errors import UserError

LISTS = {"train": "ImageSets/Main/train.txt", "test": "ImageSets/Main/test.txt"}


@pytest.fixture
def folder(tmp_path):
    """`folder(train, test, root)`: a dataset's folder with two index files."""

    def make(train="", test="", root=""):
        for name, text in (("train", train), ("test", test)):
            path = tmp_path / root / f"ImageSets/Main/{name}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        return Folder(open_tree(tmp_path), root)

    return make


def samples(*names):
    return [{"id": name} for name in names]


def test_a_field_names_the_subset():
    rule = ByField("set", {"set00": "train", "set06": "test"})
    assert rule([{"set": "set06"}, {"set": "set00"}, {"set": "set99"}], None) == ["test", "train", "all"]


def test_ranges_of_a_number_name_the_subset_both_ends_included():
    rule = ByNumber("number", {"train": (1, 8862), "validation": (8863, 10_228)})
    numbers = [{"number": number} for number in (0, 1, 8862, 8863, 10_228, 10_229)]
    assert rule(numbers, None) == ["all", "train", "train", "validation", "validation", "all"]


def test_index_files_name_the_subset_and_what_they_do_not_list_is_of_none(folder):
    place = folder("1\n2\n", "3\n")
    assert IndexFiles(LISTS)(samples("3", "1", "2", "4"), place) == ["test", "train", "train", "all"]
    assert place.notes == []


@pytest.mark.parametrize(
    "line",
    ["1", "1.png", "images/1.jpg", "\t1  ", "color/1.jpg,annotations/1.png", "a\\b\\1.png", "1 0 5", "\ufeff1", "1\r"],
)
def test_lines_may_have_folders_extensions_and_more_fields(folder, line):
    assert IndexFiles(LISTS)(samples("1"), folder(train=f"{line}\n\n")) == ["train"]


def test_names_may_be_made_of_several_fields():
    rule = IndexFiles({}, "{set}/{video}/{id}")
    assert rule([{"set": "set00", "video": "V000", "id": "I00001"}], None) == ["all"]


def test_a_pattern_takes_the_name_out_of_a_line(folder):
    rule = IndexFiles(LISTS, line=r"(FLIR_\d{5})")
    place = folder(train="FLIR_00002_PreviewData\nreadme\n", test="x/FLIR_00003_RGB.jpg\n")
    assert rule(samples("FLIR_00002", "FLIR_00003"), place) == ["train", "test"]


def test_lines_without_a_sample_are_counted_and_told_once(folder):
    place = folder("1\n7\n8\n")
    assert IndexFiles(LISTS)(samples("1"), place) == ["train"]
    assert place.notes == ["ImageSets/Main/train.txt lists 2 names that are not there"]


def test_an_index_file_that_is_not_there_is_told(tmp_path):
    (tmp_path / "x").touch()
    place = Folder(open_tree(tmp_path))
    assert IndexFiles(LISTS)(samples("1"), place) == ["all"]
    assert place.notes[0] == "ImageSets/Main/train.txt is not there: its samples are of subset all"


def test_one_name_in_two_lists_is_an_error(folder):
    with pytest.raises(UserError, match="1 is listed for train and for test"):
        IndexFiles(LISTS)(samples("1"), folder("1\n", "1\n"))


@pytest.mark.parametrize("line", ["../../etc/passwd", "/etc/passwd", "a/../../b", "..\\x", "C:\\x", "C:/x"])
def test_lines_that_lead_out_of_the_folder_are_refused(folder, line):
    with pytest.raises(UserError, match="leads out"):
        IndexFiles(LISTS)(samples("1"), folder(train=line))


@pytest.mark.parametrize("path", ["../secret.txt", "/etc/passwd", "a/../../secret.txt", "..\\secret.txt"])
def test_rules_cannot_read_outside_of_the_dataset(folder, path):
    place = folder(root="inner/")
    Path(place.tree.root, "secret.txt").write_text("x")
    with pytest.raises(UserError, match="leads out"):
        place.read(path)


def test_a_folder_reads_below_its_root_and_knows_what_is_listed(folder):
    place = folder(train="5\n", root="inner/")
    assert place.read("ImageSets/Main/train.txt") == b"5\n"
    assert place.read("ImageSets/Main/val.txt") is None
    assert place.read("ImageSets") is None


def test_subsets_of_a_source_name_its_shards(tmp_path, save):
    for name in ("1", "2", "3"):
        save(tmp_path / f"v/{name}.png", int(name), channels=3)
        save(tmp_path / f"t/{name}.png", int(name) + 9)
    for name, text in (("train", "1"), ("test", "2\n77")):
        (tmp_path / f"{name}.txt").write_text(text)
    rule = IndexFiles({"Train Set": "train.txt", "test": "test.txt"})
    facts = ("demo", "Demo", 0, "lwir", "driving", "", "", False, "", [Layout("v/{id}", "t/{id}")])
    plan = make_plan(Source(*facts, scene="{id}", subset=rule), open_tree(tmp_path))
    named = {shard.subset: [sample.key for sample in shard.samples] for shard in plan.shards}
    assert named == {"all": ["demo-3"], "test": ["demo-2"], "train-set": ["demo-1"]}
    assert plan.notes == ("test.txt lists 1 names that are not there",)

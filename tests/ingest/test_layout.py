"""A dataset is found where it lies, its files paired by shared fields, and a wrong folder gets the right advice."""

import pytest

from ingest.layout import find, guess, joined
from ingest.source import Layout, Source, get
from ingest.template import Template
from ingest.tree import Entry, Tree
from shards.errors import UserError


def tree(*paths):
    return Tree(None, [Entry(path, 10) for path in sorted(paths)], 0)


def source(*layouts, name="demo"):
    return Source(name, "Demo", 0, "lwir", "driving", "", "", False, "", [*layouts], scene="{id}")


def pairs(found):
    return {
        tuple(pair.fields.values()): (pair.visible and pair.visible.path, pair.infrared and pair.infrared.path)
        for pair in found.pairs
    }


SIMPLE = Layout("rgb/{id}", "ir/{id}")


def test_two_files_are_a_pair_when_their_shared_fields_agree():
    found = find(source(SIMPLE), tree("rgb/1.jpg", "rgb/2.jpg", "rgb/3.jpg", "ir/1.png", "ir/2.PNG", "ir/4.png"))
    assert pairs(found) == {
        ("1",): ("rgb/1.jpg", "ir/1.png"),
        ("2",): ("rgb/2.jpg", "ir/2.PNG"),
        ("3",): ("rgb/3.jpg", None),
        ("4",): (None, "ir/4.png"),
    }


def test_numbers_join_whatever_their_zeros():
    layout = Layout("v/{frame:d}", "t/frame_{frame:d}")
    found = find(source(layout), tree("v/12.jpg", "v/7.jpg", "t/frame_000012.png", "t/frame_000007.png"))
    assert pairs(found) == {
        (7,): ("v/7.jpg", "t/frame_000007.png"),
        (12,): ("v/12.jpg", "t/frame_000012.png"),
    }


def test_fields_of_one_side_only_do_not_hinder():
    layout = Layout("v/{id}_{camera}", "t/{id}")
    found = find(source(layout), tree("v/1_left.jpg", "t/1.png"))
    assert pairs(found) == {("1", "left"): ("v/1_left.jpg", "t/1.png")}


@pytest.mark.parametrize("above", ["", "LLVIP/", "a/b/", "a/b/c/"])
def test_the_root_is_found_up_to_three_folders_below(above):
    found = find(source(SIMPLE), tree(f"{above}rgb/1.jpg", f"{above}ir/1.jpg", "readme.txt"))
    assert found.root == above
    assert len(found.pairs) == 1


def test_four_folders_below_is_too_deep():
    with pytest.raises(UserError, match="no demo below"):
        find(source(SIMPLE), tree("a/b/c/d/rgb/1.jpg", "a/b/c/d/ir/1.jpg"))


def test_the_shallowest_root_counts():
    found = find(source(SIMPLE), tree("rgb/1.jpg", "ir/1.jpg", "backup/rgb/1.jpg", "backup/ir/1.jpg"))
    assert (found.root, len(found.pairs), found.unused) == ("", 1, 2)


def test_roots_side_by_side_that_share_no_key_are_parts_of_one_download():
    found = find(source(SIMPLE), tree("v1/rgb/1.jpg", "v1/ir/1.jpg", "v1/a.txt", "v2/rgb/2.jpg", "v2/ir/2.jpg"))
    assert [(part.root, len(part.pairs), part.unused) for part in found.parts] == [("v1/", 1, 1), ("v2/", 1, 0)]
    assert found.notes == ("demo lies in 2 folders: v1/, v2/",)


def test_samples_that_lie_deeper_or_in_another_form_are_told_of():
    other = Layout("left/{id}", "right/{id}")
    files = ["rgb/1.jpg", "ir/1.jpg", "b/rgb/2.jpg", "b/ir/2.jpg", "left/3.jpg", "right/3.jpg", "b/left/4.jpg"]
    found = find(source(SIMPLE, other), tree(*files))
    assert [pair.fields["id"] for pair in found.pairs] == ["1"]
    assert found.notes == (
        "1 samples below b/ are left out: move that folder up beside the others",
        "1 samples are left out, which lie in another form: left/{id} + right/{id}",
    )


def test_a_copy_farther_below_is_no_part():
    found = find(
        source(SIMPLE), tree("rgb/1.jpg", "ir/1.jpg", "rgb/2.jpg", "ir/2.jpg", "old/rgb/2.jpg", "old/ir/2.jpg")
    )
    assert (len(found.parts), len(found.pairs)) == (1, 2)


@pytest.mark.parametrize(("name", "folder"), [("m3fd", "M3FD_Fusion"), ("m3fd_fusion", "m3fd_detection")])
def test_a_folder_that_names_the_other_part_of_m3fd_is_not_taken(name, folder):
    with pytest.raises(UserError, match=f"no {name} below"):
        find(get(name), tree(f"{folder}/Vis/00001.png", f"{folder}/Ir/00001.png"))


def test_several_roots_side_by_side_are_listed_and_nothing_is_guessed():
    with pytest.raises(UserError, match="holds 2 copies of demo: v1/, v2/: give one of these folders"):
        find(source(SIMPLE), tree("v1/rgb/1.jpg", "v1/ir/1.jpg", "v2/rgb/1.jpg", "v2/ir/1.jpg"))


def test_of_several_layouts_the_one_with_most_pairs_is_taken():
    official, other = Layout("{subset:train|test}/rgb/{id}", "{subset:train|test}/ir/{id}"), SIMPLE
    files = [f"{subset}/{side}/{i}.png" for subset in ("train", "test") for side in ("rgb", "ir") for i in range(3)]
    found = find(source(other, official), tree(*files))
    assert (found.layout, found.root, len(found.pairs)) == (official, "", 6)


def test_infrared_alone_needs_no_visible_side():
    found = find(source(Layout(None, "thermal/{id}")), tree("x/thermal/1.jpg", "x/thermal/2.jpg", "x/readme.md"))
    assert pairs(found) == {("1",): (None, "x/thermal/1.jpg"), ("2",): (None, "x/thermal/2.jpg")}
    assert found.unused == 1


def test_files_below_the_root_that_are_no_side_are_counted_others_not():
    found = find(source(SIMPLE), tree("a/rgb/1.jpg", "a/ir/1.jpg", "a/note.txt", "a/more/2.jpg", "b/3.jpg", "a0.txt"))
    assert found.unused == 2


@pytest.mark.parametrize("twin", ["rgb/1.png", "RGB/1.jpg"])
def test_two_files_for_one_sample_are_named(twin):
    with pytest.raises(UserError, match=r"(rgb|RGB)/1.* and rgb/1.* would be one sample"):
        find(source(SIMPLE), tree("rgb/1.jpg", "ir/1.jpg", twin))


def test_annotations_are_joined_within_the_root():
    files = tree("a/rgb/1.jpg", "a/ir/1.jpg", "a/box/1.xml", "b/box/1.xml", "captions.json", "a/captions.json")
    boxes = joined(Template("box/{id}.xml", image=False), files, "a/")
    assert (boxes({"id": "1", "subset": "train"}), boxes({"id": "2"})) == ("a/box/1.xml", None)
    assert joined(Template("captions.json", image=False), files, "a/")({"id": "1"}) == "a/captions.json"


def test_a_wrong_folder_is_told_what_was_looked_for_what_is_there_and_what_it_looks_like():
    roadscene = [f"{side}/FLIR_{i:05d}.jpg" for side in ("crop_LR_visible", "cropinfrared") for i in range(7)]
    with pytest.raises(UserError) as caught:
        find(get("llvip"), tree(*roadscene, "readme.md"))
    assert "looked for visible/{subset:train|test}/{id} + infrared/{subset:train|test}/{id}" in caught.value.problem
    assert "found crop_LR_visible/ (7 files), cropinfrared/ (7 files)" in caught.value.problem
    assert caught.value.remedy == "this looks like roadscene (7 pairs)"


def test_a_folder_that_looks_like_nothing_is_said_to_be_perhaps_not_whole():
    with pytest.raises(UserError, match="check that the download is whole"):
        find(get("m3fd"), tree("photos/1.jpg", "photos/2.jpg"))


def test_one_side_alone_is_not_the_dataset():
    with pytest.raises(UserError, match="no demo below"):
        find(source(SIMPLE), tree("rgb/1.jpg", "rgb/2.jpg"))


def test_guesses_come_best_first():
    files = [f"M3FD/{side}/{i:05d}.png" for side in ("Vis", "Ir") for i in range(5)]
    files += [f"x/{side}/FLIR_{i:05d}.jpg" for side in ("crop_LR_visible", "cropinfrared") for i in range(2)]
    assert guess(tree(*files)) == [("m3fd", 5), ("m3fd_fusion", 5), ("tno", 5), ("roadscene", 2)]


def test_of_equal_guesses_the_first_says_most_of_the_path_and_what_takes_any_folder_is_none():
    files = [f"{side}/FLIR_{i:05d}.jpg" for side in ("rgb", "ir") for i in range(3)]
    assert guess(tree(*files)) == [("ir500k", 3), ("folder", 3)]
    assert guess(tree("a/1.png", "b/2.png")) == []


def test_a_guess_looks_beyond_the_first_files_of_a_folder_where_they_tell_nothing():
    files = [f"all/{name}" for i in range(60) for name in (f"{i:08d}_co.png", f"{i + 30:08d}_ir.png")]
    assert guess(tree(*(path.replace("all", "Vehicules512") for path in files))) == [("vedai", 30)]
    apart = [f"Vehicules512/{i:08d}_co.png" for i in range(30)] + [
        f"Vehicules512/{i + 29:08d}_ir.png" for i in range(30)
    ]
    assert guess(tree(*apart)) == [("vedai", 1)]

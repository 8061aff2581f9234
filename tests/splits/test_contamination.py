"""What the field's lists have seen of the field's benchmarks: each number is a measured fact about published names."""

import json
import re
from functools import cache

import pytest

from shards.home import Home
from splits.__main__ import main
from splits.contamination import contamination, touched
from splits.definition import get
from splits.listing import listing


@cache
def listed(spec):
    """The keys of a published list."""
    return listing(spec, Home.find()).keys


@pytest.fixture
def compare(tmp_path):
    """`compare(seen, tested)`: one list against another, in a place where nothing is ingested."""

    def run(seen, tested):
        home = Home(tmp_path / "nowhere")
        first = listed(seen)
        found = contamination(first, listing(tested, home, subset="test", among=first).keys)
        assert not home.root.exists()
        return found

    return run


@pytest.mark.parametrize(
    ("tested", "total", "whole", "upstream"),
    [
        ("flir_aligned", 1_013, 1_013, 823),
        ("flir_aligned:train", 4_129, 4_129, 3_162),
        ("llvip", 3_463, 3_463, 2_946),
        ("msrs", 361, 361, 326),
        ("kaist", 2_252, 0, 0),
        ("dronevehicle", 8_980, 3_740, 2_881),
        ("dronevehicle:val", 1_469, 840, 840),
        ("m3fd_manual", 650, 0, 0),
        ("m3fd_zx", 1_295, 0, 0),
    ],
)
def test_the_released_pairs_hold_the_test_sides(compare, tested, total, whole, upstream):
    found = compare("ir500k_pairs", tested)
    assert (found.total, found.exact) == (total, whole)
    assert compare("ir500k_pairs:train", tested).exact == upstream, "the first 90 %, as upstream trains on"


def test_they_hold_the_paper_s_whole_flir_subset(compare):
    counts = [
        compare(seen, f"flir_4489_official:{side}").exact
        for seen in ("ir500k_pairs", "ir500k_pairs:train")
        for side in ("train", "test")
    ]
    assert (sum(counts[:2]), sum(counts[2:])) == (4_489, 3_477)


def test_they_hold_neighbours_of_kaist_s_test_frames_but_none_of_them(compare):
    found = compare("ir500k_pairs", "kaist")
    assert [found.within(frames) for frames in (0, 1, 2, 4, 5, 20)] == [0, 2_070, 2_070, 2_074, 2_074, 2_074]


def test_they_hold_7236_frames_of_177_test_sequences_of_vtuav(compare):
    found = compare("ir500k_pairs", "vtuav")
    assert (found.exact, len(set(found.scenes.values()))) == (7_236, 177)
    assert compare("ir500k_pairs:train", "vtuav").exact == 7_083
    training = [compare("ir500k_pairs", f"vtuav:{side}") for side in ("train", "val")]
    assert sum(found.exact for found in training) == 4_212
    assert sum(len(set(found.scenes.values())) for found in training) == 174


def test_roadscene_is_made_of_flir_pictures(compare):
    found = compare("flir_aligned", "roadscene")
    assert (found.exact, compare("flir_aligned:test", "roadscene").exact) == (108, 22)
    assert [found.within(frames) for frames in (1, 2, 5)] == [126, 138, 159]


def test_msrs_s_official_sides_are_neighbours(compare):
    found = compare("msrs:train", "msrs:test")
    assert [found.within(frames) for frames in (0, 1, 2, 3)] == [0, 359, 360, 361]
    alone = {key for key in listed("msrs:test") if found.distances[key] > 1}
    assert alone == {"msrs-00332d", "msrs-00606d"}


@pytest.mark.parametrize(
    ("seen", "tested", "adjacent", "in_a_seen_scene"),
    [
        (("m3fd_rgbx:train", "m3fd_rgbx:val"), "m3fd_rgbx", 809, 840),
        (("m3fd_zx:train",), "m3fd_zx", 73, 1_295),
        (("m3fd_manual:train",), "m3fd_manual", 0, 0),
        (("llvip:train",), "llvip", 0, 0),
        (("kaist:train",), "kaist", 0, 0),
    ],
)
def test_which_published_splits_cut_scenes(seen, tested, adjacent, in_a_seen_scene):
    keys = [key for spec in seen for key in listed(spec)]
    found = contamination(keys, listed(f"{tested}:test"))
    assert (found.exact, found.within(1), len(found.scenes)) == (0, adjacent, in_a_seen_scene)


def test_all_73_scenes_of_zxsplit_lie_on_both_sides(compare):
    assert len(set(compare("m3fd_zx:train", "m3fd_zx").scenes.values())) == 73


def test_the_clean_pairs_touch_no_benchmark(compare):
    clean = listed("ir500k_pairs_clean")
    assert 0 < len(clean) < 66_023
    for tested in get("ir500k_pairs_clean").minus:
        found = compare("ir500k_pairs_clean", tested)
        assert (found.within(10), len(found.scenes)) == (0, 0), tested
    assert {"kaist-set00-v000-i00000", "llvip-010001"} <= set(clean), "what no benchmark touches stays"


def test_touched_are_the_same_images_their_neighbours_and_their_scenes():
    keys = ["dronevehicle-train_00010", "dronevehicle-train_00012", "dronevehicle-train_00013", "folder-a", "folder-b"]
    assert touched(keys, ["dronevehicle-train_00010", "folder-b"], 2) == {keys[0], keys[1], keys[4]}
    assert touched(["kaist-set00-v000-i09999"], ["kaist-set00-v000-i00000"], 2) == {"kaist-set00-v000-i09999"}


def test_the_nearest_neighbour_counts_whichever_side_it_lies_on():
    seen = [f"dronevehicle-train_{number:05d}" for number in (10, 40)]
    tested = [f"dronevehicle-train_{number:05d}" for number in (1, 10, 12, 37, 99)] + ["dronevehicle-val_00010"]
    found = contamination(seen, tested)
    assert list(found.distances.values()) == [9, 0, 2, 3, 59]


def test_the_command_needs_neither_images_nor_home(command, tmp_path):
    done = command(
        *("splits", "contamination", "--model-data", "ir500k_pairs", "--eval", "flir_aligned", "--json"),
        env={"IR500K_HOME": str(tmp_path / "nowhere")},
    )
    data = json.loads(done.stdout)["data"]
    assert (done.returncode, data["exact"], data["total"]) == (0, 1_013, 1_013)
    assert data["neighbours"]["1"] == 1_013
    assert data["images"]["flir_aligned-flir_08864"] == 0
    assert not (tmp_path / "nowhere").exists()


def test_the_command_takes_anybody_s_list(tmp_path, capsys):
    (tmp_path / "seeds.json").write_text('[["FLIR_08864.jpg"], ["LLVIP_010001.jpg"]]')
    (tmp_path / "ids.txt").write_text("FLIR_08864\nFLIR_08866\nFLIR_09999\n")
    (tmp_path / "keys.txt").write_text("roadscene-flir_08865\n")
    for seen, tested, wanted in (
        ("seeds.json", "ids.txt", (1, 3, 2)),
        ("keys.txt", "ids.txt", (0, 3, 2)),
    ):
        words = ["contamination", "--model-data", str(tmp_path / seen), "--eval", f"flir_aligned={tmp_path / tested}"]
        assert main([*words, "--json"]) == 0
        data = json.loads(capsys.readouterr().out)["data"]
        assert (data["exact"], data["total"], data["neighbours"]["2"]) == wanted


def test_a_benchmark_published_as_sequences_has_no_total(capsys):
    assert main(["contamination", "--model-data", "ir500k_pairs", "--eval", "vtuav", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert (data["exact"], data["total"], data["sequences"], data["sequences_total"]) == (7_236, None, 177, 250)


def test_a_training_list_of_sequences_is_held_against_the_images_that_are_tested(capsys):
    words = ["contamination", "--model-data", "vtuav:train", "--eval", "ir500k_pairs:train", "--json"]
    assert main(words) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert (data["exact"], data["total"]) == (3_194, 59_420)


def test_a_whole_dataset_that_stands_for_its_test_side_is_told(capsys):
    assert main(["contamination", "--model-data", "msrs", "--eval", "msrs_scene", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert data["total"] == 1_444
    assert data["remarks"] == ["msrs_scene has no published test list: all its images count"]


@pytest.mark.parametrize(
    ("seen", "tested", "code", "said"),
    [
        ("ir500k_pair", "kaist", 2, "did you mean ir500k_pairs"),
        ("kaist:tset", "kaist", 2, "no subset of kaist named 'tset': did you mean test"),
        ("kaist", "aviid", 1, "aviid has no published list, and is not built in .*`python -m splits build aviid`"),
        ("no.txt", "kaist", 1, "no.txt does not exist"),
        ("vtuav", "vtuav", 1, "vtuav has no published list of images, and is not built in"),
        ("kiast=PLAIN", "kaist", 2, "no source named 'kiast': did you mean kaist"),
        ("PLAIN", "kaist", 1, "ids.txt: 17 is neither a key nor the name of an IR-500K pair: give SOURCE=FILE"),
    ],
)
def test_what_cannot_be_compared_is_one_line(tmp_path, capsys, seen, tested, code, said):

    (tmp_path / "ids.txt").write_text("17\n")
    seen = seen.replace("PLAIN", str(tmp_path / "ids.txt"))
    words = ["contamination", "--model-data", seen, "--eval", tested, "--home", str(tmp_path / "home")]
    assert main(words) == code
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert re.search(said, error)

"""Names tell recordings, numbers, and who shares pictures with whom."""

from collections import Counter
from itertools import pairwise

import pytest

from splits import ids
from splits.names import NUMBERINGS, Place, decode, key_of, place, scene

# The composition of the released IR-500K pair list, and of the slices that upstream takes from it:
# IR-500K/paired/seeds.json in LidongWang-26/DiffV2IR@495947e.
COMPOSITION = {
    "kaist": (15_856, 960, 963),
    "llvip": (13_864, 820, 804),
    "dronevehicle": (12_172, 641, 629),
    "vtuav": (11_218, 109, 121),
    "flir_aligned": (3_985, 576, 581),
    "msrs": (1_315, 63, 66),
    "aviid": (1_010, 132, 138),
}


@pytest.fixture(scope="module")
def pairs():
    return ids.load("ir500k_pairs")


def test_every_released_name_is_decoded_and_has_a_place_of_its_own(pairs):
    assert len(pairs) == 66_023
    assert all(decode(name) for name in pairs)
    keys = [key_of("ir500k", name) for name in pairs]
    assert len(set(keys)) == len({place(key) for key in keys}) == 66_023
    assert None not in {place(key) for key in keys}


def test_the_released_pairs_are_composed_as_measured(pairs):
    slices = [pairs[:59_420], pairs[59_420:62_721], pairs[62_721:]]
    found = [Counter(source for name in part if (source := (decode(name) or ("",))[0])) for part in slices]
    assert {source: tuple(counts[source] for counts in found) for source in COMPOSITION} == COMPOSITION
    assert sum(map(sum, COMPOSITION.values())) == 66_023, "70,223 with M3FD's 4,200: the paper's 70,000"


def test_the_drone_vehicle_part_keeps_the_official_sides(pairs):
    sides = Counter(name.split("_")[1] for name in pairs if name.startswith("visdrone"))
    assert sides == {"train": 8_862, "val": 840, "test": 3_740}


def test_kaist_is_every_fifth_frame_of_37_videos_and_vtuav_every_hundredth_of_351_sequences(pairs):
    places = [found for name in pairs if (found := place(key_of("ir500k", name)))]
    kaist = [p for p in places if p.family == "kaist"]
    vtuav = [p for p in places if p.family == "vtuav"]
    assert {p.frame % 5 for p in kaist} == {0}
    assert len({p.sequence for p in kaist}) == 37
    assert {p.frame % 100 for p in vtuav} == {1}
    assert len({p.sequence for p in vtuav}) == 351


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("flir_v1-flir_00006", "roadscene-flir_00006"),
        ("flir_v1-train-flir_00006", "flir_aligned-flir_00006"),
        ("mfnet-00001d", "msrs-00001d"),
        ("ir500k-visdrone_test_00012", "dronevehicle-test_00012"),
        ("ir500k-dutuav_pedestrian_002_000101", "vtuav-pedestrian_002-000101"),
        ("ir500k-kaist_set00_v000_i00005", "kaist-set00-v000-i00005"),
    ],
)
def test_sources_that_number_the_same_pictures_share_places(one, other):
    assert place(one) == place(other) != None  # noqa: E711


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("roadscene-flir_video_00500", "flir_v1-flir_00500"),
        ("dronevehicle-train_00001", "dronevehicle-test_00001"),
        ("m3fd-00001", "msrs-00001d"),
        ("msrs-00054n", "msrs-00054d"),
    ],
)
def test_equal_numbers_of_other_series_are_other_places(one, other):
    assert place(one) != place(other)


def test_names_without_numbers_have_no_place():
    assert place("folder-12345") is None
    assert place("kaist-readme") is None


def test_scenes_by_name():
    assert scene(place("kaist-set06-v000-i00019")) == "kaist/set06-v000"
    assert scene(place("m3fd-00243")) == "m3fd/0"
    assert scene(place("m3fd-00244")) == "m3fd/244"
    assert scene(place("msrs-00004n")) == scene(place("mfnet-00054n")) == "mfnet/3"
    assert scene(place("flir_aligned-flir_09018")) != scene(place("flir_aligned-flir_09019")), "night becomes day"
    assert scene(place("roadscene-flir_video_00500")) is None
    assert scene(Place("aviid", "aviid1", 3)) is None


def test_every_list_of_scenes_is_read_by_the_numbering_that_names_it():
    for source, numbering in NUMBERINGS.items():
        if numbering.scenes in {"", "sequence"}:
            continue
        lines = ids.lines(numbering.scenes)
        keys = [[key_of(source, name) for name in line] for line in lines]
        found = [{scene(p) for key in line if (p := place(key))} for line in keys]
        assert all(len(scenes) == 1 and None not in scenes for scenes in found), source
        assert len(set.union(*found)) == len(lines), source


def test_414_of_906_consecutive_frames_of_hit_uav_lie_on_two_sides():
    sides = {
        place(key_of("hit_uav", name)): side
        for side in ("train", "val", "test")
        for name in ids.load(f"hit_uav_{side}")
    }
    order = sorted(sides, key=lambda p: p.frame)
    pairs = [(a, b) for a, b in pairwise(order) if b.frame == a.frame + 1 and a.sequence == b.sequence]
    assert (len(sides), len(pairs), sum(sides[a] != sides[b] for a, b in pairs)) == (2_898, 906, 414)

"""Scene rules: what belongs to one place and time, by the examples that the publishers' names give."""

import json
import re
from importlib import resources
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.scenes import BlockTable, IdRuns, NamePart, Pauses, Runs
from ingest.source import get
from splits import ids


def runs(*names, gap=20):
    return IdRuns("id", gap)([{"id": name} for name in names])


def test_a_gap_that_exceeds_the_limit_begins_a_scene():
    assert runs("F_00001", "F_00021", "F_00042", "F_00043") == ["F_00001", "F_00001", "F_00042", "F_00042"]


def test_every_name_series_counts_for_itself():
    assert runs("FLIR_00010", "FLIR_video_00011", "FLIR_00012") == ["FLIR_00010", "FLIR_video_00011", "FLIR_00010"]


def test_scenes_stand_in_the_order_of_the_samples():
    assert runs("F_900", "F_1", "F_901", "F_2") == ["F_900", "F_1", "F_900", "F_1"]


def test_where_numbers_start_again_in_every_folder_each_folder_counts_for_itself():
    rule = IdRuns("id", 20, series="{light}")
    samples = [{"id": "0001", "light": "day"}, {"id": "0001", "light": "night"}, {"id": "0002", "light": "day"}]
    assert rule(samples) == ["day/0001", "night/0001", "day/0001"]


def test_a_name_without_a_number_is_a_scene_and_a_suffix_is_no_series():
    assert runs("cat", "00005N", "00009D") == ["cat", "00005N", "00005N"]


@given(st.lists(st.integers(0, 500), min_size=1, max_size=60, unique=True), st.randoms(use_true_random=False))
def test_neighbours_share_a_scene_exactly_when_their_gap_allows(numbers, random):
    scene = dict(zip(sorted(numbers), runs(*(f"F_{n:05d}" for n in sorted(numbers))), strict=True))
    for a, b in pairwise(sorted(numbers)):
        assert (scene[a] == scene[b]) == (b - a <= 20)
    random.shuffle(numbers)
    assert runs(*(f"F_{n:05d}" for n in numbers)) == [scene[n] for n in numbers]


def test_roadscene_s_names_fall_into_120_scenes(raw_data):
    names = sorted(path.stem for path in (raw_data / "RoadScene" / "cropinfrared").glob("*.jpg"))
    assert len(names) == 221
    assert len(set(runs(*names))) == 120


def test_a_block_table_names_the_block_of_an_id_and_the_id_where_there_is_none():
    rule = BlockTable("id", "m3fd_blocks.json")
    assert rule([{"id": i} for i in ("00000", "00243", "00244", "04199", "04200", "x7")]) == [
        "block00",
        "block00",
        "block01",
        "block72",
        "04200",
        "x7",
    ]


def test_names_before_and_letters_behind_the_number_do_not_hinder_a_block_table():
    table = BlockTable("id", "flir_v1_blocks.json", prefix="FLIR_", outside="video")
    names = ["FLIR_00138", "flir_00139", "FLIR_10228", "FLIR_video_00139"]
    assert table([{"id": name} for name in names]) == ["block00", "block01", "block65", "video"]
    assert BlockTable("id", "msrs_blocks.json")([{"id": "00054N"}, {"id": "00055D"}]) == ["block01", "block02"]


def test_an_id_between_two_blocks_is_a_scene_of_its_own():
    assert BlockTable("number", "msrs_blocks.json")([{"number": 677}, {"number": 60}]) == ["677", "60"]


@pytest.mark.parametrize(
    ("file", "count", "first", "last", "gapless"),
    [
        ("m3fd_blocks.json", 73, 0, 4199, True),
        ("flir_v1_blocks.json", 66, 1, 10_228, True),
        ("msrs_blocks.json", 11, 1, 1603, False),
    ],
)
def test_blocks_stand_in_order_and_none_overlaps(file, count, first, last, gapless):
    table = json.loads(resources.files("ingest.sources").joinpath(file).read_text())
    blocks = table["blocks"]
    assert len(blocks) == count
    assert [blocks[0][0], blocks[-1][1]] == [first, last]
    assert all(low <= high for low, high in blocks)
    gaps = [low - high for (_, high), (low, _) in pairwise(blocks)]
    assert set(gaps) == {1} if gapless else min(gaps) >= 1
    assert "@" in table["provenance"]


def test_flir_s_blocks_end_where_the_visible_camera_changes_and_where_day_becomes_night():
    blocks = json.loads(resources.files("ingest.sources").joinpath("flir_v1_blocks.json").read_text())["blocks"]
    begins = {first for first, _ in blocks}
    assert {5511, 6301, 7436, 8621, 8863} <= begins, "the camera changes (SamVadidar/RGBT@786fe50)"
    assert 9019 in begins, "night becomes day"
    assert {139, 186, 3677, 4088, 6995, 9323, 9672} <= begins


def test_msrs_s_blocks_never_mix_day_and_night():
    blocks = json.loads(resources.files("ingest.sources").joinpath("msrs_blocks.json").read_text())["blocks"]
    letters = {"D": [(1, 2), (55, 676), (1377, 1603)], "N": [(3, 54), (678, 1376)]}
    for first, last in blocks:
        within = [letter for letter, runs in letters.items() for a, b in runs if a <= first and last <= b]
        assert len(within) == 1


@pytest.mark.parametrize(
    ("file", "scenes"), [("flir_v1", "flir_v1_scenes"), ("msrs", "msrs_scenes"), ("m3fd", "m3fd_scenes")]
)
def test_blocks_are_the_scenes_that_splits_know(file, scenes):
    blocks = json.loads(resources.files("ingest.sources").joinpath(f"{file}_blocks.json").read_text())["blocks"]
    numbers = [[int(re.sub(r"\D", "", name)) for name in line] for line in ids.lines(scenes)]
    assert blocks == [[members[0], members[-1]] for members in numbers]


def flights(*names):
    samples = [{"flight": name[:-6], "frame": name[-5:]} for name in names]
    return Runs("{frame}", label="{flight}", gap=10)(samples)


def test_a_flight_ends_where_its_settings_change_or_frames_lack():
    names = ["1_60_30_0_00000", "1_60_30_0_00010", "1_60_30_0_00021", "1_60_50_0_00022", "1_60_30_0_00023"]
    assert flights(*names) == ["1_60_30_0-0", "1_60_30_0-0", "1_60_30_0-21", "1_60_50_0-22", "1_60_30_0-23"]


def test_the_same_settings_far_apart_are_two_flights_of_hit_uav():
    early, late = flights("1_130_50_0_03889", "1_130_50_0_07191")
    assert early != late


def test_without_a_limit_numbers_may_jump_and_only_the_label_parts():
    rule = Runs("{number}", label="{light}")
    samples = [{"number": n, "light": light} for n, light in [(1500, "D"), (1, "D"), (2, "D"), (3, "N"), (900, "N")]]
    assert rule(samples) == ["D-1500", "D-1", "D-1", "N-3", "N-3"]


@given(st.lists(st.integers(0, 300), min_size=1, max_size=40, unique=True), st.randoms(use_true_random=False))
def test_runs_do_not_depend_on_the_order_of_the_samples(numbers, random):
    rule = Runs("{n}", label="{light}", gap=7)
    samples = [{"n": n, "light": "D" if n % 50 < 25 else "N"} for n in numbers]
    scene = dict(zip(numbers, rule(samples), strict=True))
    random.shuffle(samples)
    assert rule(samples) == [scene[sample["n"]] for sample in samples]


def at(*times, series="Day", seconds=2.0):
    rule = Pauses("time", "%Y_%m_%d_%H_%M_%S_%f", seconds, "{light}")
    return rule([{"time": time, "light": series} for time in times])


def test_a_pause_begins_a_scene_and_midnight_does_not():
    assert at("2013_12_31_23_59_59_500000", "2014_01_01_00_00_01_500000", "2014_01_01_00_00_03_500001") == [
        "Day/2013_12_31_23_59_59_500000",
        "Day/2013_12_31_23_59_59_500000",
        "Day/2014_01_01_00_00_03_500001",
    ]


def test_what_was_recorded_apart_is_apart_and_a_name_that_is_no_time_stands_alone():
    rule = Pauses("time", "%H_%M_%S_%f", 2, "{light}")
    samples = [{"time": "10_00_00_0", "light": "Day"}, {"time": "10_00_01_0", "light": "Night"}]
    assert rule([*samples, {"time": "odd", "light": "Day"}]) == ["Day/10_00_00_0", "Night/10_00_01_0", "Day/odd"]


def test_a_part_of_a_name_is_the_scene_and_other_names_stand_alone():
    rule = NamePart("id", r"(video-\w+)-frame-\d+-\w+")
    assert rule([{"id": "video-5RSr-frame-000002-RBLJ"}, {"id": "thermal7"}]) == ["video-5RSr", "thermal7"]


@pytest.mark.parametrize(
    ("source", "fields", "scene"),
    [
        ("flir_aligned", {"number": 9018}, "block61"),
        ("flir_aligned", {"number": 9019}, "block62"),
        ("flir_v1", {"id": "FLIR_09018"}, "block61"),
        ("flir_v1", {"id": "FLIR_video_02223"}, "video"),
        ("m3fd", {"id": "02195"}, "block41"),
        ("msrs", {"number": 881}, "block09"),
        ("kaist", {"set": 6, "video": 1, "frame": 2679}, "set06/V001"),
        ("pst900", {"bag": "31_bag1a", "frame": 7}, "31_bag1a"),
        ("cart", {"flight": "kentucky_0-1", "frame": 4824}, "kentucky_0-1"),
        ("freiburg", {"drive": "seq_00_day/01", "time": "1570722156_952177040"}, "seq_00_day/01"),
        ("tno", {"id": "DHV_images/Fire_sequence/part_1/10"}, "DHV_images/Fire_sequence/part_1"),
        ("tno", {"id": "tank"}, "tank"),
    ],
)
def test_the_publishers_own_examples(source, fields, scene):
    assert get(source).scenes([fields]) == [scene]

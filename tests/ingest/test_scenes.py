"""Scene rules that need all samples at once."""

import json
from importlib import resources
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingest.scenes import BlockTable, IdRuns


def runs(*names, gap=20):
    return IdRuns("id", gap)([{"id": name} for name in names])


def test_a_gap_that_exceeds_the_limit_begins_a_scene():
    assert runs("F_00001", "F_00021", "F_00042", "F_00043") == ["F_00001", "F_00001", "F_00042", "F_00042"]


def test_every_name_series_counts_for_itself():
    assert runs("FLIR_00010", "FLIR_video_00011", "FLIR_00012") == ["FLIR_00010", "FLIR_video_00011", "FLIR_00010"]


def test_scenes_stand_in_the_order_of_the_samples():
    assert runs("F_900", "F_1", "F_901", "F_2") == ["F_900", "F_1", "F_900", "F_1"]


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


def test_m3fd_s_blocks_cover_every_id_once_in_order():
    table = json.loads(resources.files("ingest.sources").joinpath("m3fd_blocks.json").read_text())
    blocks = table["blocks"]
    assert len(blocks) == 73
    assert [blocks[0][0], blocks[-1][1]] == [0, 4199]
    assert all(first <= last for first, last in blocks)
    assert all(last + 1 == first for (_, last), (first, _) in pairwise(blocks))
    assert "@" in table["provenance"]

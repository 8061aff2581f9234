"""The plan is settled before the first byte is written, and equal for equal raw folders."""

import random
from dataclasses import replace

import pytest

from ingest.plan import Registration, make_plan
from ingest.source import Layout, Source, get
from ingest.tree import Entry, Tree
from shards.errors import UserError

NUMBERS = [("train", n) for n in (5, 3, 1, 2, 4)] + [("test", n) for n in (102, 101)]


def tree(paths, sizes=10):
    return Tree(None, [Entry(path, sizes) for path in sorted(paths)], 2)


def plan(paths, source="llvip", **options):
    return make_plan(get(source), tree(paths), **options)


def form(made):
    return [(shard.name, shard.suffixes, [sample.key for sample in shard.samples]) for shard in made.shards]


def test_shards_are_cut_by_subset_and_size_and_sorted_by_key():
    paths = [f"{side}/{subset}/{n:06d}.jpg" for side in ("visible", "infrared") for subset, n in NUMBERS]
    made = plan(paths, per_shard=3)
    assert [(shard.name, len(shard.samples)) for shard in made.shards] == [
        ("test-00000", 2),
        ("train-00000", 3),
        ("train-00001", 2),
    ]
    keys = [sample.key for shard in made.shards for sample in shard.samples]
    assert keys == [f"llvip-{n:06d}" for n in (101, 102, 1, 2, 3, 4, 5)]
    assert (made.samples, made.raw_bytes, made.junk) == (7, 140, 2)


def test_a_shard_holds_one_pair_of_suffixes():
    paths = ["rgb/1.jpg", "ir/1.png", "rgb/2.jpeg", "ir/2.png", "rgb/3.bmp", "ir/3.tif", "rgb/4.png", "ir/4.jpg"]
    assert form(plan(paths, "folder")) == [
        ("all-00000", ("jpg", "png"), ["folder-1", "folder-2"]),
        ("all-00001", ("png", "jpg"), ["folder-4"]),
        ("all-00002", ("png", "png"), ["folder-3"]),
    ]
    assert [shard.suffixes for shard in plan(paths, "folder", store="png").shards] == [("png", "png")]


def test_a_missing_side_goes_with_the_usual_form():
    paths = [f"{side}/{i}.{suffix}" for side, suffix in (("rgb", "jpg"), ("ir", "png")) for i in range(4)]
    made = plan([*paths, "rgb/8.jpg", "ir/9.png"], "folder")
    assert [shard.suffixes for shard in made.shards] == [("jpg", "png")]
    lacking = {s.key: (s.visible, s.infrared) for s in made.shards[0].samples if not (s.visible and s.infrared)}
    assert lacking == {"folder-8": ("rgb/8.jpg", None), "folder-9": (None, "ir/9.png")}


def test_equal_trees_make_equal_ids_and_any_difference_that_matters_another():
    paths = [f"{side}/train/{i:06d}.jpg" for side in ("visible", "infrared") for i in range(6)]
    same = [plan(random.Random(seed).sample(paths, len(paths)), per_shard=4).shards for seed in range(3)]
    assert same[0] == same[1] == same[2]
    first = same[0][0].id
    source = get("llvip")
    others = [
        plan(paths, per_shard=3).shards[0],
        plan(paths, store="png").shards[0],
        plan([*paths, "Annotations/000000.xml"], per_shard=4).shards[0],
        make_plan(source, tree(paths, sizes=11), per_shard=4).shards[0],
        make_plan(replace(source, licence="another"), tree(paths), per_shard=4).shards[0],
        make_plan(replace(source, scene="{id[:3]}x"), tree(paths), per_shard=4).shards[0],
    ]
    assert first not in {shard.id for shard in others}
    assert len({shard.id for shard in others}) == len(others)


def test_shards_that_a_new_file_does_not_touch_keep_their_id():
    paths = [f"{side}/{s}/{i:06d}.jpg" for side in ("visible", "infrared") for s, i in [("train", 1), ("test", 2)]]
    before = {shard.name: shard.id for shard in plan(paths).shards}
    more = [*paths, "visible/train/000009.jpg", "infrared/train/000009.jpg"]
    after = {shard.name: shard.id for shard in plan(more).shards}
    assert after["test-00000"] == before["test-00000"]
    assert after["train-00000"] != before["train-00000"]


def test_annotations_that_are_used_are_not_counted_as_ignored():
    paths = ["visible/train/000001.jpg", "infrared/train/000001.jpg", "Annotations/000001.xml"]
    made = plan([*paths, "Annotations/000002.xml", "readme.md"])
    assert made.unused == 2
    assert made.shards[0].samples[0].boxes == ("Annotations/000001.xml",)


def test_two_raw_files_that_make_one_key_fail_the_plan_and_are_named():
    paths = [f"{side}/{name}.png" for side in ("rgb", "ir") for name in ("a b", "a-b")]
    with pytest.raises(UserError, match=r"ir/a b.png and ir/a-b.png would both be folder-a-b"):
        plan(paths, "folder")


def test_names_that_keys_cannot_hold_are_planned_all_the_same():
    names = ["图一", "图二", "x" * 90]
    made = plan([f"{side}/{name}.png" for side in ("rgb", "ir") for name in names], "folder")
    assert made.samples == len(names)


def test_subsets_become_file_names_and_frames_numbers():
    layout = Layout("{subset:**}/vis/{clip}_{frame:d}", "{subset:**}/ir/{clip}_{frame:d}")
    source = Source(
        "demo",
        "",
        0,
        "lwir",
        "driving",
        "",
        "",
        False,
        "",
        [layout],
        scene="{clip}",
        key="{clip}-{frame:06d}",
        sequence="{clip}",
    )
    made = make_plan(source, tree(["Set A/day/vis/c1_7.png", "Set A/day/ir/c1_0007.png"]))
    sample = made.shards[0].samples[0]
    assert made.shards[0].name == "set-a-day-00000"
    assert (sample.key, sample.frame, sample.sequence, sample.scene) == ("demo-c1-000007", 7, "c1", "c1")


def test_whatever_decides_the_pixels_decides_the_id():
    paths = [f"{side}/train/{i:06d}.jpg" for side in ("visible", "infrared") for i in range(3)]
    source = get("llvip")
    changes = [{"border": 2}, {"valid_area": True}, {"window": ("agc", 0, 1)}, {"grey": False}, {"same_size": False}]
    made = [make_plan(source, tree(paths)), *(make_plan(replace(source, **change), tree(paths)) for change in changes)]
    made += [make_plan(source, tree(paths), registration=Registration(*asked)) for asked in ((False,), (True, 1.0))]
    assert len({plan.shards[0].id for plan in made}) == len(made)
    assert make_plan(source, tree(paths), registration=Registration()).shards == made[0].shards


def test_sides_that_are_cut_or_read_from_something_else_are_stored_as_png():
    paths = [f"{side}/train/{i:06d}.jpg" for side in ("visible", "infrared") for i in range(3)]
    assert make_plan(replace(get("llvip"), border=5), tree(paths)).shards[0].suffixes == ("png", "png")


def test_a_sample_without_the_field_of_its_subset_is_of_none():
    layout = Layout("v/{id}", "t/{id}")
    facts = ("demo", "", 0, "lwir", "driving", "", "", False, "", [layout], "{id}")
    files = tree(["v/Day 1.png", "t/Day 1.png"])
    assert make_plan(Source(*facts), files).shards[0].subset == "all"
    assert make_plan(Source(*facts, subset="{id}"), files).shards[0].subset == "day-1"


def test_another_dataset_in_the_folder_is_told():
    paths = [f"LLVIP/{side}/train/{i:06d}.jpg" for side in ("visible", "infrared") for i in range(3)]
    others = [f"{side}/FLIR_{i:05d}.jpg" for side in ("crop_LR_visible", "cropinfrared") for i in range(5)]
    made = plan([*paths, *(f"RoadScene/{path}" for path in others)])
    assert made.samples == 3
    assert made.notes == ("10 other images are no part of llvip; they look like roadscene (5 pairs)",)
    assert plan(paths).notes == ()


def test_planning_leaves_the_collector_as_it_was():
    import gc

    paths = ["visible/train/000001.jpg", "infrared/train/000001.jpg"]
    assert gc.isenabled()
    plan(paths)
    assert gc.isenabled()
    gc.disable()
    try:
        plan(paths)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_plans_of_many_samples_hold_no_dict_for_each():
    paths = [f"{side}/train/{i:06d}.jpg" for side in ("visible", "infrared") for i in range(3)]
    first, second, _ = plan(paths).shards[0].samples
    assert not hasattr(first, "__dict__")
    assert first.names is second.names
    assert first.layers is second.layers
    assert first.fields == {"subset": "train", "id": "000000"}

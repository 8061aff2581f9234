"""Leaks are counted image by image and kind by kind: all that are there, and none that is not."""

import numpy as np
import pytest

from splits.candidates import ALIKE, ALIKE_FEW, wide
from splits.groups import connect
from splits.leaks import find_leaks


@pytest.fixture
def leaks(album):
    """`leaks(train, test, **columns)`: of test against train, by kind {tested: seen}."""

    def find(train, test, within=5, **columns):
        of = album(train | test, **columns)
        subsets = {"train": of.numbers(*train), "test": of.numbers(*test)}
        (found,) = find_leaks(of.samples, subsets, of, frames=within)
        kinds = {}
        for a, b, kind in zip(found.edges.first, found.edges.second, found.edges.kind, strict=True):
            kinds.setdefault(kind, {})[found.keys[a]] = found.keys[b]
        return found, kinds

    return find


def pairs(view, name, seeds):
    return {f"{name}-{seed}": {"vis": view(2 * seed), "ir": view(2 * seed + 1)} for seed in seeds}


def test_different_places_leak_nothing(leaks, view):
    found, kinds = leaks(pairs(view, "a", range(10)), pairs(view, "b", range(10, 20)))
    assert (kinds, found.images(), found.total, found.rate) == ({}, 0, 10, 0.0)


def test_every_kind_is_counted_by_itself(leaks, view, edits):
    train = pairs(view, "a", range(6))
    test = {
        "b-same": {"vis": train["a-0"]["vis"], "ir": view(90)},
        "b-near": {"vis": view(91), "ir": edits["jpeg 60"](train["a-1"]["ir"])},
        "b-negative": {"vis": view(92), "ir": edits["negative"](train["a-2"]["ir"])},
        "b-scene": {"vis": view(93), "ir": view(94)},
        "b-none": {"vis": view(95), "ir": view(96)},
    }
    found, kinds = leaks(train, test, scenes={"a-5": "s", "b-scene": "s", "a-4": "t", "b-none": "u"})
    assert kinds == {
        "pixels": {"b-same": "a-0"},
        "near": {"b-same": "a-0", "b-near": "a-1"},
        "flipped": {"b-negative": "a-2"},
        "scene": {"b-scene": "a-5"},
    }
    assert (found.images(), found.images("near"), found.rate) == (4, 2, 0.8)
    worst = found.worst(3)
    assert [found.keys[n] for n in worst.first] == ["b-same", "b-near", "b-negative"]
    assert worst.kind.tolist() == ["pixels", "near", "flipped"]


def test_neighbours_in_time_by_declared_frames_and_else_by_names(leaks, view):
    train = pairs(view, "a", range(2)) | {"kaist-set06-v000-i00100": {"ir": view(50)}}
    test = pairs(view, "b", range(5, 8)) | {"kaist-set06-v000-i00103": {"ir": view(51)}}
    sequences = {"a-0": "s", "a-1": "s", "b-5": "s", "b-6": "s", "b-7": "t"}
    frames = {"a-0": 0, "a-1": 20, "b-5": 16, "b-6": 6, "b-7": 1}
    near = {"b-5": "a-1", "kaist-set06-v000-i00103": "kaist-set06-v000-i00100"}
    found, kinds = leaks(train, test, sequences=sequences, frames=frames)
    assert kinds == {"time": near}
    assert sorted(found.edges.distance) == [3, 4]
    assert leaks(train, test, 6, sequences=sequences, frames=frames)[1] == {"time": near | {"b-6": "a-0"}}
    assert leaks(train, test, 2, sequences=sequences, frames=frames)[1] == {}


def test_numbers_that_are_no_moments_are_no_neighbours(leaks, view):
    train, test = {"aviid-aviid-1-train-7": {"ir": view(0)}}, {"aviid-aviid-1-train-8": {"ir": view(1)}}
    assert leaks(train, test)[1] == {}
    train, test = {"msrs-00540d": {"ir": view(0)}}, {"msrs-00545d": {"ir": view(1)}}
    assert leaks(train, test)[1] == {}, "the list of scenes ends one with 540"


def test_neighbours_between_which_the_picture_jumps_are_none(leaks, view):
    pictures = {f"a-{n:02d}": {"ir": view(n // 10)} for n in range(20)}
    keys = sorted(pictures)
    recorded = {"sequences": dict.fromkeys(keys, "a"), "frames": {key: int(key[2:]) for key in keys}}
    at_the_jump = leaks({k: pictures[k] for k in keys[:10]}, {k: pictures[k] for k in keys[10:]}, **recorded)
    assert at_the_jump[1] == {}
    before_it = leaks({k: pictures[k] for k in keys[:8]}, {k: pictures[k] for k in keys[8:]}, **recorded)
    assert before_it[1]["time"] == {"a-08": "a-07", "a-09": "a-07"}


def test_neighbours_are_found_across_sources_that_number_alike(leaks, view):
    train = {"ir500k-kaist_set06_v000_i00100.jpg": {"ir": view(0)}}
    test = {"kaist-set06-v000-i00101": {"ir": view(0, shift=2)}}
    declared = {"sequences": dict.fromkeys(test, "kaist/set06/v000"), "frames": dict.fromkeys(test, 101)}
    assert leaks(train, test, **declared)[1]["time"] == dict(zip(test, train, strict=True))


def test_pictures_without_structure_are_no_leak_as_they_make_no_group(leaks, view):
    blank = np.full((240, 320), 30, np.uint8)
    train, test = {"a-0": {"vis": view(0), "ir": blank}}, {"b-0": {"vis": view(1), "ir": blank}}
    assert leaks(train, test)[1] == {}


def test_kinship_by_name(leaks, view):
    train, test = {"flir_aligned-flir_08865": {"ir": view(0)}}, {"roadscene-flir_08865": {"ir": view(1)}}
    assert leaks(train, test)[1] == {"kin": {"roadscene-flir_08865": "flir_aligned-flir_08865"}}


@pytest.mark.parametrize("name", ["jpeg 60", "half size", "crop 5 % on each side", "negative", "mirror"])
def test_planted_copies_are_found(leaks, view, edits, name):
    train = pairs(view, "a", range(20))
    test = {f"b-{n}": {side: edits[name](train[f"a-{n}"][side]) for side in ("vis", "ir")} for n in range(20)}
    kind = "flipped" if name in ("negative", "mirror") else "near"
    assert leaks(train, test)[1] == {kind: {f"b-{n}": f"a-{n}" for n in range(20)}}


def test_a_wrong_candidate_does_not_hide_the_right_one(leaks, view):
    """The nearest hashes are look-alikes; the copy, cropped, is only the third nearest."""
    coarse = np.linspace(0, 160, 320)[None, :] + np.linspace(0, 60, 240)[:, None]
    soft = [np.clip(coarse + 0.08 * view(seed), 0, 255).astype(np.uint8) for seed in range(3)]
    train = {f"a-{n}": {"ir": soft[n]} for n in range(3)}
    test = {"b-0": {"ir": np.ascontiguousarray(soft[2][8:232, 8:312])}}
    assert leaks(train, test)[1] == {"near": {"b-0": "a-2"}}


def test_an_infrared_image_is_compared_with_pairs_too(leaks, view, edits):
    train = pairs(view, "a", range(3))
    assert leaks(train, {"b-0": {"ir": edits["half size"](train["a-1"]["ir"])}})[1] == {"near": {"b-0": "a-1"}}


def test_sides_are_not_compared_with_each_other(leaks, view):
    assert leaks({"a-0": {"vis": view(0), "ir": view(1)}}, {"b-0": {"vis": view(1), "ir": view(0)}})[1] == {}


def test_each_subset_is_tested_against_all_before_it(album, view, edits):
    train, rest = pairs(view, "a", range(3)), pairs(view, "b", range(10, 13))
    val = rest | {"v-0": {"ir": edits["jpeg 60"](train["a-0"]["ir"])}}
    test = {"t-0": {"ir": edits["jpeg 60"](rest["b-10"]["ir"])}, "t-1": {"ir": edits["mirror"](train["a-1"]["ir"])}}
    of = album(train | val | test)
    subsets = {"train": of.numbers(*train), "val": of.numbers(*val), "test": of.numbers(*test)}
    first, second = find_leaks(of.samples, subsets, of, frames=5)
    assert (first.seen, first.tested, first.images()) == ("train", "val", 1)
    assert (second.seen, second.tested, second.images(), second.rate) == ("train and val", "test", 2, 1.0)


def test_large_sets_give_what_small_ones_do(leaks, view, edits, monkeypatch):
    train = pairs(view, "a", range(12))
    test = {f"b-{n}": {"ir": edits["jpeg 60"](train[f"a-{n}"]["ir"])} for n in range(0, 12, 3)} | pairs(view, "c", [30])
    plain = leaks(train, test)
    monkeypatch.setattr("splits.candidates.PLAIN_PAIRS", 1)
    monkeypatch.setattr("splits.candidates.WIDE_PAIRS", 1)
    indexed = leaks(train, test)
    assert plain[1] == indexed[1] == {"near": {f"b-{n}": f"a-{n}" for n in range(0, 12, 3)}}
    assert (plain[0].complete, indexed[0].complete) == (True, False)


def test_an_audit_looks_as_far_as_the_groups_of_the_same_samples(album, view, monkeypatch):
    """12 samples make 66 pairs, of which 32 lie between train and test."""
    limits = {}
    for module in ("groups", "leaks"):

        def record(first, second, limit, count, labels=None, module=module):
            limits[module] = limit
            return wide(first, second, limit, count, labels)

        monkeypatch.setattr(f"splits.{module}.wide", record)
    of = album(pairs(view, "a", range(12)))
    subsets = {"train": np.arange(8), "test": np.arange(8, 12)}
    for few, wanted in ((50, ALIKE), (66, ALIKE_FEW)):
        monkeypatch.setattr("splits.candidates.FEW_PAIRS", few)
        connect(of.samples, of)
        find_leaks(of.samples, subsets, of, frames=5)
        assert limits == {"groups": wanted, "leaks": wanted}
    limits.clear()
    monkeypatch.setattr("splits.candidates.WIDE_PAIRS", 50)
    connect(of.samples, of)
    (leaks,) = find_leaks(of.samples, subsets, of, frames=5)
    assert (limits, leaks.complete) == ({}, False)

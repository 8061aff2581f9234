"""Paired differences are tested by turning over the signs of scenes."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.statistics import paired as module
from bench.statistics.paired import paired, sign_flip, sign_flips

EXPECTED = json.loads((Path(__file__).parents[1] / "golden" / "statistics.json").read_text())["sign_flip"]
SUMS = np.array(EXPECTED["scene_sums"])


def test_the_published_exact_test():
    found = sign_flip(SUMS)
    assert (found.p, found.count, found.tried) == (EXPECTED["exact_p_two_sided"], EXPECTED["exact_count"], 4096)
    assert found.method == "all 4,096 relabellings"


def test_the_published_random_test(monkeypatch):
    monkeypatch.setattr(module, "EXACT_UNITS", 11)
    found = sign_flip(SUMS, seed=EXPECTED["mc_seed"], count=EXPECTED["mc_B"])
    assert found.count == EXPECTED["mc_count"]
    assert found.p == pytest.approx(EXPECTED["mc_p"], abs=1e-12)
    assert not found.exact


def test_many_scenes_are_tested_at_random_and_few_exactly():
    assert sign_flip(np.ones(16)).p == 2 / 2**16
    assert not sign_flip(np.ones(17)).exact
    found = sign_flip(np.ones(30))
    assert (found.exact, found.tried, found.p) == (False, 10_000, 1 / 10_001)


def test_equal_predictions_differ_by_nothing():
    assert sign_flip(np.zeros(9)).p == 1.0
    assert sign_flip(np.zeros(40)).p == 1.0


def test_scale_and_direction_of_the_difference_do_not_matter():
    sums = np.random.default_rng(0).normal(0.4, 1, 14)
    assert sign_flip(sums).p == sign_flip(-sums).p == sign_flip(1e9 * sums / 7).p > 0
    assert [test.p for test in sign_flips(np.stack([sums, SUMS.repeat(2)[:14]], axis=1))] == [
        sign_flip(sums).p,
        sign_flip(SUMS.repeat(2)[:14]).p,
    ]


def test_a_scene_counts_once_however_many_images_it_has():
    rng = np.random.default_rng(1)
    level = rng.normal(0.0, 1.0, 10)
    one = paired(level, np.zeros(10), [f"s{i}" for i in range(10)])
    ten = paired(level.repeat(10), np.zeros(100), [f"s{i}" for i in range(10) for _ in range(10)])
    assert ten.test.p == one.test.p
    assert (ten.interval.low, ten.interval.high) == pytest.approx((one.interval.low, one.interval.high))
    assert (ten.images, one.images) == (100, 10)


def test_images_without_a_value_on_either_side_are_left_out():
    scenes = [f"s{i // 2}" for i in range(20)]
    a, b = np.arange(20.0), np.zeros(20)
    a[3], b[10] = np.nan, np.nan
    found = paired(a, b, scenes)
    kept = [i for i in range(20) if i not in (3, 10)]
    assert found.images == 18
    assert found.effect == pytest.approx(np.mean([float(i) for i in kept]))
    assert found.test == paired(np.arange(20.0)[kept], np.zeros(18), [scenes[i] for i in kept]).test


def test_the_difference_in_each_scene_is_told_however_many_there_are():
    found = paired(np.array([2.0, 0, 1, 1, 0, 0]), np.array([0.0, 0, 2, 2, 0, 0]), ["a", "a", "b", "b", "c", "c"])
    assert found.per_scene == {"a": 1.0, "b": -1.0, "c": 0.0}
    many = paired(np.ones(500), np.zeros(500), [f"s{i:03d}" for i in range(500)])
    assert len(many.per_scene) == 500
    assert many.interval.method == "cluster bootstrap, 240 groups of 500 scenes, 2,000 resamples"

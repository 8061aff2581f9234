"""Intervals of means resample whole scenes, and few scenes are shown instead of summarised."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.statistics.means import mean_interval, resampled_means
from bench.statistics.scenes import units

EXPECTED = json.loads((Path(__file__).parents[1] / "golden" / "statistics.json").read_text())["cluster_bootstrap"]


def published():
    """Values a and b of the golden file's rule, with their scenes."""
    places = [(s, k) for s, size in enumerate(EXPECTED["sizes"]) for k in range(size)]
    a = np.array([10 + ((7 * s * s + 3 * k) % 11) / 2 for s, k in places])
    b = np.array([value - 0.3 - ((5 * s) % 7 - 3) * 0.25 for value, (s, _) in zip(a, places, strict=True)])
    return a, b, [f"s{s:02d}" for s, _ in places]


def test_the_published_interval_and_resamples():
    a, b, scenes = published()
    assert (a.mean(), b.mean()) == pytest.approx((EXPECTED["mean_a"], EXPECTED["mean_b"]), abs=1e-9)
    by = units(scenes)
    first = resampled_means(by.sums(a), by.sizes, seed=EXPECTED["seed"], resamples=EXPECTED["B"])[:3]
    assert first == pytest.approx(np.array(EXPECTED["first3"]), abs=1e-9)
    for values, ends in ((a, EXPECTED["ci_a"]), (a - b, EXPECTED["ci_diff"])):
        found = mean_interval(values, scenes, seed=EXPECTED["seed"], resamples=EXPECTED["B"])
        assert (found.low, found.high) == pytest.approx(ends, abs=1e-9)
    assert found.se == pytest.approx(EXPECTED["se_diff"], abs=1e-9)
    assert found.scenes == 12


def test_a_resample_weighs_images_and_not_scenes():
    means = resampled_means(np.array([0.0, 5.0, 3.0]), np.array([1.0, 2.0, 3.0]), resamples=200)
    drawn = [(i, j, 3 - i - j) for i in range(4) for j in range(4 - i)]
    allowed = {round((5 * j + 3 * k) / (i + 2 * j + 3 * k), 9) for i, j, k in drawn}
    assert {round(mean, 9) for mean in means.tolist()} == allowed


def test_several_metrics_share_their_resamples():
    a, b, scenes = published()
    by = units(scenes)
    both = resampled_means(np.stack([by.sums(a), by.sums(b)], axis=1), by.sizes)
    assert both.shape == (2000, 2)
    assert both[:, 1] == pytest.approx(resampled_means(by.sums(b), by.sizes), abs=1e-12)


def test_the_design_effect_tells_how_much_scenes_matter():
    rng = np.random.default_rng(0)
    scenes = [f"s{i // 10:02d}" for i in range(400)]
    level = np.repeat(rng.normal(size=40), 10)
    alone = mean_interval(rng.normal(size=400), scenes)
    together = mean_interval(level + 0.1 * rng.normal(size=400), scenes)
    assert alone.design_effect == pytest.approx(1.0, abs=0.4)
    assert together.design_effect == pytest.approx(10.0, abs=2.0)  # ten images that tell the story of one
    assert mean_interval(np.ones(40), scenes[:200:5]).design_effect is None


def test_fewer_than_eight_scenes_are_told_one_by_one():
    values = np.array([1.0, 3.0, 10.0, 20.0, 20.0, 5.0, 6.0, 7.0])
    found = mean_interval(values, ["b", "b", "a", "c", "c", "d", "e", "f"])
    assert (found.low, found.high, found.se, found.scenes) == (None, None, None, 6)
    assert found.per_scene == {"a": 10.0, "b": 2.0, "c": 20.0, "d": 5.0, "e": 6.0, "f": 7.0}
    assert found.record() == {
        "ci95": None,
        "se": None,
        "method": "none: 6 scenes are too few",
        "scenes": 6,
        "per_scene": found.per_scene,
    }
    assert mean_interval(values, list("abcdefgh")).low is not None


def test_values_that_make_no_interval_are_refused():
    with pytest.raises(ValueError, match="do not belong"):
        mean_interval(np.ones(3), ["a"])
    with pytest.raises(ValueError, match="do not belong"):
        mean_interval(np.ones(0), [])
    with pytest.raises(ValueError, match="finite"):
        mean_interval(np.array([1.0, np.nan]), ["a", "b"])

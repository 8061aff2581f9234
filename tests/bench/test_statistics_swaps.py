"""Two models' distances are compared by letting the pictures of scenes change hands."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest

from bench.metrics.frechet import frechet
from bench.metrics.kid import kid
from bench.statistics import swaps
from bench.statistics.resampling import all_flips, flips
from bench.statistics.scenes import units
from bench.statistics.swaps import frechet_swap, kid_swap, scene_scores

GOLDEN = Path(__file__).parents[1] / "golden"
EXPECTED = json.loads((GOLDEN / "statistics.json").read_text())["fid_paired_test"]
features = runpy.run_path(str(GOLDEN / "formulas.py"))["features"]

REFERENCE, A, B = (features(EXPECTED[side], EXPECTED["n"], EXPECTED["d"]) for side in ("reference", "A", "B"))
BY = units([f"s{i // 10}" for i in range(50)])


def three_sides(scenes, images, dimensions=24, gap=0.0, seed=0):
    """References and two models' features, with scenes of unequal size; `gap` makes the second model worse."""
    rng = np.random.default_rng(seed)
    names = [f"s{i:02d}" for i in [*range(scenes), *rng.integers(0, scenes, images - scenes)]]
    x = rng.normal(size=(images, dimensions))
    a, b = (x + noise * rng.normal(size=x.shape) for noise in (0.5, 0.5 + gap))
    return x, a, b, units(names)


def by_brute_force(distance, x, a, b, by, signs):
    """Differences for each row of signs, every set recomputed."""
    taken = (signs[:, by.of] > 0)[:, :, None]
    return np.array([distance(x, np.where(t, a, b)) - distance(x, np.where(t, b, a)) for t in taken])


def test_the_published_tests():
    found = frechet_swap(REFERENCE, A, B, BY)
    assert (found.p, found.count, found.tried) == (EXPECTED["swap_exact_p"], EXPECTED["swap_exact_count"], 32)
    assert kid_swap(REFERENCE, A, B, BY).p == EXPECTED["kid_swap_exact_p"]
    assert found.exact
    first4 = by_brute_force(frechet, REFERENCE, B, A, BY, all_flips(5)[:4])
    assert first4 == pytest.approx(np.array(EXPECTED["first4"]), abs=1e-9)


@pytest.mark.parametrize("gap", [0.0, 0.04, 0.2])
def test_all_swaps_of_few_scenes_equal_brute_force(gap):
    x, a, b, by = three_sides(8, 60, gap=gap)
    for test, distance in ((frechet_swap, frechet), (kid_swap, kid)):
        found = test(x, a, b, by)
        values = abs(by_brute_force(distance, x, a, b, by, all_flips(8)))
        assert (found.count, found.tried) == ((values >= values[0] - 1e-12).sum(), 256)
        assert found.p == found.count / 256


@pytest.mark.parametrize("gap", [0.0, 0.02, 0.1])
def test_random_swaps_of_many_scenes_equal_brute_force(gap):
    x, a, b, by = three_sides(20, 80, gap=gap, seed=3)
    signs = flips(5, 300, 20)
    for test, distance in ((frechet_swap, frechet), (kid_swap, kid)):
        found = test(x, a, b, by, seed=5, count=300)
        observed = abs(distance(x, a) - distance(x, b))
        count = (abs(by_brute_force(distance, x, a, b, by, signs)) >= observed - 1e-12).sum()
        assert (found.count, found.tried, found.exact) == (count, 300, False)
        assert found.p == (count + 1) / 301


def test_scores_of_scenes_predict_the_differences_of_swaps():
    x, a, b, by = three_sides(20, 120, dimensions=40, gap=0.1)
    signs = flips(1, 100, 20)
    values = by_brute_force(frechet, x, a, b, by, signs)
    predicted = signs @ scene_scores(x, a, b, by)
    assert np.corrcoef(values, predicted)[0, 1] > 0.995
    assert np.abs(values - predicted).max() < 0.4 * values.std()
    assert scene_scores(x, b, a, by) == pytest.approx(-scene_scores(x, a, b, by), abs=1e-9)


def test_only_doubtful_swaps_are_computed(monkeypatch):
    computed = []
    plain = swaps.in_parallel
    monkeypatch.setattr(swaps, "in_parallel", lambda value, rows: computed.extend(rows) or plain(value, rows))
    x, a, b, by = three_sides(24, 120, gap=0.05)
    frechet_swap(x, a, b, by)
    assert 24 <= len(computed) < 200


def test_wrong_predictions_are_found_out(monkeypatch):
    x, a, b, by = three_sides(20, 80, gap=0.02, seed=3)
    right = frechet_swap(x, a, b, by, count=300)
    misled = np.random.default_rng(0).normal(size=20)
    monkeypatch.setattr(swaps, "scene_scores", lambda *_: misled * 0.1)
    assert frechet_swap(x, a, b, by, count=300).count == right.count


def test_equal_pictures_make_no_difference():
    x, a, _, by = three_sides(20, 60)
    assert frechet_swap(x, a, a, by, count=100).p == 1.0
    assert kid_swap(x, a, a, by, count=100).p == 1.0


def test_swapping_the_models_changes_no_p_value():
    x, a, b, by = three_sides(20, 80, gap=0.02)
    assert frechet_swap(x, a, b, by, count=200) == frechet_swap(x, b, a, by, count=200)
    assert kid_swap(x, a, b, by, count=200) == kid_swap(x, b, a, by, count=200)

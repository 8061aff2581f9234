"""Distances between sets get their intervals by leaving scenes out, exactly as if recomputed."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest

from bench.metrics.frechet import frechet
from bench.metrics.kid import kid
from bench.statistics.distances import LeftOut, frechet_left_out, interval, kid_left_out, most_groups
from bench.statistics.scenes import units

GOLDEN = Path(__file__).parents[1] / "golden"
EXPECTED = json.loads((GOLDEN / "statistics.json").read_text())["fid_paired_test"]
features = runpy.run_path(str(GOLDEN / "formulas.py"))["features"]

REFERENCE, A, B = (features(EXPECTED[side], EXPECTED["n"], EXPECTED["d"]) for side in ("reference", "A", "B"))
BY = units([f"s{i // 10}" for i in range(50)])


def scattered(images=60, scenes=9, dimensions=24, seed=0):
    """Features of both sides in float32, with scenes of unequal size in no order."""
    rng = np.random.default_rng(seed)
    names = [f"s{i}" for i in [*range(scenes), *rng.integers(0, scenes, images - scenes)]]
    x = rng.normal(3.0, 1.0, (images, dimensions)).astype(np.float32)
    return x, (x + rng.normal(0.2, 0.7, x.shape)).astype(np.float32), names


def test_published_frechet_distances_without_each_scene():
    a, b = frechet_left_out(REFERENCE, A, BY), frechet_left_out(REFERENCE, B, BY)
    assert (a.value, b.value) == pytest.approx((EXPECTED["fid_A"], EXPECTED["fid_B"]), abs=1e-9)
    assert a.without == pytest.approx(np.array(EXPECTED["jack_delete_fid_A"]), abs=1e-9)
    assert a.standard_error == pytest.approx(EXPECTED["jack_se_fid_A"], abs=1e-9)
    difference = b - a
    assert difference.value == pytest.approx(EXPECTED["diff"], abs=1e-9)
    assert difference.without == pytest.approx(np.array(EXPECTED["jack_delete_diff"]), abs=1e-9)
    assert difference.standard_error == pytest.approx(EXPECTED["jack_se_diff"], abs=1e-9)


def test_published_kernel_distances_without_each_scene():
    a, b = kid_left_out(REFERENCE, A, BY), kid_left_out(REFERENCE, B, BY)
    assert (a.value, b.value) == pytest.approx((EXPECTED["kid_A"], EXPECTED["kid_B"]), abs=1e-9)
    assert (b - a).value == pytest.approx(EXPECTED["kid_diff"], abs=1e-9)
    assert a.without == pytest.approx(np.array(EXPECTED["kid_block_jackknife_A"]), abs=1e-9)
    assert a.standard_error == pytest.approx(EXPECTED["kid_jackknife_se_A"], abs=1e-9)


@pytest.mark.parametrize("dimensions", [24, 300], ids=["more images than dimensions", "fewer"])
def test_leaving_out_equals_computing_anew(dimensions):
    x, y, names = scattered(dimensions=dimensions)
    by = units(names)
    found, kernel = frechet_left_out(x, y, by), kid_left_out(x, y, by)
    assert found.value == pytest.approx(frechet(x, y), rel=1e-7)
    for unit in range(by.count):
        keep = by.of != unit
        assert found.without[unit] == pytest.approx(frechet(x[keep], y[keep]), rel=1e-7)
        assert kernel.without[unit] == pytest.approx(kid(x[keep], y[keep]), rel=1e-9)


def test_repeated_and_equal_pictures_keep_their_digits():
    x, _, names = scattered(dimensions=300)
    by = units(names)
    same = frechet_left_out(x, x, by)
    assert same.value == pytest.approx(0.0, abs=1e-4)
    assert (same.without >= 0).all()
    collapsed = np.repeat(x[:1], len(x), axis=0)  # one answer to everything: covariance zero
    assert frechet_left_out(x, collapsed, by).value == pytest.approx(frechet(x, collapsed), rel=1e-6)


def test_the_interval_is_students_about_the_value():
    by = units([f"s{i}" for i in range(10)])
    found = interval(LeftOut(5.0, np.array([5.0, 5.2] * 5)), by)
    se = np.sqrt(9 / 10 * 10 * 0.1**2)
    assert found.se == pytest.approx(se)
    assert (found.low, found.high) == pytest.approx((5.0 - 2.2621571628 * se, 5.0 + 2.2621571628 * se))
    assert found.method == "jackknife, 10 scenes"


def test_many_scenes_are_left_out_in_groups():
    assert (most_groups(650), most_groups(5000)) == (60, 20)
    x, y, _ = scattered(images=90)
    by = units([f"s{i}" for i in range(90)], most=most_groups(90))
    found = interval(kid_left_out(x, y, by), by)
    assert (by.count, found.scenes, found.method) == (60, 90, "jackknife, 60 groups of 90 scenes")
    alone = units([f"s{i}" for i in range(90)])
    assert found.se == pytest.approx(interval(kid_left_out(x, y, alone), alone).se, rel=0.35)

"""The sliced Wasserstein distance depends on the images alone, and sees texture rather than brightness."""

import hashlib
import json
import runpy
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.metrics.swd import hashed_centres, hashed_directions, laplacian_pyramid, patches, sliced_distance, swd

GOLDEN = Path(__file__).parents[1] / "golden"
EXPECTED = json.loads((GOLDEN / "evaluation.json").read_text())["swd"]
image = runpy.run_path(str(GOLDEN / "formulas.py"))["image"]


def stack(count, size=64, seed=0, sigma=40.0):
    noise = np.random.default_rng(seed).normal(128.0, sigma, (count, size, size))
    return noise.clip(0, 255).astype(np.uint8)


def test_fixed_patches_and_directions_score_as_published():
    height, width, levels = EXPECTED["h"], EXPECTED["w"], EXPECTED["levels"]
    sides = [[laplacian_pyramid(image(name, height, width), levels) for name in EXPECTED[side]] for side in ("A", "B")]
    j, q = np.mgrid[:49, :32]
    directions = np.cos(np.pi * (j + 0.5) * (q + 1) / 49)
    directions /= np.linalg.norm(directions, axis=0)
    values = []
    for level, case in enumerate(EXPECTED["per_level"]):
        first = sides[0][0][level]
        assert first.shape == (case["size"], case["size"])
        assert first.sum() == pytest.approx(case["level_sum_A0"], abs=1e-6)
        assert abs(first).sum() == pytest.approx(case["level_abs_sum_A0"], abs=1e-6)
        grid = range(3, case["size"] - 3, 4)
        centres = np.array([(row, column) for row in grid for column in grid])
        ours, theirs = (np.concatenate([patches(p[level], centres) for p in side]) for side in sides)
        assert ours.shape == (case["n"], 49)
        values.append(sliced_distance(ours, theirs, directions))
        assert values[-1] == pytest.approx(case["swd_x1e3"], abs=1e-6)
    assert np.mean(values) == pytest.approx(EXPECTED["mean"], abs=1e-6)


def test_a_constant_image_has_exactly_no_detail():
    *details, rest = laplacian_pyramid(np.full((64, 64), 85, np.uint8), 3)
    assert all((detail == 0).all() for detail in details)
    assert (rest == 85).all()


def test_patches_come_from_hashes_of_their_names_and_stay_inside():
    centres = hashed_centres(2, 7, (64, 32))
    assert centres.shape == (128, 2)
    assert centres.min() == 3
    assert centres.max(axis=0).tolist() == [60, 28]
    draw = int.from_bytes(hashlib.sha256(b"swd|patch|2|7|5").digest()[:8], "big") % (58 * 26)
    assert centres[5].tolist() == [draw // 26 + 3, draw % 26 + 3]


def test_directions_are_unit_vectors_without_preference():
    directions = hashed_directions(0)
    assert directions.shape == (49, 512)
    assert np.linalg.norm(directions, axis=0) == pytest.approx(np.ones(512), abs=1e-12)
    assert abs(directions.mean(axis=1)).max() < 5 / np.sqrt(49 * 512)
    # A normal's share beyond one standard deviation is 31.7 %; a uniform's would be 42 %.
    assert (abs(directions) * 7 > 1).mean() == pytest.approx(0.317, abs=0.02)
    assert not (directions == hashed_directions(1)).all()
    u, v = (
        (int.from_bytes(hashlib.sha256(f"swd|dir|0|0|{c}".encode()).digest()[:8], "big") + 0.5) / 2**64 for c in (0, 1)
    )
    pair = np.sqrt(-2 * np.log(u)) * np.array([np.cos(2 * np.pi * v), np.sin(2 * np.pi * v)])
    assert directions[:2, 0] / directions[0, 0] == pytest.approx(pair / pair[0], abs=1e-12)


def test_same_images_score_the_same_every_time_and_zero_against_themselves():
    a, b = stack(4, seed=1), stack(4, seed=2)
    first = swd(a, b)
    hashed_directions.cache_clear()
    assert swd(a, b) == first
    assert swd(a, a) == 0.0
    assert swd(b, a) == pytest.approx(first, rel=1e-12)


def test_texture_counts_and_brightness_does_not():
    def streaks(kernel, seed):
        return np.stack([cv2.blur(noise, kernel) for noise in stack(32, seed=seed)])

    reference = streaks((5, 1), seed=1)
    same, turned = swd(streaks((5, 1), seed=2), reference), swd(streaks((1, 5), seed=2), reference)
    assert turned > 2 * same > 0.0
    assert swd(reference + np.uint8(10), reference) == pytest.approx(0.0, abs=1e-9)


def test_constant_predictions_get_a_finite_score():
    value = swd(np.full((3, 64, 64), 128, np.uint8), stack(3))
    assert np.isfinite(value)
    assert value > 100


def test_stacks_that_cannot_be_compared_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        swd(stack(3), stack(4))
    with pytest.raises(ValueError, match="halve evenly"):
        swd(stack(2, size=100), stack(2, size=100))
    with pytest.raises(ValueError, match="halve evenly"):
        swd(stack(2, size=24), stack(2, size=24))

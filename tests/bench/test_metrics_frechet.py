"""The Fréchet distance is exact for any number of images, and never asks for a matrix square root."""

import hashlib
import json
import runpy
from pathlib import Path

import numpy as np
import pytest

from bench.metrics.frechet import frechet, frechet_from_grams, frechet_terms, gram_matrices
from shards.errors import UserError

GOLDEN = Path(__file__).parents[1] / "golden"
EXPECTED = json.loads((GOLDEN / "evaluation.json").read_text())
features = runpy.run_path(str(GOLDEN / "formulas.py"))["features"]


def both(case):
    return features("FX", case["n"], case["d"]), features("FY", case["m"], case["d"])


@pytest.mark.parametrize("case", EXPECTED["features"], ids=lambda case: f"{case['n']}-{case['m']}-{case['d']}")
def test_formula_features_score_as_published(case):
    x, y = both(case)
    terms = frechet_terms(x, y)
    assert terms.mean_gap == pytest.approx(case["mean_sq"], abs=1e-9)
    assert terms.trace_x == pytest.approx(case["tr1"], abs=1e-9)
    assert terms.trace_y == pytest.approx(case["tr2"], abs=1e-9)
    assert terms.cross == pytest.approx(case["tr_sqrt"], abs=1e-9)
    assert frechet(x, y) == pytest.approx(case["fid"], abs=1e-9)
    # sqrtm and eigvals lose digits where the covariances are rank-deficient (n <= d); the nuclear norm does not.
    assert frechet(x, y) == pytest.approx(case["fid_sqrtm"], abs=1e-6)
    assert frechet(x, y) == pytest.approx(case["fid_eigvals"], abs=1e-6)


@pytest.mark.parametrize("case", EXPECTED["features"], ids=lambda case: f"{case['n']}-{case['m']}-{case['d']}")
def test_population_covariances_would_score_as_published(case):
    terms, shares = frechet_terms(*both(case)), [1 - 1 / case["n"], 1 - 1 / case["m"]]
    traces = shares[0] * terms.trace_x + shares[1] * terms.trace_y
    value = terms.mean_gap + traces - 2 * np.sqrt(shares[0] * shares[1]) * terms.cross
    assert value == pytest.approx(case["fid_population_cov"], abs=1e-9)


@pytest.mark.parametrize("rows", [12, 64], ids=["fewer rows than dimensions", "more rows than dimensions"])
def test_agrees_with_the_matrix_square_root(rows):
    linalg = pytest.importorskip("scipy.linalg")
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(rows, 32)), generator.normal(0.3, 1.5, size=(rows, 32))
    covariances = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root = linalg.sqrtm(covariances[0] @ covariances[1]).real
    theirs = ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert frechet(x, y) == pytest.approx(theirs, abs=1e-3)


def test_equal_sets_have_distance_zero():
    for x in (features("FX", 50, 16), features("FX", 8, 32), 1e4 * features("FX", 60, 64)):
        assert frechet(x, x) == pytest.approx(0.0, abs=1e-9 * frechet_terms(x, x).trace_x)
        assert frechet(x, x) >= 0.0


def test_shift_and_scale_have_their_closed_forms():
    case = EXPECTED["features_identity"]
    x = features("FX", case["n"], case["d"])
    assert frechet(x, x + 0.1) == pytest.approx(case["fid_shift"], abs=1e-9)
    assert frechet(x, 2 * x) == pytest.approx(case["fid_scale2"], abs=1e-9)


def test_a_constant_set_is_scored_by_the_other_sides_spread():
    x, constant = features("FX", 50, 16), np.full((50, 16), 0.25)
    terms = frechet_terms(x, constant)
    assert frechet(x, constant) == pytest.approx(terms.mean_gap + terms.trace_x, abs=1e-12)


def test_symmetric_and_blind_to_row_order_and_rotation():
    x, y = features("FX", 40, 16), features("FY", 50, 16)
    value = frechet(x, y)
    generator = np.random.default_rng(1)
    rotation = np.linalg.qr(generator.normal(size=(16, 16)))[0]
    assert frechet(y, x) == pytest.approx(value, abs=1e-9)
    assert frechet(generator.permutation(x), generator.permutation(y)) == pytest.approx(value, abs=1e-9)
    assert frechet(x @ rotation, y @ rotation) == pytest.approx(value, abs=1e-9)


def test_float32_features_are_summed_in_float64():
    x, y = features("FX", 50, 16).astype(np.float32), features("FY", 50, 16).astype(np.float32)
    assert frechet(x + np.float32(1000), y + np.float32(1000)) == pytest.approx(
        frechet((x + np.float32(1000)).astype(float), (y + np.float32(1000)).astype(float)), abs=1e-12
    )


def test_two_images_suffice_and_one_does_not():
    assert frechet(features("FX", 2, 4), features("FY", 2, 4)) > 0
    with pytest.raises(UserError, match="at least 2 images on each side: there are 1"):
        frechet(features("FX", 1, 4), features("FY", 2, 4))
    with pytest.raises(UserError, match="at least 2 images"):
        frechet_from_grams(*gram_matrices(np.eye(3), np.eye(3)), np.array([1, 0, 0]), np.ones(3))


def test_features_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="dimensions"):
        frechet(np.eye(3), np.eye(4))
    with pytest.raises(ValueError, match="finite"):
        frechet(np.eye(3), np.full((3, 3), np.nan))


def test_gram_weights_reproduce_resampling_by_scenes():
    # Draw k of resample b is SHA-256("seed|b|k") modulo the number of scenes.
    expected, scenes, seed = EXPECTED["bootstrap_fid"], 10, 7
    x, y = features("FX", 50, 16), features("FY", 50, 16)
    grams = gram_matrices(x, y)
    for b, value in enumerate(expected["fid_b"]):
        digests = [hashlib.sha256(f"{seed}|{b}|{k}".encode()).digest() for k in range(scenes)]
        counts = np.bincount([int.from_bytes(d[:8], "big") % scenes for d in digests], minlength=scenes)
        if b < len(expected["first_counts"]):
            assert counts.tolist() == expected["first_counts"][b]
        weights = np.repeat(counts, 5)
        assert frechet_from_grams(*grams, weights, weights) == pytest.approx(value, abs=1e-9)
        repeated = frechet(np.repeat(x, weights, axis=0), np.repeat(y, weights, axis=0))
        assert repeated == pytest.approx(value, abs=1e-9)


def test_gram_weights_reproduce_leaving_scenes_out():
    case = EXPECTED["fid_paired_test"]
    reference, a, b = (features(name, case["n"], case["d"]) for name in ("FX", "FY", "FZ"))
    assert frechet(reference, a) == pytest.approx(case["fid_A"], abs=1e-9)
    assert frechet(reference, b) == pytest.approx(case["fid_B"], abs=1e-9)
    left_out = []
    for scene in range(5):
        keep = np.repeat(np.arange(5) != scene, 10)
        values = [frechet_from_grams(*gram_matrices(reference, side), keep, keep) for side in (a, b)]
        assert values == pytest.approx([frechet(reference[keep], side[keep]) for side in (a, b)], abs=1e-9)
        left_out.append(values)
    left_out = np.array(left_out)
    assert left_out[:, 0] == pytest.approx(np.array(case["jack_delete_fid_A"]), abs=1e-9)
    assert left_out[:, 1] - left_out[:, 0] == pytest.approx(np.array(case["jack_delete_diff"]), abs=1e-9)
    spread = np.sqrt(4 / 5 * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
    assert spread[0] == pytest.approx(case["jack_se_fid_A"], abs=1e-9)


def test_swapping_models_within_scenes_gives_the_exact_test():
    case = EXPECTED["fid_paired_test"]
    reference, a, b = (features(name, case["n"], case["d"]) for name in ("FX", "FY", "FZ"))
    differences = []
    for subset in range(32):
        swapped = np.repeat([bool(subset >> scene & 1) for scene in range(5)], 10)[:, None]
        differences.append(frechet(reference, np.where(swapped, a, b)) - frechet(reference, np.where(swapped, b, a)))
    assert differences[:4] == pytest.approx(case["first4"], abs=1e-9)
    assert sum(abs(d) >= abs(differences[0]) - 1e-12 for d in differences) == case["swap_exact_count"]

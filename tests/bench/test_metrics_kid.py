"""KID is the full unbiased estimator: no subsets, no random state."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest
import torch

from bench.metrics.kid import kid
from shards.errors import UserError

GOLDEN = Path(__file__).parents[1] / "golden"
EXPECTED = json.loads((GOLDEN / "evaluation.json").read_text())
features = runpy.run_path(str(GOLDEN / "formulas.py"))["features"]


@pytest.mark.parametrize("case", EXPECTED["features"], ids=lambda case: f"{case['n']}-{case['m']}-{case['d']}")
def test_formula_features_score_as_published(case):
    x, y = features("FX", case["n"], case["d"]), features("FY", case["m"], case["d"])
    assert kid(x, y) == pytest.approx(case["kid_unbiased"], abs=1e-9)
    assert kid(y, x) == pytest.approx(case["kid_unbiased"], abs=1e-9)


def kernel(x, y):
    return (x @ y.T / x.shape[1] + 1) ** 3


def off_diagonal_mean(values):
    return (values.sum() - np.trace(values)) / (len(values) * (len(values) - 1))


@pytest.mark.parametrize("case", EXPECTED["features"], ids=lambda case: f"{case['n']}-{case['m']}-{case['d']}")
def test_the_other_estimators_differ_by_their_diagonals_alone(case):
    x, y = features("FX", case["n"], case["d"]), features("FY", case["m"], case["d"])
    bias = sum(kernel(side, side).mean() - off_diagonal_mean(kernel(side, side)) for side in (x, y))
    assert kid(x, y) + bias == pytest.approx(case["kid_biased"], abs=1e-9)
    if "kid_u_statistic_same_n" in case:
        paired = 2 * (kernel(x, y).mean() - off_diagonal_mean(kernel(x, y)))
        assert kid(x, y) + paired == pytest.approx(case["kid_u_statistic_same_n"], abs=1e-9)


def test_blocks_and_left_out_blocks_score_as_published():
    case = EXPECTED["features"][0]
    x, y = features("FX", 50, 16), features("FY", 50, 16)
    blocks = [slice(start, start + 10) for start in range(0, 50, 10)]
    assert [kid(x[b], y[b]) for b in blocks] == pytest.approx(case["kid_blocks_of_10"], abs=1e-9)
    left_out = [kid(np.delete(x, b, axis=0), np.delete(y, b, axis=0)) for b in blocks]
    assert left_out == pytest.approx(case["kid_block_jackknife"], abs=1e-9)


def test_equal_sets_score_below_zero_because_the_estimate_is_unbiased():
    case = EXPECTED["features_identity"]
    x = features("FX", case["n"], case["d"])
    assert kid(x, x) == pytest.approx(case["kid_unbiased_X_X"], abs=1e-9)
    bias = 2 * (kernel(x, x).mean() - off_diagonal_mean(kernel(x, x)))
    assert kid(x, x) + bias == pytest.approx(case["kid_biased_X_X"], abs=1e-9)


def test_two_models_compare_as_published():
    case = EXPECTED["fid_paired_test"]
    reference, a, b = (features(name, case["n"], case["d"]) for name in ("FX", "FY", "FZ"))
    assert kid(reference, a) == pytest.approx(case["kid_A"], abs=1e-9)
    assert kid(reference, b) == pytest.approx(case["kid_B"], abs=1e-9)
    differences = []
    for subset in range(32):
        swapped = np.repeat([bool(subset >> scene & 1) for scene in range(5)], 10)[:, None]
        differences.append(kid(reference, np.where(swapped, a, b)) - kid(reference, np.where(swapped, b, a)))
    share = sum(abs(d) >= abs(differences[0]) - 1e-12 for d in differences) / 32
    assert share == case["kid_swap_exact_p"]


def test_one_image_is_too_few_and_two_networks_too_many():
    with pytest.raises(UserError, match="at least 2 images"):
        kid(np.ones((1, 4)), np.ones((3, 4)))
    with pytest.raises(ValueError, match="one network"):
        kid(np.ones((3, 4)), np.ones((3, 5)))
    with pytest.raises(ValueError, match="finite"):
        kid(np.ones((3, 4)), np.full((3, 4), np.inf))


def test_it_is_torch_fidelitys_kid_of_one_subset_that_is_the_whole_set():
    metric_kid = pytest.importorskip("torch_fidelity.metric_kid")
    generator = np.random.default_rng(5)
    x, y = generator.normal(size=(60, 32)), generator.normal(0.2, 1.1, size=(60, 32))
    theirs = metric_kid.kid_features_to_metric(
        *map(torch.from_numpy, (x, y)), kid_subsets=1, kid_subset_size=60, verbose=False
    )
    assert kid(x, y) == pytest.approx(theirs["kernel_inception_distance_mean"], abs=1e-12)

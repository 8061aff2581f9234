"""PSNR is computed in float64, capped, and averaged over images."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest

from bench.metrics.psnr import mean_squared_error, psnr, psnr_pooled, squared_error

GOLDEN = Path(__file__).parents[1] / "golden"
EXPECTED = json.loads((GOLDEN / "evaluation.json").read_text())
image = runpy.run_path(str(GOLDEN / "formulas.py"))["image"]


def pair(case):
    return image(case["pred"], case["h"], case["w"]), image(case["ref"], case["h"], case["w"])


@pytest.mark.parametrize("case", EXPECTED["pairs"], ids=lambda case: f"{case['pred']}-{case['ref']}-{case['h']}")
def test_formula_pairs_score_as_published(case):
    prediction, reference = pair(case)
    assert mean_squared_error(prediction, reference) == pytest.approx(case["mse"], abs=1e-8)
    assert psnr(prediction, reference) == pytest.approx(100.0 if case["psnr"] is None else case["psnr"], abs=1e-8)


def test_uint8_images_do_not_wrap_around():
    case = EXPECTED["uint8_wraparound"]
    prediction, reference = pair(case)
    assert mean_squared_error(prediction, reference) == pytest.approx(case["right_mse"], abs=1e-9)
    assert ((prediction - reference) ** 2).mean() == pytest.approx(case["wrong_mse"])  # what it would have been


def test_the_mean_of_images_is_not_the_pooled_value():
    case = EXPECTED["aggregation"]
    pairs = [pair({"pred": p, "ref": r, "h": case["h"], "w": case["w"]}) for p, r in case["pairs"]]
    values = [psnr(*p) for p in pairs]
    shares = [squared_error(*p) for p in pairs]
    assert np.mean(values) == pytest.approx(case["psnr_mean_cap100"], abs=1e-9)
    assert np.mean(values[:3]) == pytest.approx(case["psnr_mean_first3"], abs=1e-9)
    assert psnr_pooled(shares) == pytest.approx(case["psnr_pooled"], abs=1e-9)
    assert psnr_pooled(shares[:3]) == pytest.approx(case["psnr_pooled_first3"], abs=1e-9)


def test_pooling_counts_pixels_and_not_images():
    small, large = np.zeros((2, 2), np.uint8), np.zeros((6, 2), np.uint8)
    shares = [squared_error(small + np.uint8(20), small), squared_error(large, large)]
    assert psnr_pooled(shares) == psnr_pooled([(1600.0, 16)])
    assert psnr_pooled([squared_error(small, small)]) == 100.0


def test_only_identical_256_pixel_images_reach_the_cap():
    reference = image("tri", 256, 256)
    nearly = reference.copy()
    nearly[0, 0] += 1
    assert psnr(reference, reference) == 100.0
    assert 96.0 < psnr(nearly, reference) < 97.0
    assert psnr(reference, reference, cap=80.0) == psnr(nearly, reference, cap=80.0) == 80.0


def test_symmetric_and_blind_to_a_common_flip():
    prediction, reference = image("weave", 64, 80), image("tri", 64, 80)
    assert psnr(prediction, reference) == psnr(reference, prediction)
    assert psnr(prediction[:, ::-1], reference[:, ::-1]) == pytest.approx(psnr(prediction, reference), abs=1e-12)


def test_inputs_are_left_alone():
    prediction, reference = image("weave", 64, 80), image("tri", 64, 80)
    before = prediction.copy(), reference.copy()
    psnr(prediction, reference)
    assert (prediction == before[0]).all()
    assert (reference == before[1]).all()


def test_two_sizes_are_refused():
    with pytest.raises(ValueError, match="one size"):
        psnr(image("tri", 64, 80), image("tri", 80, 64))

"""SSIM is the Gaussian, population, valid-window value and nothing near it."""

import json
import runpy
from pathlib import Path

import pytest

from bench.metrics.ssim import ssim

GOLDEN = Path(__file__).parents[1] / "golden"
PAIRS = json.loads((GOLDEN / "evaluation.json").read_text())["pairs"]
image = runpy.run_path(str(GOLDEN / "formulas.py"))["image"]


def name(case):
    return f"{case['pred']}-{case['ref']}-{case['h']}"


def pair(case):
    return image(case["pred"], case["h"], case["w"]), image(case["ref"], case["h"], case["w"])


@pytest.mark.parametrize("case", PAIRS, ids=name)
def test_formula_pairs_score_as_published(case):
    assert ssim(*pair(case)) == pytest.approx(case["ssim"], abs=1e-8)


@pytest.mark.parametrize("case", PAIRS, ids=name)
def test_equal_to_scikit_image(case):
    metrics = pytest.importorskip("skimage.metrics")
    prediction, reference = pair(case)
    theirs = metrics.structural_similarity(
        prediction, reference, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
    )
    assert ssim(prediction, reference) == pytest.approx(theirs, abs=1e-12)


def test_symmetric_and_blind_to_a_common_flip():
    prediction, reference = image("tri_roll3", 64, 80), image("tri", 64, 80)
    value = ssim(prediction, reference)
    assert ssim(reference, prediction) == pytest.approx(value, abs=1e-12)
    assert ssim(prediction[:, ::-1], reference[:, ::-1]) == pytest.approx(value, abs=1e-12)
    assert ssim(prediction[::-1], reference[::-1]) == pytest.approx(value, abs=1e-12)


def test_negative_values_are_kept():
    assert ssim(image("inv_tri", 64, 80), image("tri", 64, 80)) < -0.2


def test_images_below_the_window_are_refused():
    with pytest.raises(ValueError, match="at least 11 x 11"):
        ssim(image("tri", 10, 80), image("tri", 10, 80))
    with pytest.raises(ValueError, match="one size"):
        ssim(image("tri", 64, 80), image("tri", 80, 64))

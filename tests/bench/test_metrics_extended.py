"""Metrics beside the headline: exact to the digit, undefined where nothing can be said, each blind to its thing."""

import json
import runpy
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.metrics.alignment import ncc, psnr_affine, psnr_affine_pos, psnr_shift4
from bench.metrics.chroma import chroma_dev
from bench.metrics.edges import edge_f1, edge_precision_recall, grad_corr, grad_mag_corr, upper_quantile
from bench.metrics.error import mae, rmse
from bench.metrics.histogram import hist_emd
from bench.metrics.hot import hot_iou_abs, hot_iou_rel
from bench.metrics.psnr import mean_squared_error, psnr
from bench.metrics.spectrum import hf_ratio, hf_ratio_err, radial_power, slope_err, spectrum_slope
from bench.metrics.ssim import ms_ssim
from bench.metrics.vif import vif_p
from models import pretrained

GOLDEN = Path(__file__).parents[1] / "golden"
EXPECTED = json.loads((GOLDEN / "evaluation.json").read_text())
image = runpy.run_path(str(GOLDEN / "formulas.py"))["image"]
TRI, NOISY, WEAVE, FLAT = (image(name, 256, 256) for name in ("tri", "tri_n", "weave", "const128"))

PAIRED = {
    "mae": mae,
    "ncc": ncc,
    "psnr_affine": psnr_affine,
    "psnr_affine_pos": psnr_affine_pos,
    "psnr_shift4": psnr_shift4,
    "grad_corr": grad_corr,
    "grad_mag_corr": grad_mag_corr,
    "edge_precision": lambda p, r: edge_precision_recall(p, r)[0],
    "edge_recall": lambda p, r: edge_precision_recall(p, r)[1],
    "edge_f1": edge_f1,
    "hot_iou_abs": hot_iou_abs,
    "hot_iou_rel": hot_iou_rel,
    "hist_emd": hist_emd,
    "slope_pred": lambda p, r: spectrum_slope(p),
    "slope_ref": lambda p, r: spectrum_slope(r),
    "hf_ratio_pred": lambda p, r: hf_ratio(p),
    "hf_ratio_ref": lambda p, r: hf_ratio(r),
    "ms_ssim": ms_ssim,
    "vif_p": vif_p,
}


@pytest.mark.parametrize("pair", EXPECTED["extras"])
def test_formula_pairs_score_as_published(pair):
    prediction, reference = (image(name, 256, 256) for name in pair.split("|"))
    expected = EXPECTED["extras"][pair]
    assert set(expected) == set(PAIRED)
    for name, value in expected.items():
        tolerance = 1e-5 if name == "ms_ssim" else 1e-6
        found = PAIRED[name](prediction, reference)
        assert found == (None if value is None else pytest.approx(value, abs=tolerance)), name


@pytest.mark.parametrize("case", EXPECTED["pairs"], ids=lambda case: f"{case['pred']}-{case['ref']}-{case['h']}")
def test_errors_and_correlation_at_any_size(case):
    sides = image(case["pred"], case["h"], case["w"]), image(case["ref"], case["h"], case["w"])
    assert mae(*sides) == pytest.approx(case["mae"], abs=1e-8)
    assert rmse(*sides) == pytest.approx(np.sqrt(case["mse"]), abs=1e-8)
    assert ncc(*sides) == (None if case["ncc"] is None else pytest.approx(case["ncc"], abs=1e-8))


@pytest.mark.parametrize("metric", [ncc, grad_corr, grad_mag_corr, slope_err, hf_ratio_err])
def test_a_constant_side_is_undefined_and_not_a_number(metric):
    assert metric(FLAT, TRI) is None
    assert metric(TRI, FLAT) is None


@pytest.mark.parametrize("metric", [hot_iou_abs, hot_iou_rel, vif_p])
def test_a_constant_reference_has_nothing_to_find(metric):
    assert metric(TRI, FLAT) is None
    assert metric(FLAT, TRI) == 0.0


@pytest.mark.parametrize("metric", [PAIRED[name] for name in PAIRED], ids=list(PAIRED))
def test_inputs_are_left_alone(metric):
    prediction, reference = NOISY.copy(), TRI.copy()
    metric(prediction, reference)
    assert (prediction == NOISY).all()
    assert (reference == TRI).all()


def test_an_affine_fit_is_the_least_squares_one():
    x, y = NOISY.astype(float).ravel(), TRI.astype(float).ravel()
    design = np.stack([x, np.ones_like(x)], axis=1)
    fitted = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    expected = 10 * np.log10(255**2 / mean_squared_error(fitted, y))
    assert psnr_affine(NOISY, TRI) == pytest.approx(expected, abs=1e-9)


def test_positive_gain_does_not_forgive_inversion():
    assert psnr_affine(255 - TRI, TRI) == 100.0
    assert psnr_affine_pos(255 - TRI, TRI) == pytest.approx(psnr_affine(FLAT, TRI), abs=1e-9)


def test_shifts_are_searched_exhaustively():
    height, width = TRI.shape
    centre = TRI[4:-4, 4:-4]
    expected = max(
        psnr(WEAVE[4 + y : height - 4 + y, 4 + x : width - 4 + x], centre) for y in range(-4, 5) for x in range(-4, 5)
    )
    assert psnr_shift4(WEAVE, TRI) == pytest.approx(expected, abs=1e-9)
    assert psnr_shift4(np.roll(TRI, (4, -4), (0, 1)), TRI) == 100.0
    assert psnr_shift4(np.roll(TRI, 5, 1), TRI) < 100.0


def test_gradients_are_sobels():
    small, other = image("weave", 30, 40), image("tri_n", 30, 40)
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    correlations = []
    for directed in (kernel, kernel.T):
        ours, theirs = (cv2.filter2D(side.astype(float), cv2.CV_64F, directed)[1:-1, 1:-1] for side in (small, other))
        correlations.append(np.corrcoef(ours.ravel(), theirs.ravel())[0, 1])
    assert grad_corr(small, other) == pytest.approx(np.mean(correlations), abs=1e-12)


def test_polarity_counts_in_gradients_and_not_in_their_magnitudes():
    assert grad_corr(255 - NOISY, NOISY) == pytest.approx(-1.0)
    assert grad_mag_corr(255 - NOISY, NOISY) == pytest.approx(1.0)
    assert edge_f1(255 - NOISY, NOISY) == 1.0


def test_quantiles_are_numpys_higher_ones():
    for share in (0.0, 0.5, 0.9, 0.95, 1.0):
        for values in (NOISY, image("weave", 7, 9)):
            assert upper_quantile(values, share) == np.quantile(values, share, method="higher")


def test_a_hot_place_counts_without_its_level_only_when_asked_so():
    cooler = (NOISY // 2).astype(np.uint8)
    assert hot_iou_abs(cooler, NOISY) == 0.0
    assert hot_iou_rel(cooler, NOISY) > 0.8


def test_histograms_compare_sorted_pixels():
    expected = np.abs(np.sort(WEAVE.ravel()).astype(float) - np.sort(TRI.ravel())).mean()
    assert hist_emd(WEAVE, TRI) == pytest.approx(expected, abs=1e-9)
    assert hist_emd(WEAVE.ravel()[::-1].reshape(WEAVE.shape), WEAVE) == 0.0
    with pytest.raises(ValueError, match="uint8"):
        hist_emd(WEAVE.astype(float), TRI)


def test_the_half_transform_counts_every_frequency_once():
    power, counts = radial_power(NOISY)
    plane = NOISY.astype(float) - NOISY.mean()
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(256) / 256)
    whole = np.abs(np.fft.fft2(plane * hann * hann[:, None])) ** 2
    frequency = np.fft.fftfreq(256, 1 / 256)
    radius = np.rint(np.hypot(frequency, frequency[:, None])).astype(int)
    for r in (0, 1, 17, 127, 128):
        assert counts[r] == (radius == r).sum()
        assert power[r] == pytest.approx(whole[radius == r].mean(), rel=1e-9)
    with pytest.raises(ValueError, match="256 pixels"):
        radial_power(image("tri", 256, 300))


def test_blur_steepens_the_spectrum_and_takes_fine_detail():
    noise = np.random.default_rng(0).integers(0, 256, (256, 256), dtype=np.uint8)
    blurred = cv2.GaussianBlur(noise, (0, 0), 2)
    assert spectrum_slope(noise) == pytest.approx(0.0, abs=0.2)
    assert spectrum_slope(blurred) < -1
    assert hf_ratio(blurred) < 0.01 < hf_ratio(noise)


def test_vif_equals_torchmetrics():
    import torch

    functional = pretrained.torchmetrics().functional.image
    for prediction, reference in ((NOISY, TRI), (WEAVE, TRI), (TRI, WEAVE)):
        theirs = functional.visual_information_fidelity(
            *(torch.from_numpy(side).double()[None, None] for side in (prediction, reference))
        )
        assert vif_p(prediction, reference) == pytest.approx(theirs.item(), abs=1e-5)
    assert vif_p((TRI.astype(float) - 128) * 1.2 + 128, TRI) > 1
    with pytest.raises(ValueError, match="41 pixels"):
        vif_p(image("tri", 40, 99), image("tri", 40, 99))


def test_tints_are_seen_that_luma_hides():
    tinted = np.dstack([TRI // 2 + 60, TRI // 2 + 50, TRI // 2 + 40])
    assert chroma_dev(tinted) == pytest.approx(20.0)
    assert chroma_dev(TRI) == chroma_dev(np.dstack([TRI] * 3)) == 0.0

"""SSIM is the Gaussian, population, valid-window value and nothing near it."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.__main__ import main
from bench.metrics.ssim import ms_ssim, ssim
from bench.metrics.ssim_float32 import ssim_float32
from bench.protocol import load
from models import pretrained

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


@pytest.mark.parametrize("case", PAIRS, ids=name)
def test_a_uniform_window_and_a_mirrored_border_are_the_values_of_libraries(case):
    sides = pair(case)
    assert ssim(*sides, window=7, sigma=0, sample=True) == pytest.approx(case["ssim_uniform7_sample"], abs=1e-8)
    assert ssim(*sides, border="reflect") == pytest.approx(case["ssim_reflect"], abs=1e-8)


@pytest.mark.parametrize("case", PAIRS, ids=name)
def test_each_choice_that_moves_the_value_moves_it_as_published(case):
    prediction, reference = sides = pair(case)
    assert ssim(*sides, sample=True) == pytest.approx(case["ssim_sample"], abs=1e-8)
    # A range of 2 for levels in [0, 1] is one of 255 for half the levels.
    assert ssim(prediction / 2, reference / 2) == pytest.approx(case["ssim_range_2"], abs=1e-8)
    # The window over a border of zeros is a window that fits into the padded image.
    assert ssim(np.pad(prediction, 5), np.pad(reference, 5)) == pytest.approx(case["ssim_zero_border"], abs=1e-8)
    # The library computes in 32-bit floats, which costs 1.3e-5 where structure is inverted.
    assert ssim(*sides) == pytest.approx(case["ssim_pytorch_msssim"], abs=2e-5)


@pytest.mark.parametrize("case", PAIRS, ids=name)
def test_equal_to_scikit_images_default(case):
    metrics = pytest.importorskip("skimage.metrics")
    theirs = metrics.structural_similarity(*pair(case))
    assert ssim(*pair(case), window=7, sigma=0, sample=True) == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("case", [c for c in PAIRS if c["h"] > 11], ids=name)
def test_equal_to_torchmetrics(case):
    import torch

    functional = pretrained.torchmetrics().functional.image
    sides = [torch.from_numpy(side).double()[None, None] / 255 for side in pair(case)]
    theirs = functional.structural_similarity_index_measure(*sides, data_range=1.0).item()
    assert ssim(*pair(case), border="reflect") == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("case", [c for c in PAIRS if c["h"] > 11], ids=name)
def test_the_rounding_of_torchmetrics_is_part_of_its_value(case):
    import torch

    functional = pretrained.torchmetrics().functional.image
    sides = [torch.from_numpy(side)[None, None] / 255 for side in pair(case)]
    theirs = functional.structural_similarity_index_measure(*sides, data_range=1.0).item()
    assert ssim_float32(*pair(case)) == pytest.approx(theirs, abs=1e-6)


def test_small_images_have_no_value_in_float32_either():
    with pytest.raises(ValueError, match="11 pixels at least"):
        ssim_float32(image("tri", 10, 80), image("tri", 10, 80))


@pytest.mark.parametrize("case", [c for c in PAIRS if "ms_ssim" in c], ids=name)
def test_five_scales_score_as_published(case):
    assert ms_ssim(*pair(case)) == pytest.approx(case["ms_ssim"], abs=1e-5)


def test_five_scales_of_inverted_structure_score_zero():
    assert ms_ssim(image("inv_tri", 256, 256), image("tri", 256, 256)) == 0.0
    assert ms_ssim(image("tri", 181, 203), image("tri", 181, 203)) == pytest.approx(1.0, abs=1e-12)


def test_five_scales_need_room_for_the_window():
    with pytest.raises(ValueError, match="above 160"):
        ms_ssim(image("tri", 160, 300), image("tri", 160, 300))


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


def test_a_protocol_leaves_images_below_the_window_undefined(tmp_path, capsys):
    small, large = image("tri", 8, 10), image("tri", 64, 80)
    native = load("v2ir-native@1")
    assert native.measure("ssim", small, small) is None
    assert native.measure("ssim", large, large) == 1.0
    for name in ("p", "r"):
        (tmp_path / name).mkdir()
        Image.fromarray(image("tri" if name == "r" else "tri_n", 8, 10)).save(tmp_path / name / "a.png")
    words = ["score", str(tmp_path / "p"), "--reference", str(tmp_path / "r"), "--home", str(tmp_path / "home")]
    assert main([*words, "--protocol", native.id, "--json", "--quiet"]) == 0
    cell = json.loads(capsys.readouterr().out)["data"]["metrics"]["ssim"]
    assert (cell["value"], cell["n_defined"], cell["reason"]) == (None, 0, "undefined for every image")

"""The network's input is what clean-fid, pytorch-fid and torchmetrics make of the same pixels."""

import json
import runpy
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from bench.geometry import SQUARE, fit
from bench.network_input import PREPARATIONS
from bench.networks import SETS
from models import pretrained

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = json.loads((GOLDEN / "evaluation.json").read_text())["resize"]
INCEPTION = [name for name in PREPARATIONS if name not in SETS]  # the others belong to networks of their own
formula = runpy.run_path(str(GOLDEN / "formulas.py"))["image"]


def name(case):
    return f"{case['img']}-{case['h']}x{case['w']}"


def levels(preparation, pixels):
    """The prepared input in grey levels 0..255."""
    made = PREPARATIONS[preparation](pixels).astype(np.float64)
    return (made + 1) * 127.5 if preparation == "pytorch-fid" else made * 128 + 128


def tf1_bilinear(pixels, side):
    """Levels at place * size / side, without the half pixel and without antialiasing."""
    made = pixels.astype(np.float64)
    for axis, size in enumerate(pixels.shape):
        place = np.arange(side, dtype=np.float32) * np.float32(size / side)
        low = place.astype(int)
        share = (place - low).reshape((-1, 1) if axis == 0 else (1, -1))
        high = np.minimum(low + 1, size - 1)
        made = made.take(low, axis) * (1 - share) + made.take(high, axis) * share
    return made


@pytest.mark.parametrize("preparation", INCEPTION)
@pytest.mark.parametrize("case", CASES, ids=name)
def test_stored_images_are_prepared_as_published(case, preparation):
    made = levels(preparation, formula(case["img"], case["h"], case["w"]))
    assert made.shape == (3, 299, 299)
    assert [made[0, y, x] for y, x in case["points_yx"]] == pytest.approx(case["stored_299"][preparation], abs=2e-3)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_the_headline_goes_by_256_pixels(case):
    made = levels("clean", fit(formula(case["img"], case["h"], case["w"]), SQUARE))
    expected = case["inception_299"]
    assert [made[0, y, x] for y, x in case["points_yx"]] == pytest.approx(expected["values"], abs=2e-3)
    assert made.mean() == pytest.approx(expected["mean"], abs=2e-3)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_other_resizes_to_256_give_other_levels_than_ours(case):
    straight = case["img"] == "ramp"  # which every linear or cubic resize keeps
    pixels = formula(case["img"], case["h"], case["w"])
    others = {
        "bilinear": Image.fromarray(pixels).resize(SQUARE, Image.Resampling.BILINEAR),
        "lanczos": Image.fromarray(pixels).resize(SQUARE, Image.Resampling.LANCZOS),
        "cv2_linear": cv2.resize(pixels, SQUARE, interpolation=cv2.INTER_LINEAR),
    }
    for kind, expected in case["others_256"].items():
        other = np.asarray(others[kind])
        assert (int(other.sum()), [int(other[y, x]) for y, x in case["points_yx"]]) == tuple(
            expected[part] for part in ("sum", "values")
        )
        assert straight or not np.array_equal(fit(pixels, SQUARE), other)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_no_preparation_is_tensorflows_first_resize(case):
    pixels = formula(case["img"], case["h"], case["w"])
    made = tf1_bilinear(pixels, 299)
    assert [made[y, x] for y, x in case["points_yx"]] == pytest.approx(case["tf1_299"], abs=2e-3)
    for preparation in INCEPTION:
        assert np.abs(levels(preparation, pixels)[0] - made).max() > 0.5


@pytest.mark.parametrize("preparation", INCEPTION)
def test_grey_levels_become_three_equal_channels_and_colours_stay(preparation):
    grey, other = formula("weave", 60, 70), formula("tri", 60, 70)
    made = PREPARATIONS[preparation](grey)
    assert made.dtype == np.float32
    assert (made[0] == made[1]).all()
    assert (made[0] == made[2]).all()
    colour = PREPARATIONS[preparation](np.dstack([grey, other, grey]))
    assert np.abs(colour[0] - made[0]).max() < 1e-6
    assert np.abs(colour[1] - PREPARATIONS[preparation](other)[0]).max() < 1e-6


def test_the_clean_input_is_clipped_but_not_rounded():
    made = PREPARATIONS["clean"](formula("checker", 256, 256))
    assert made.min() == -1.0
    assert made.max() == 127 / 128
    assert ((made * 128) % 1 != 0).any()


def test_equal_to_clean_fids_own_resizers():
    module = pretrained.cleanfid()
    pixels = np.dstack([formula(n, 120, 150) for n in ("weave", "tri", "ramp")])
    theirs = module.build_resizer("clean")(pixels).transpose(2, 0, 1)
    assert np.abs(levels("clean", pixels) - theirs).max() < 1e-4
    legacy = module.build_resizer("legacy_pytorch")(pixels).transpose(2, 0, 1)
    assert np.abs(levels("pytorch-fid", pixels) - legacy).max() < 1e-4

"""A prediction is compared with the part of the reference that it shows, and only when that is certain."""

import hashlib
import json
import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.decode import BadImage
from bench.geometry import SQUARE, Geometry, check_geometry, cut, declared, fit
from bench.metrics.psnr import psnr

GOLDEN = Path(__file__).parents[1] / "golden"
EXPECTED = json.loads((GOLDEN / "evaluation.json").read_text())
formula = runpy.run_path(str(GOLDEN / "formulas.py"))["image"]


def test_equal_aspects_need_no_declaration():
    assert check_geometry((512, 384), (1024, 768)) is None
    assert check_geometry((300, 200), (301, 200)) is None


def test_a_crop_without_declaration_is_refused():
    with pytest.raises(BadImage, match="512x448 and reference 640x512 differ in aspect") as caught:
        check_geometry((512, 448), (640, 512))
    assert caught.value.code == "E05"
    assert check_geometry((512, 448), (640, 512), Geometry("squash")) is None


def test_a_square_of_the_protocols_size_is_the_whole_frame():
    assert check_geometry((256, 256), (640, 512)) is None
    with pytest.raises(BadImage, match="differ in aspect"):
        check_geometry((512, 512), (640, 512))
    assert check_geometry((512, 512), (640, 512), Geometry("squash")) is None


@pytest.mark.parametrize("box", [None, (-1, 0, 10, 10), (0, 0, 641, 512), (10, 0, 10, 5), (0, 9, 5, 8)])
def test_a_crop_must_lie_inside_the_reference(box):
    with pytest.raises(BadImage, match="crop") as caught:
        check_geometry((512, 448), (640, 512), Geometry("crop", box))
    assert caught.value.code == "E05"


def test_a_perfect_cropped_prediction_scores_well_only_against_its_box():
    reference = formula("tri", 512, 640)
    box = (27.43, 0.0, 612.57, 512.0)
    cut = Image.fromarray(reference).resize((512, 448), Image.Resampling.LANCZOS, box=box)
    assert check_geometry((512, 448), (640, 512), Geometry("crop", box)) == box
    prediction = fit(np.asarray(cut), SQUARE)
    assert psnr(prediction, fit(reference, SQUARE, box)) > 40
    assert psnr(prediction, fit(reference, SQUARE)) < 25


def test_boxes_are_declared_for_all_or_for_each():
    each = {"geometry": {"kind": "crop", "box": [0, 0, 8, 8], "boxes": {"a": [1, 2, 3, 4]}}}
    assert declared(each, "a") == Geometry("crop", (1, 2, 3, 4))
    assert declared(each, "b") == Geometry("crop", (0, 0, 8, 8))
    assert declared({"geometry": {"kind": "squash"}}, "a") == Geometry("squash")
    assert declared({}, "a") is None


@pytest.mark.parametrize(
    "geometry",
    ["crop", {}, {"kind": "pad"}, {"kind": "crop"}, {"kind": "crop", "box": [1, 2, 3]}, {"kind": "crop", "box": "no"}],
    ids=str,
)
def test_a_declaration_that_makes_no_sense_is_a_finding(geometry):
    with pytest.raises(BadImage, match="declared geometry") as caught:
        declared({"geometry": geometry}, "a")
    assert caught.value.code == "E05"


@pytest.mark.parametrize("case", EXPECTED["resize"], ids=lambda case: f"{case['img']}-{case['h']}x{case['w']}")
def test_resizing_gives_the_published_pixels(case):
    small = fit(formula(case["img"], case["h"], case["w"]), SQUARE)
    expected = case["bicubic_256"]
    assert small.dtype == np.uint8
    assert [int(small[y, x]) for y, x in case["points_yx"]] == expected["values"]
    assert int(small.sum()) == expected["sum"]
    assert hashlib.sha256(small.tobytes()).hexdigest() == expected["sha256"]


def test_channels_are_resized_one_by_one():
    planes = [formula(name, 100, 90) for name in ("tri", "weave", "ramp")]
    together = fit(np.dstack(planes), SQUARE)
    assert all((together[..., i] == fit(plane, SQUARE)).all() for i, plane in enumerate(planes))


def test_an_image_of_the_right_size_is_untouched():
    image = formula("weave", 256, 256)
    assert fit(image, SQUARE) is image
    assert (fit(image, SQUARE, (0, 0, 256, 256)) == image).all()


def test_a_cut_takes_the_whole_pixels_that_a_box_touches():
    image = formula("weave", 20, 30)
    assert (cut(image, (1.9, 2.0, 10.1, 5.5)) == image[2:6, 1:11]).all()
    assert cut(image, None) is image


def test_only_eight_bit_levels_are_resized():
    with pytest.raises(ValueError, match="uint8"):
        fit(formula("tri", 64, 80).astype(np.float64), SQUARE)

"""A protocol fixes every step from a file to a number, and refuses what it cannot score."""

import hashlib
import io
import json
import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.metrics import METRICS
from bench.metrics.psnr import psnr
from bench.protocol import BadImage, Geometry, check_geometry, decode_grey, fit, inception_input, load, names, parse
from shards.errors import UserError

GOLDEN = Path(__file__).parents[1] / "golden"
EXPECTED = json.loads((GOLDEN / "evaluation.json").read_text())
formula = runpy.run_path(str(GOLDEN / "formulas.py"))["image"]
GREY = formula("tri", 64, 80)


def encoded(image, format="PNG", **options):
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def refused(source, code, words):
    with pytest.raises(BadImage, match=words) as caught:
        decode_grey(source)
    assert caught.value.code == code


# The declaration


def test_the_headline_protocol_says_what_it_does():
    protocol = load("v2ir-256@1")
    assert (protocol.id, protocol.version, protocol.size) == ("v2ir-256@1", 1, 256)
    assert list(protocol.metrics) == ["fid", "psnr", "ssim", "kid", "swd"]
    assert {name: use.version for name, use in protocol.metrics.items()} == {n: m.version for n, m in METRICS.items()}
    assert [step.name for step in protocol.steps][:4] == ["decode", "grey", "geometry", "resize"]
    assert all(step.text.endswith(".") for step in protocol.steps)


def test_a_protocols_arguments_reach_the_metric():
    protocol = load("v2ir-256@1")
    reference, prediction = formula("tri", 256, 256), formula("tri_n", 256, 256)
    assert protocol.measure("psnr", reference, reference) == protocol.metrics["psnr"].arguments["cap"] == 100.0
    assert protocol.measure("ssim", prediction, reference) == pytest.approx(0.6705510609, abs=1e-8)
    text = (Path(__file__).parents[2] / "bench/protocols/v2ir-256.toml").read_text()
    assert parse(text.replace("cap = 100.0", "cap = 20.0")).measure("psnr", prediction, reference) == 20.0


def test_an_unknown_protocol_or_metric_names_the_near_ones():
    assert "v2ir-256@1" in names()
    with pytest.raises(UserError, match="did you mean v2ir-256@1"):
        load("v2ir-256")
    with pytest.raises(UserError, match=r"did you mean ssim.*protocol v2ir-256@1"):
        load("v2ir-256@1").measure("sim", GREY, GREY)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("version = 1\ntitle", "version = 2\ntitle", "is of version 2"),
        ('resample = "bicubic"', 'resample = "bilinear"', "bilinear"),
        ("[metrics.kid]\nversion = 1", "[metrics.kid]\nversion = 7", "kid of version 7"),
        ("[metrics.kid]", "[metrics.kit]", "metric kit"),
    ],
)
def test_a_protocol_that_this_code_cannot_honour_is_refused(old, new, words):
    text = (Path(__file__).parents[2] / "bench/protocols/v2ir-256.toml").read_text()
    with pytest.raises(ValueError, match=words):
        parse(text.replace(old, new))


# Decoding and grey levels


@pytest.mark.parametrize("case", EXPECTED["to_grey"], ids=lambda case: str(case["rgb"]))
def test_colours_become_their_fixed_point_luma(case):
    source = encoded(Image.new("RGB", (4, 3), tuple(case["rgb"])))
    assert (decode_grey(source, allow_colour=True) == case["grey"]).all()


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P", "1"])
def test_eight_bit_modes_give_their_grey_levels_exactly(mode):
    image = Image.fromarray(GREY)
    expected = GREY if mode != "1" else np.asarray(image.convert("1").convert("L"))
    decoded = decode_grey(encoded(image.convert(mode)))
    assert decoded.dtype == np.uint8
    assert (decoded == expected).all()


def test_a_path_reads_as_its_bytes(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(encoded(Image.fromarray(GREY)))
    assert (decode_grey(path) == GREY).all()
    refused(tmp_path / "b.png", "E03", "FileNotFoundError")


def test_palettes_are_read_through_their_colours():
    image = Image.fromarray(np.array([[0, 1], [1, 0]], np.uint8), "P")
    image.putpalette([200, 200, 200, 10, 10, 10])
    assert decode_grey(encoded(image)).tolist() == [[200, 10], [10, 200]]


@pytest.mark.parametrize(
    "source",
    [b"", b"not an image", encoded(Image.fromarray(GREY))[:-900], encoded(Image.fromarray(GREY), "JPEG")[:-200]],
    ids=["empty", "text", "truncated PNG", "truncated JPEG"],
)
def test_damaged_files_are_unreadable(source):
    refused(source, "E03", "cannot be read")


def test_more_than_eight_bits_need_radiometric_mapping():
    sixteen = Image.fromarray(GREY.astype(np.uint16) * 200)
    refused(encoded(sixteen), "E04", "I;16.*radiometric mapping")
    refused(encoded(sixteen, "TIFF"), "E04", "radiometric mapping")
    refused(encoded(Image.fromarray(GREY.astype(np.float32)), "TIFF"), "E04", "radiometric mapping")
    refused(encoded(Image.fromarray(GREY.astype(np.int32)), "TIFF"), "E04", "radiometric mapping")


def test_sixteen_bit_colour_that_pillow_would_cut_to_eight_is_refused():
    cv2 = pytest.importorskip("cv2")
    wide = np.repeat(GREY.astype(np.uint16)[:, :, None] * 200, 3, axis=2)
    source = cv2.imencode(".png", wide)[1].tobytes()
    assert Image.open(io.BytesIO(source)).mode == "RGB"
    refused(source, "E04", "radiometric mapping")


def test_print_colours_are_refused():
    refused(encoded(Image.fromarray(GREY).convert("CMYK"), "JPEG"), "E04", "mode CMYK")


def test_transparent_pixels_are_refused():
    image = Image.fromarray(GREY).convert("RGBA")
    image.putpixel((3, 4), (0, 0, 0, 254))
    refused(encoded(image), "E04", "transparent")
    refused(encoded(Image.fromarray(GREY), transparency=int(GREY[0, 0])), "E04", "transparent")


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_a_rotation_in_exif_is_refused(format):
    exif = Image.Exif()
    exif[0x0112] = 6
    refused(encoded(Image.fromarray(GREY), format, exif=exif), "W04", "EXIF orientation 6")
    exif[0x0112] = 1
    assert decode_grey(encoded(Image.fromarray(GREY), format, exif=exif)).shape == GREY.shape


def test_false_colour_is_refused_unless_declared():
    iron = np.stack([GREY, GREY // 2, 255 - GREY], axis=2)
    refused(encoded(Image.fromarray(iron)), "W02", "100% of the pixels are in colour")
    assert decode_grey(encoded(Image.fromarray(iron)), allow_colour=True).shape == GREY.shape


def test_a_little_colour_is_chroma_noise():
    spread = np.repeat(GREY[:, :, None], 3, axis=2).clip(0, 200)
    spread[..., 2] += 8
    assert decode_grey(encoded(Image.fromarray(spread))).shape == GREY.shape
    spread[0, :51, 2] += 1  # 51 of 5,120 pixels: 0.996 %
    assert decode_grey(encoded(Image.fromarray(spread))).shape == GREY.shape
    spread[0, 51, 2] += 1
    refused(encoded(Image.fromarray(spread)), "W02", "colour")


# Geometry


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
    assert check_geometry((512, 512), (640, 512), size=512) is None


@pytest.mark.parametrize("box", [None, (-1, 0, 10, 10), (0, 0, 641, 512), (10, 0, 10, 5), (0, 9, 5, 8)])
def test_a_crop_must_lie_inside_the_reference(box):
    with pytest.raises(BadImage, match="crop") as caught:
        check_geometry((512, 448), (640, 512), Geometry("crop", box))
    assert caught.value.code == "E05"


def test_a_perfect_cropped_prediction_scores_well_only_against_its_box():
    reference = formula("tri", 512, 640)
    box = (27.43, 0.0, 612.57, 512.0)
    cut = Image.fromarray(reference).resize((512, 448), Image.Resampling.LANCZOS, box=box)
    declared = check_geometry((512, 448), (640, 512), Geometry("crop", box))
    prediction = fit(np.asarray(cut), 256)
    assert psnr(prediction, fit(reference, 256, declared)) > 40
    assert psnr(prediction, fit(reference, 256)) < 25


# Resizing


@pytest.mark.parametrize("case", EXPECTED["resize"], ids=lambda case: f"{case['img']}-{case['h']}x{case['w']}")
def test_resizing_gives_the_published_pixels(case):
    small = fit(formula(case["img"], case["h"], case["w"]), 256)
    expected = case["bicubic_256"]
    assert small.dtype == np.uint8
    assert [int(small[y, x]) for y, x in case["points_yx"]] == expected["values"]
    assert int(small.sum()) == expected["sum"]
    assert hashlib.sha256(small.tobytes()).hexdigest() == expected["sha256"]


@pytest.mark.parametrize("case", EXPECTED["resize"], ids=lambda case: f"{case['img']}-{case['h']}x{case['w']}")
def test_the_networks_input_has_the_published_values(case):
    made = inception_input(fit(formula(case["img"], case["h"], case["w"]), 256)[None])
    assert made.shape == (1, 3, 299, 299)
    assert made.dtype == np.float32
    assert (made[:, 0] == made[:, 1]).all()
    assert (made[:, 0] == made[:, 2]).all()
    grey = made[0, 0].astype(np.float64) * 128 + 128
    expected = case["inception_299"]
    assert [grey[y, x] for y, x in case["points_yx"]] == pytest.approx(expected["values"], abs=2e-3)
    assert grey.mean() == pytest.approx(expected["mean"], abs=2e-3)


def test_the_networks_input_is_clipped_but_not_rounded():
    made = inception_input(formula("checker", 256, 256)[None])
    assert made.min() == -1.0
    assert made.max() == 127 / 128
    grey = made * 128 + 128
    assert (grey != grey.round()).any()


def test_an_image_of_the_right_size_is_untouched():
    image = formula("weave", 256, 256)
    assert fit(image, 256) is image
    assert (fit(image, 256, (0, 0, 256, 256)) == image).all()


def test_only_eight_bit_grey_is_resized():
    with pytest.raises(ValueError, match="uint8"):
        fit(GREY.astype(np.float64), 256)

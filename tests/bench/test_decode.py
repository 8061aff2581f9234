"""Bytes become plain upright 8-bit levels, or a reason why not."""

import io
import json
import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.decode import BadImage, decode, read, to_grey

GOLDEN = Path(__file__).parents[1] / "golden"
EXPECTED = json.loads((GOLDEN / "evaluation.json").read_text())
GREY = runpy.run_path(str(GOLDEN / "formulas.py"))["image"]("tri", 64, 80)


def encoded(image, format="PNG", **options):
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def refused(source, code, words):
    with pytest.raises(BadImage, match=words) as caught:
        decode(source)
    assert caught.value.code == code


def grey(source, **options):
    return to_grey(decode(source, **options).pixels)


@pytest.mark.parametrize("case", EXPECTED["to_grey"], ids=lambda case: str(case["rgb"]))
def test_colours_become_their_fixed_point_luma(case):
    source = encoded(Image.new("RGB", (4, 3), tuple(case["rgb"])))
    assert (grey(source, allow_colour=True) == case["grey"]).all()


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P", "1"])
def test_eight_bit_modes_give_their_grey_levels_exactly(mode):
    image = Image.fromarray(GREY)
    expected = GREY if mode != "1" else np.asarray(image.convert("1").convert("L"))
    decoded = decode(encoded(image.convert(mode))).pixels
    assert decoded.dtype == np.uint8
    assert (decoded == expected).all()


def test_a_file_that_cannot_be_read_is_a_finding_and_not_a_crash(tmp_path):
    with pytest.raises(BadImage, match="No such file") as caught:
        read(tmp_path / "b.png")
    assert caught.value.code == "E03"


def test_palettes_are_read_through_their_colours():
    image = Image.fromarray(np.array([[0, 1], [1, 0]], np.uint8), "P")
    image.putpalette([200, 200, 200, 10, 10, 10])
    assert decode(encoded(image)).pixels.tolist() == [[200, 10], [10, 200]]


@pytest.mark.parametrize(
    "source",
    [b"", b"not an image", encoded(Image.fromarray(GREY))[:-900], encoded(Image.fromarray(GREY), "JPEG")[:-200]],
    ids=["empty", "text", "truncated PNG", "truncated JPEG"],
)
def test_damaged_files_are_unreadable(source):
    refused(source, "E03", "cannot be read" if len(source) else "is empty")


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
    refused(encoded(Image.fromarray(GREY), format, exif=exif), "E04", "EXIF orientation 6")
    exif[0x0112] = 1
    upright = decode(encoded(Image.fromarray(GREY), format, exif=exif))
    assert upright.pixels.shape == GREY.shape
    assert upright.exif
    assert not decode(encoded(Image.fromarray(GREY), format)).exif


def test_false_colour_is_refused_unless_declared():
    iron = np.stack([GREY, GREY // 2, 255 - GREY], axis=2)
    refused(encoded(Image.fromarray(iron)), "E04", "100% of the pixels are in colour")
    declared = decode(encoded(Image.fromarray(iron)), allow_colour=True)
    assert (declared.pixels == iron).all()
    assert (to_grey(declared.pixels) == np.asarray(Image.fromarray(iron).convert("L"))).all()


def test_a_little_colour_is_chroma_noise_and_noted():
    spread = np.repeat(GREY[:, :, None], 3, axis=2).clip(0, 200)
    assert decode(encoded(Image.fromarray(spread))).coloured == 0
    spread[..., 2] += 8
    assert decode(encoded(Image.fromarray(spread))).coloured == 1
    spread[0, :51, 2] += 1  # 51 of 5,120 pixels: 0.996 %
    assert decode(encoded(Image.fromarray(spread))).pixels.shape == (64, 80, 3)
    spread[0, 51, 2] += 1
    refused(encoded(Image.fromarray(spread)), "E04", "colour")


def test_lossy_formats_are_noted():
    assert decode(encoded(Image.fromarray(GREY), "JPEG")).lossy
    assert not any(decode(encoded(Image.fromarray(GREY), format)).lossy for format in ("PNG", "BMP", "TIFF"))


def test_values_that_are_no_numbers_are_named():
    broken = GREY.astype(np.float32)
    broken[3, 4] = np.nan
    refused(encoded(Image.fromarray(broken), "TIFF"), "E04", "NaN")


def test_a_header_that_promises_too_much_is_refused_before_it_is_believed(monkeypatch):
    monkeypatch.setattr("bench.decode.MAX_PIXELS", 5119)
    refused(encoded(Image.fromarray(GREY)), "E03", "more than 5,119")

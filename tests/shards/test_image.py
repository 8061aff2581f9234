"""One decoder: pixels exactly as stored, and a named reason for all that is not a whole image."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from shards import image


def encoded(picture, kind="PNG", **options):
    stream = io.BytesIO()
    (picture if isinstance(picture, Image.Image) else Image.fromarray(picture)).save(stream, kind, **options)
    return stream.getvalue()


def png(width, height, *chunks, depth=8):
    """A PNG with a header of one grey channel and the given chunks."""
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, data in ((b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)), *chunks, (b"IEND", b"")):
        parts.append(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))
    return b"".join(parts)


def refused(data):
    with pytest.raises(image.BadImage) as caught:
        image.decode(data)
    return caught.value.reason


@pytest.fixture
def grey(picture):
    return picture(0)


@pytest.fixture
def rgb(picture):
    return picture(0, channels=3)


# What decodes


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM", "WEBP"])
def test_lossless_formats_give_their_pixels_back(kind, rgb):
    options = {"lossless": True} if kind == "WEBP" else {}
    assert np.array_equal(image.decode(encoded(rgb, kind, **options)), rgb)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM"])
def test_grey_stays_one_channel(kind, grey):
    assert np.array_equal(image.decode(encoded(grey, kind)), grey)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"quality": 30}])
def test_jpeg_decodes_as_pillow_does_bit_by_bit(options, picture):
    for channels in (1, 3):
        data = encoded(picture(1, 157, 91, channels), "JPEG", **options)
        assert np.array_equal(image.decode(data), np.asarray(Image.open(io.BytesIO(data))))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_sixteen_bits_are_kept(kind):
    levels = np.array([[0, 255, 256], [40000, 65534, 65535]], np.uint16)
    found = image.decode(encoded(levels, kind))
    assert found.dtype == np.uint16
    assert np.array_equal(found, levels)


def test_palette_and_one_bit_images_give_the_colours_they_show(rgb, grey):
    palette = Image.fromarray(rgb).quantize(32)
    for kind in ("PNG", "GIF"):
        assert np.array_equal(image.decode(encoded(palette, kind)), np.asarray(palette.convert("RGB")))
    bits = Image.fromarray(grey).convert("1")
    assert np.array_equal(image.decode(encoded(bits)), np.asarray(bits.convert("L")))


def test_alpha_is_a_fourth_channel_that_colours_ignore(rgb, grey):
    four = np.dstack([rgb, grey])
    assert np.array_equal(image.decode(encoded(four)), four)
    assert np.array_equal(image.to_rgb(image.decode(encoded(four))), rgb)
    two = image.decode(encoded(Image.fromarray(np.dstack([grey, 255 - grey]), "LA")))
    assert np.array_equal(image.to_grey(two), grey)


def test_cmyk_becomes_rgb_within_a_rounding_of_pillow(picture):
    data = encoded(Image.fromarray(picture(0, channels=3)).convert("CMYK"), "JPEG", quality=95)
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    assert image.header(data).mode == "CMYK"
    assert np.abs(image.decode(data) - expected).max() <= 1


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_told_and_not_applied(kind, orientation, rgb):
    exif = Image.Exif()
    exif[274] = orientation
    data = encoded(rgb, kind, exif=exif, quality=100)
    assert image.header(data).orientation == orientation
    assert image.decode(data).shape == rgb.shape


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_tiff_comes_upright_and_says_so(orientation, rgb):
    exif = Image.Exif()
    exif[274] = orientation
    data = encoded(rgb, "TIFF", exif=exif)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    head = image.header(data)
    assert head.orientation == 1
    assert (head.height, head.width) == upright.shape[:2]
    assert np.array_equal(image.decode(data), upright)


@pytest.mark.parametrize("orientation", [0, 9, 4711])
def test_an_orientation_that_does_not_exist_is_upright(orientation, rgb):
    exif = Image.Exif()
    exif[274] = orientation
    assert image.header(encoded(rgb, "JPEG", exif=exif)).orientation == 1


def test_the_name_is_never_asked_only_the_bytes(rgb):
    kinds = {"JPEG": "jpeg", "PNG": "png", "BMP": "bmp", "TIFF": "tiff", "GIF": "gif", "WEBP": "webp", "PPM": "ppm"}
    assert {kind: image.sniff(encoded(rgb, kind)) for kind in kinds} == kinds
    assert image.sniff(b"hello") is None


def test_bytes_after_the_end_do_no_harm(rgb):
    for kind in ("JPEG", "PNG"):
        data = encoded(rgb, kind)
        assert np.array_equal(image.decode(data + bytes(100_000)), image.decode(data))


# What does not


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"just a text", "not_an_image"),
        (bytes(1000), "not_an_image"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 9\n", "git_lfs_pointer"),
        (b"<!DOCTYPE html><html><title>404</title></html>", "html_page"),
        (b"\n  <HTML>", "html_page"),
        (b"\xff\xd8\xff\xe0", "truncated"),
        (b"\xff\xd8\xff\xe0\xff\xd9", "corrupt"),
        (b"\x89PNG\r\n\x1a\n", "corrupt"),
        (png(0, 5), "corrupt"),
        (png(8, 8, (b"IDAT", b"no deflate")), "corrupt"),
    ],
)
def test_what_is_no_image_is_named(data, reason):
    assert refused(data) == reason


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95, -2, -1])
def test_a_cut_jpeg_is_truncated(cut, options, picture):
    data = encoded(picture(0, 320, 240, 3), "JPEG", **options)
    assert refused(data[: int(cut * len(data)) if cut > 0 else cut]) == "truncated"


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
@pytest.mark.parametrize("cut", [0.6, 0.95, -2])
def test_a_thumbnail_s_end_is_not_taken_for_the_picture_s(cut, options, picture):
    data = encoded(picture(0, 320, 240, 3), "JPEG", **options)
    thumbnail = encoded(picture(1, channels=3), "JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 8) + b"Exif\0\0" + thumbnail
    whole = data[:2] + segment + data[2:]
    assert np.array_equal(image.decode(whole), image.decode(data))
    assert refused(whole[: int(cut * len(whole)) if cut > 0 else cut]) == "truncated"


@pytest.mark.parametrize("cut", [0.6, -20, -12, -4, -1])
def test_a_cut_png_is_truncated(cut, picture):
    data = encoded(picture(0, 320, 240, 3))
    assert refused(data[: int(cut * len(data)) if cut > 0 else cut]) == "truncated"


def test_a_flipped_bit_in_a_png_is_corrupt_and_says_where(rgb):
    data = bytearray(encoded(rgb))
    data[len(data) // 2] ^= 1
    with pytest.raises(image.BadImage, match="chunk at byte 33 differs from its checksum") as caught:
        image.decode(bytes(data))
    assert caught.value.reason == "corrupt"


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "BMP", "WEBP", "PPM"])
def test_other_formats_cut_in_the_middle_are_corrupt(kind, picture):
    data = encoded(picture(0, 320, 240, 3), kind)
    assert refused(data[: len(data) // 2]) == "corrupt"


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [7_072, 10_000, 20_000, 65_535])
def test_more_than_50_megapixels_are_refused_before_anything_is_allocated(side, monkeypatch):
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded"))
    assert refused(png(side, side, (b"IDAT", b""))) == "too_many_pixels"


def test_floating_point_pictures_are_no_images_here(grey):
    assert refused(encoded(Image.fromarray(grey.astype(np.float32)), "TIFF")) == "not_an_image"


def test_bad_images_put_nothing_on_the_terminal(capfd, picture):
    data = encoded(picture(0, 320, 240, 3))
    for bad in (data[:-4], data[: len(data) // 2], encoded(picture(0), "GIF")[:-3]):
        refused(bad)
    assert capfd.readouterr() == ("", "")


# Depths and channels


def test_grey_is_pillow_s_luma_and_equal_channels_collapse(rgb, grey):
    assert np.array_equal(image.to_grey(rgb), np.asarray(Image.fromarray(rgb).convert("L")))
    assert np.array_equal(image.to_grey(np.repeat(grey[..., None], 3, axis=2)), grey)
    wide = np.full((2, 2, 3), 65535, np.uint16)
    wide[0, 0] = (65535, 0, 65535)
    assert image.to_grey(wide)[1, 1] == 65535
    assert image.to_grey(wide).dtype == np.uint16


def test_grey_and_spread_at_once_are_each_alone(rgb, grey):
    residue = np.repeat(grey[..., None], 3, axis=2)
    residue[5, 7] = (9, 12, 10)
    for pixels in (grey, rgb, residue, np.repeat(grey[..., None], 3, axis=2), rgb.astype(np.uint16) * 257):
        found, spread = image.grey_and_spread(pixels)
        assert np.array_equal(found, image.to_grey(pixels))
        assert found.dtype == pixels.dtype
        assert spread == image.channel_spread(pixels)


def test_luma_is_pillows_for_every_red_and_blue():
    levels = np.arange(256, dtype=np.uint8)
    for green in (0, 1, 77, 128, 255):
        rgb = np.stack(np.broadcast_arrays(levels[:, None], np.uint8(green), levels), axis=-1)
        assert np.array_equal(image.to_grey(rgb), np.asarray(Image.fromarray(rgb).convert("L")))


def test_the_channel_spread_is_the_largest_difference_in_one_pixel(grey):
    assert image.channel_spread(grey) == 0
    coloured = np.repeat(grey[..., None] // 2, 3, axis=2)
    coloured[3, 4, 1] += 7
    assert image.channel_spread(coloured) == 7
    assert image.channel_spread(np.dstack([np.repeat(grey[..., None], 3, axis=2), 255 - grey])) == 0


def test_sixteen_bits_show_through_a_window_and_not_clipped_at_255():
    wide = np.linspace(20_000, 30_000, 10_000).astype(np.uint16).reshape(100, 100)
    shown = image.to_uint8(wide)
    assert shown.dtype == np.uint8
    assert (shown.min(), shown.max()) == (0, 255)
    assert 120 < np.median(shown) < 135
    assert image.to_rgb(wide).shape == (100, 100, 3)
    assert image.to_uint8(np.full((4, 4), 700, np.uint16)).max() == 0


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (5, 7, 4)])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_written_png_gives_the_same_pixels_and_the_same_bytes_again(shape, depth):
    pixels = np.random.default_rng(0).integers(0, np.iinfo(depth).max, shape).astype(depth)
    data = image.encode_png(pixels)
    assert np.array_equal(image.decode(data), pixels)
    assert image.encode_png(pixels.copy()) == data

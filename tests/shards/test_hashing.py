"""Digests name pixels, not files; perceptual hashes turn exactly with the picture."""

import io

import numpy as np
import pytest
from PIL import Image

from shards import hashing, image


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def distance(a, b):
    return sum(byte.bit_count() for byte in xor(a, b))


def encoded(pixels, kind):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **({"lossless": True} if kind == "WEBP" else {}))
    return stream.getvalue()


def test_equal_pixels_have_one_digest_whatever_file_holds_them(picture):
    pixels = picture(0, channels=3)
    stored = [encoded(pixels, kind) for kind in ("PNG", "BMP", "TIFF", "WEBP")]
    assert len({hashing.sha256(data) for data in stored}) == 4
    assert len({hashing.pixel_digest(image.decode(data)) for data in stored}) == 1


def test_the_digest_tells_shape_type_and_a_single_level_apart(picture):
    pixels = picture(0)
    brighter = pixels.copy()
    brighter[3, 4] ^= 1
    variants = [pixels, brighter, pixels.reshape(32, 24), pixels.astype(np.uint16)]
    assert len({hashing.pixel_digest(p) for p in variants}) == 4
    assert hashing.pixel_digest(np.asfortranarray(pixels)) == hashing.pixel_digest(pixels)


@pytest.mark.parametrize(("side", "size"), [(8, 8), (16, 32)])
@pytest.mark.parametrize(("width", "height"), [(320, 256), (157, 91), (64, 64), (33, 40)])
def test_the_negative_flips_every_bit_and_the_mirror_those_of_its_mask(picture, side, size, width, height):
    for seed in range(20):
        grey = picture(seed, width, height)
        plain = hashing.perceptual(grey, side)
        assert len(plain) == size
        assert hashing.perceptual(255 - grey, side) == xor(plain, b"\xff" * size)
        assert hashing.perceptual(grey[:, ::-1], side) == xor(plain, hashing.mirror_mask(side))


def test_sixteen_bits_hash_as_the_same_picture_in_eight(picture):
    grey = picture(0, 160, 120)
    wide = grey.astype(np.uint16) * 257
    assert hashing.perceptual(wide) == hashing.perceptual(grey)
    assert hashing.perceptual(65535 - wide) == xor(hashing.perceptual(wide), b"\xff" * 8)


def test_recompression_moves_few_bits_and_another_picture_about_half(picture):
    grey = picture(0, 320, 256)
    stream = io.BytesIO()
    Image.fromarray(grey).save(stream, "JPEG", quality=50)
    again = image.decode(stream.getvalue())
    assert distance(hashing.perceptual(grey), hashing.perceptual(again)) <= 2
    others = [distance(hashing.perceptual(grey), hashing.perceptual(picture(seed, 320, 256))) for seed in range(1, 20)]
    assert min(others) > 10
    assert 28 < np.mean(others) < 36


def test_flat_images_are_told_in_both_depths(picture):
    assert hashing.is_flat(np.full((20, 20), 90, np.uint8))
    assert hashing.is_flat(np.full((20, 20), 90 * 257, np.uint16))
    assert not hashing.is_flat(picture(0))
    assert not hashing.is_flat(picture(0).astype(np.uint16) * 257)


def test_masks_and_hashes_are_exact_on_real_images(raw_data):
    for path in sorted((raw_data / "RoadScene" / "cropinfrared").glob("*.jpg"))[::6]:
        grey = image.to_grey(image.decode(path.read_bytes()))
        for side in (8, 16):
            plain = hashing.perceptual(grey, side)
            assert hashing.perceptual(255 - grey, side) == xor(plain, b"\xff" * len(plain)), path.name
            assert hashing.perceptual(grey[:, ::-1], side) == xor(plain, hashing.mirror_mask(side)), path.name


@pytest.mark.parametrize(("width", "height"), [(320, 256), (157, 91), (33, 40), (20, 700)])
def test_both_lengths_at_once_are_each_alone(picture, width, height):
    for seed in range(10):
        for grey in (picture(seed, width, height), picture(seed, width, height).astype(np.uint16) * 200):
            alone = hashing.perceptual(grey, 8), hashing.perceptual(grey, 16), hashing.is_flat(grey)
            assert hashing.perceptuals(grey) == alone


def test_areas_whose_borders_run_through_pixels_have_exact_means():
    rows = np.arange(96, dtype=np.uint8)[:, None] * np.ones((1, 80), np.uint8)
    for grey in (rows, rows.T):
        means = hashing._area_means(grey, 64)
        assert means.mean() == pytest.approx(grey.mean(), abs=1e-9)
        profile = means.mean(axis=1 if grey is rows else 0)
        assert profile[:4] == pytest.approx([1 / 3, 5 / 3, 10 / 3, 14 / 3])

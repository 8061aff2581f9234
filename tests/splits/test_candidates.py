"""Plain comparison is the measure of all else: every pair, every variant, the nearest first."""

import math

import numpy as np
import pytest

from splits.candidates import ALIKE, ALIKE_FEW, FEW_PAIRS, WIDE_PAIRS, Hashes, alike_limit, distance, nearest, wide
from splits.near import masks


def noise(count, size, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, size), np.uint8)


def flipped(hashed, bits):
    """A hash with its first so many bits flipped."""
    unpacked = np.unpackbits(hashed)
    unpacked[:bits] ^= 1
    return np.packbits(unpacked)


@pytest.mark.parametrize("size", [8, 32])
def test_the_nearest_are_those_of_looking_at_each_pair(size):
    first, second = noise(40, size), noise(70, size, seed=1)
    for row in range(4):
        second[row] = flipped(first[row], 3 * row) ^ masks(size)[row]
    limit = 3 * size
    found = nearest(first, second, limit, 5)
    for row in range(40):
        bits = np.bitwise_count(first[row] ^ second[:, None] ^ masks(size)).sum(axis=2)  # 70 x 4
        every = sorted((int(four.min()), n, int(four.argmin())) for n, four in enumerate(bits))
        wanted = [(n, least, variant) for least, n, variant in every if least <= limit][:5]
        here = found[found.first == row]
        assert list(zip(here.second, here.distance, here.variant, strict=True)) == wanted


def test_pairs_of_one_label_are_left_out():
    hashes = np.repeat(noise(2, 32), 3, axis=0)
    labels = np.array([0, 0, 0, 1, 1, 2])
    found = nearest(hashes, hashes, 0, 9, (labels, labels))
    assert sorted(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [(3, 5), (4, 5), (5, 3), (5, 4)]


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_nothing_has_nothing_near(shape):
    assert len(nearest(noise(shape[0], 32), noise(shape[1], 32), 256, 4)) == 0


def pair(vis, ir, mask_vis=0, mask_ir=0, there=(True, True)):
    """A sample and one that differs from it by so many bits on either side."""
    a, b = noise(1, 8), noise(1, 8, seed=1)
    first = Hashes({"vis": a, "ir": b}, {"vis": np.array([there[0]]), "ir": np.array([there[1]])})
    other = {
        "vis": flipped(a[0], vis)[None] ^ masks(8)[mask_vis],
        "ir": flipped(b[0], ir)[None] ^ masks(8)[mask_ir],
    }
    return wide(first, Hashes(other, {"vis": np.array([True]), "ir": np.array([True])}), ALIKE_FEW, 4)


def test_one_side_that_is_alike_or_both_that_are_nearly_make_a_candidate():
    assert pair(0, 32).distance.tolist() == [0]
    assert pair(32, ALIKE).distance.tolist() == [3 * ALIKE]
    assert pair(ALIKE_FEW + 1, 3 * ALIKE - ALIKE_FEW - 1).distance.tolist() == [3 * ALIKE]
    assert len(pair(ALIKE_FEW + 1, 3 * ALIKE - ALIKE_FEW)) == 0


def test_a_mirror_image_is_one_on_both_sides_and_a_negative_may_be_one_on_one():
    for vis, ir, mirrored in ((0, 0, 0), (0, 1, 0), (1, 0, 0), (2, 2, 2), (2, 3, 2), (3, 3, 2)):
        found = pair(17, 18, vis, ir)
        assert (found.distance.tolist(), found.variant.tolist()) == ([35], [mirrored])
    assert len(pair(17, 18, 0, 2)) == 0, "mirrored on one side alone"


def test_a_side_that_is_missing_or_flat_says_nothing():
    assert len(pair(0, 30, there=(False, True))) == 0
    assert pair(0, 4, there=(False, True)).distance.tolist() == [12]


def test_the_more_samples_there_are_the_more_alike_they_must_be():
    few, many = math.isqrt(2 * FEW_PAIRS), math.isqrt(2 * WIDE_PAIRS)
    limits = [alike_limit(count) for count in (0, 1, few, few + 2, many, many + 2)]
    assert limits == [ALIKE_FEW, ALIKE_FEW, ALIKE_FEW, ALIKE, ALIKE, None]
    one = noise(1, 8)
    for limit, bits, found in ((ALIKE, ALIKE, 1), (ALIKE, ALIKE + 1, 0), (ALIKE_FEW, ALIKE + 1, 1)):
        other = Hashes({"ir": flipped(one[0], bits)[None]}, {"ir": np.array([True])})
        assert len(wide(Hashes({"ir": one}, {"ir": np.array([True])}), other, limit, 1)) == found


def test_distances_of_given_pairs_choose_between_a_picture_and_its_negative():
    hashes = noise(4, 32)
    other = np.stack([flipped(row, 7) for row in hashes]) ^ masks(32)
    bits, variant = distance(hashes, other, np.array([0, 0, 2, 2]))
    assert (bits.tolist(), variant.tolist()) == ([7, 7, 7, 7], [0, 1, 2, 3])

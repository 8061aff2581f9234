"""Pairs that lie on each other are told from pairs that do not, and from pairs that cannot tell."""

import math

import cv2
import numpy as np
import pytest

from ingest.registration import register, tolerance
from shards import image

WIDTH, HEIGHT = 512, 384
SHIFTS = [(16, 0), (-12, 5), (0, -9), (5, -4), (7, 13)]


def scene(seed, width=WIDTH, height=HEIGHT):
    """A visible and an infrared picture of the same objects, whose warmth does not follow their brightness."""
    random = np.random.default_rng(seed)
    visible, infrared = np.full((height, width), 120, np.uint8), np.full((height, width), 60, np.uint8)
    for _ in range(90):
        corner = random.integers(0, (width, height))
        far = corner + random.integers(8, 70, 2)
        bright, warm = (int(level) for level in random.integers(10, 245, 2))
        for picture, level in ((visible, bright), (infrared, warm)):
            cv2.rectangle(picture, corner.tolist(), far.tolist(), level, -1)
    return tuple(noisy(cv2.GaussianBlur(picture, (3, 3), 0), seed) for picture in (visible, infrared))


def noisy(picture, seed=0, sigma=2.0):
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def warp(picture, matrix):
    return cv2.warpAffine(picture, np.float32(matrix), picture.shape[::-1], borderMode=cv2.BORDER_REFLECT)


def moved(picture, dx, dy):
    return warp(picture, [[1, 0, dx], [0, 1, dy]])


def turned(picture, degrees, scale=1.0):
    return warp(picture, cv2.getRotationMatrix2D((picture.shape[1] / 2, picture.shape[0] / 2), degrees, scale))


def blob(x, y, level):
    """One soft spot on an even ground."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return 30 + level * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 400)


def halves(above, below, edge=160):
    return np.where(np.mgrid[:HEIGHT, :WIDTH][0] < edge, above, below)


def fence(level):
    return 100 + level * np.sign(np.sin(np.mgrid[:HEIGHT, :WIDTH][1] / 5))


def test_a_pair_that_fits_is_aligned():
    found = register(*scene(0))
    assert found.verdict == "aligned"
    assert math.hypot(found.dx, found.dy) < 0.5
    assert found.score > 1.5


def test_black_hot_is_as_good_as_white_hot():
    visible, infrared = scene(1)
    assert register(visible, 255 - infrared).verdict == "aligned"


@pytest.mark.parametrize(("dx", "dy"), SHIFTS)
def test_a_shift_is_found_in_pixels_and_direction(dx, dy):
    visible, infrared = scene(2)
    found = register(visible, moved(infrared, dx, dy))
    assert found.verdict == "shifted"
    assert math.dist((found.dx, found.dy), (dx, dy)) < 1


def test_a_shift_within_the_tolerance_is_aligned_and_told():
    visible, infrared = scene(3)
    found = register(visible, moved(infrared, 3, -1))
    assert found.verdict == "aligned"
    assert math.dist((found.dx, found.dy), (3, -1)) < 1


def test_the_tolerance_is_four_pixels_at_512_and_grows_with_size():
    assert tolerance(512, 384) == 4
    assert tolerance(1024, 1280) == 10


def test_shifts_are_in_pixels_of_the_visible_image_whatever_the_size_of_the_infrared_one():
    visible, infrared = scene(4)
    small = cv2.resize(moved(infrared, 12, -8), (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA)
    found = register(visible, small)
    assert math.dist((found.dx, found.dy), (12, -8)) < 1.5


def test_shifts_are_in_pixels_of_the_image_itself_where_it_is_large():
    visible, infrared = (cv2.resize(side, None, fx=2.5, fy=2.5) for side in scene(5))
    found = register(visible, moved(infrared, 30, 15))
    assert math.dist((found.dx, found.dy), (30, 15)) < 3


def test_sixteen_bits_with_a_narrow_range_are_as_good_as_eight():
    visible, infrared = scene(6)
    deep = infrared.astype(np.uint16) * 4 + 21_800
    assert register(visible, deep).verdict == "aligned"
    assert register(visible, deep).score == pytest.approx(register(visible, infrared).score, abs=0.02)


def test_the_infrared_of_another_scene_gets_no_verdict():
    pairs = [scene(seed) for seed in range(10, 22)]
    found = [register(pairs[i][0], pairs[j][1]) for i in range(12) for j in range(12) if i != j]
    assert {f.verdict for f in found} == {"uninformative"}
    assert all(f.score < 1 and f.dx == f.dy == 0 for f in found)


@pytest.mark.parametrize(
    "change", [lambda p: turned(p, 4), lambda p: turned(p, -4), lambda p: turned(p, 0, 1.07), lambda p: p[:, ::-1]]
)
def test_a_turned_scaled_or_mirrored_picture_is_not_aligned(change):
    for seed in range(30, 36):
        visible, infrared = scene(seed)
        assert register(visible, np.ascontiguousarray(change(infrared))).verdict != "aligned"


@pytest.mark.parametrize(
    ("visible", "infrared"),
    [
        (noisy(halves(20, 20)), noisy(halves(128, 128), 1)),
        (np.full((HEIGHT, WIDTH), 7, np.uint8), np.full((HEIGHT, WIDTH), 9, np.uint8)),
        (np.full((HEIGHT, WIDTH), 7, np.uint8), scene(40)[1]),
        (noisy(halves(220, 215)), scene(41)[1]),
        (noisy(halves(180, 60)), noisy(halves(40, 120), 1)),
        (noisy(fence(60)), noisy(fence(40), 1)),
        (noisy(blob(200, 200, 200)), noisy(blob(206, 203, 90), 1)),
    ],
    ids=["noise", "even", "one side even", "smoke", "two horizons", "two fences", "a lamp on a hot spot"],
)
def test_pictures_with_too_little_in_common_are_uninformative(visible, infrared):
    assert register(visible, infrared).verdict == "uninformative"


@pytest.mark.parametrize(("width", "height"), [(64, 64), (65, 400), (1200, 64), (63, 300), (8, 8)])
def test_small_and_narrow_pictures_are_no_error(width, height):
    found = register(*scene(50, width, height))
    assert found.score >= 0
    if min(width, height) < 64:
        assert found.verdict == "uninformative"


def test_the_result_is_the_same_each_time():
    visible, infrared = scene(60)
    assert register(visible, infrared) == register(visible.copy(), infrared.copy())


def test_real_pairs_are_accepted_and_mispaired_ones_are_not(raw_data):
    folder = raw_data / "RoadScene"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    names = sorted(path.name for path in (folder / "cropinfrared").glob("*.jpg"))[::6]
    visible, infrared = (
        [image.to_grey(image.decode((folder / side / name).read_bytes())) for name in names]
        for side in ("crop_LR_visible", "cropinfrared")
    )
    true = [register(*pair).verdict for pair in zip(visible, infrared, strict=True)]
    false = [register(*pair).verdict for pair in zip(visible, infrared[7:] + infrared[:7], strict=True)]
    assert true.count("aligned") >= 0.8 * len(names)
    assert false.count("uninformative") == len(names)

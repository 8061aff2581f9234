"""What is done to pixels is what was declared, and what is found in them is there."""

import numpy as np
import pytest

from ingest import normalise
from shards import image


def test_a_border_is_cut_off_all_four_edges(picture):
    pixels = picture(0, 40, 30, 3)
    cut = normalise.without_border(pixels, 7)
    assert np.array_equal(cut, pixels[7:23, 7:33])
    assert normalise.without_border(pixels, 0) is pixels


def test_a_border_that_leaves_nothing_is_an_error(picture):
    with pytest.raises(ValueError, match="40 x 30 pixels, less than the border of 15 px"):
        normalise.without_border(picture(0, 40, 30), 15)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(("width", "height"), [(20, 10), (80, 60), (20, 60), (80, 10), (40, 30)])
def test_each_axis_is_resampled_by_itself(picture, dtype, width, height):
    ramp = np.tile(np.linspace(20, 220, 40), (30, 1)).astype(dtype)
    scaled = normalise.resampled(ramp, width, height)
    assert (scaled.shape, scaled.dtype) == ((height, width), dtype)
    expected = np.interp((np.arange(width) + 0.5) * 40 / width - 0.5, np.arange(40), ramp[0])
    assert np.abs(scaled - expected)[:, 2:-2].max() < 2
    assert np.abs(scaled.astype(int) - scaled[0]).max() == 0


def test_shrinking_takes_means():
    checks = (np.indices((64, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert set(np.unique(normalise.resampled(checks, 32, 32))) <= {127, 128}


def test_alpha_is_dropped_and_what_has_none_stays(picture):
    pixels = picture(0, channels=3)
    assert normalise.without_alpha(pixels) is pixels
    assert np.array_equal(normalise.without_alpha(np.dstack([pixels, pixels[..., 0]])), pixels)


# Display window


def test_a_fixed_window_is_what_was_declared():
    levels = np.arange(1000, dtype=np.uint16)
    assert normalise.display_window(levels, ("agc", 21_800, 25_000)) == ("agc", 21_800.0, 25_000.0)


def test_a_window_of_percentiles_is_the_image_s_own():
    levels = np.arange(10_001, dtype=np.uint16)
    assert normalise.display_window(levels, ("percentile-1-99", 0, 0)) == ("percentile-1-99", 100.0, 9900.0)


def test_without_a_declared_window_it_is_the_one_that_pictures_are_shown_with():
    levels = np.random.default_rng(0).integers(7000, 9000, (50, 60)).astype(np.uint16)
    _, low, high = normalise.display_window(levels, None)
    shown = np.clip(np.rint((levels - low) * 255 / (high - low)), 0, 255)
    assert np.array_equal(shown, image.to_uint8(levels))


def test_a_window_of_no_two_percentiles_is_an_error():
    with pytest.raises(ValueError, match="not percentile-LOW-HIGH"):
        normalise.display_window(np.zeros((2, 2), np.uint16), ("percentile-99", 0, 0))


# Valid area


def lit(width=120, height=80):
    return np.random.default_rng(0).integers(40, 250, (height, width)).astype(np.uint8)


def warped(pixels, corners, value=0):
    """Black outside of a quadrilateral."""
    import cv2

    mask = np.zeros(pixels.shape, np.uint8)
    cv2.fillConvexPoly(mask, np.array(corners, np.int32), 1)
    return np.where(mask > 0, pixels, value).astype(pixels.dtype)


def test_a_picture_without_a_border_is_valid_as_a_whole():
    assert normalise.valid_box([(lit(), 0), (lit(), 8)]) == (0, 0, 120, 80)


def test_black_borders_are_left_out_with_the_blended_rim():
    pixels = lit()
    pixels[:6] = pixels[-9:] = 0
    pixels[:, :11] = pixels[:, -3:] = 0
    assert normalise.valid_box([(pixels, 0)]) == (12, 7, 116, 70)


def test_borders_of_both_sides_count():
    visible, infrared = lit(), lit()
    visible[:10], infrared[:, 100:] = 0, 0
    assert normalise.valid_box([(visible, 0), (infrared, 0)]) == (0, 11, 99, 80)


@pytest.mark.parametrize(
    "corners",
    [
        [(10, 4), (119, 0), (112, 79), (0, 70)],
        [(0, 0), (119, 12), (119, 60), (0, 79)],
        [(5, 0), (110, 0), (119, 79), (0, 79)],
    ],
)
def test_no_wedge_is_left_in_and_little_is_wasted(corners):
    pixels = warped(lit(), corners)
    x0, y0, x1, y1 = normalise.valid_box([(pixels, 0)])
    assert (pixels[y0:y1, x0:x1] > 0).all()
    import cv2

    assert (x1 - x0) * (y1 - y0) > 0.7 * cv2.contourArea(np.array(corners, np.float32))


def test_a_dark_place_within_the_picture_is_no_wedge():
    night = lit()
    night[:50] = 0
    night[3, 2] = night[4, 2:5] = night[2:5, 3] = night[1:4, 115:118] = night[1:4, 1:4] = 200  # lamps in the sky
    x0, y0, x1, y1 = normalise.valid_box([(night, 0)])
    assert (y1 - y0) * (x1 - x0) > 0.9 * night.size


def test_specks_in_a_black_border_do_not_count():
    pixels = lit()
    pixels[:20] = 0
    pixels[5, 50] = 255
    assert normalise.valid_box([(pixels, 0)]) == (0, 21, 120, 80)


def test_residue_of_jpeg_in_a_black_border_does_not_count():
    pixels = lit()
    pixels[:20] = np.random.default_rng(1).integers(0, 8, (20, 120))
    assert normalise.valid_box([(pixels, normalise.LOSSY_BLACK)]) == (0, 21, 120, 80)


def smooth():
    import cv2

    return cv2.GaussianBlur(lit(320, 240), (0, 0), 5)


def as_jpeg(pixels, quality=90):
    import cv2

    done, data = cv2.imencode(".jpg", pixels[..., ::-1] if pixels.ndim == 3 else pixels, [1, quality])
    assert done
    return image.decode(data.tobytes())


def test_a_shade_that_fades_to_black_at_the_edge_is_no_border():
    night = smooth() // 2
    fade = np.clip((np.arange(240) - 60) / 90, 0, 1)[:, None] * np.clip((np.arange(320) - 20) / 60, 0, 1)
    assert normalise.valid_box([(as_jpeg((night * fade).astype(np.uint8)), normalise.LOSSY_BLACK)]) == (0, 0, 320, 240)


def test_black_around_a_few_lamps_is_no_border():
    night = np.zeros((240, 320), np.uint8)
    for x, y in ((60, 50), (250, 40), (160, 200), (40, 170), (280, 180)):
        night[y : y + 12, x : x + 12] = 220
    assert normalise.valid_box([(as_jpeg(night), normalise.LOSSY_BLACK)]) == (0, 0, 320, 240)


def test_a_rim_that_is_bent_is_left_out_too():
    y, x = np.indices((240, 320))
    pixels = np.where(((x - 160) / 170) ** 2 + ((y - 120) / 140) ** 2 < 1, lit(320, 240), 0).astype(np.uint8)
    x0, y0, x1, y1 = normalise.valid_box([(pixels, 0)])
    assert (pixels[y0:y1, x0:x1] > 0).all()
    assert (x1 - x0) * (y1 - y0) > 0.5 * pixels.size


@pytest.mark.parametrize("quality", [75, 95])
def test_the_wedges_of_a_warp_are_left_out_after_jpeg_too(quality):
    pixels = warped(smooth(), [(8, 6), (319, 0), (310, 239), (0, 233)])
    x0, y0, x1, y1 = normalise.valid_box([(as_jpeg(pixels, quality), normalise.LOSSY_BLACK)])
    assert (pixels[y0:y1, x0:x1] > 0).all()
    assert (x1 - x0) * (y1 - y0) > 0.85 * pixels.size


def test_a_black_picture_has_no_border():
    assert normalise.valid_box([(np.zeros((30, 40), np.uint8), 0)]) == (0, 0, 40, 30)


@pytest.mark.parametrize("quality", [75, 0])
def test_real_nights_lose_no_more_than_the_black_that_they_have(raw_data, quality):
    """LLVIP's infrared has a wedge of 7 px at its right edge, and KAIST's last row is black on both sides."""
    llvip, kaist = sorted(raw_data.glob("LLVIP/visible/*/*.jpg"))[::5], raw_data.glob("KAIST/*/*/visible/*.png")
    pairs = [(p, raw_data / "LLVIP/infrared" / p.parent.name / p.name) for p in llvip]
    pairs += [(p, p.parent.with_name("lwir") / p.name) for p in kaist]
    assert pairs
    for paths in pairs:
        sides = [image.decode(path.read_bytes()) for path in paths]
        black = normalise.LOSSY_BLACK if quality or paths[0].suffix == ".jpg" else 0
        height, width = sides[0].shape[:2]
        sides = [as_jpeg(side, quality) if quality else side for side in sides]
        x0, y0, x1, y1 = normalise.valid_box([(side, black) for side in sides])
        assert (x0, y0) == (0, 0)
        assert x1 >= width - 8
        assert y1 >= height - 2


def test_warped_infrared_of_a_real_dataset_loses_its_wedges(raw_data):
    folder = raw_data / "M3FD_Detection"
    for path in sorted((folder / "Ir").glob("*.png")):
        infrared = image.to_grey(image.decode(path.read_bytes()))
        visible = image.decode((folder / "Vis" / path.name).read_bytes())
        x0, y0, x1, y1 = normalise.valid_box([(visible, 0), (infrared, 0)])
        assert (x1 - x0) * (y1 - y0) > 0.85 * infrared.size
        inside = infrared[y0:y1, x0:x1]
        assert all((edge > 0).mean() > 0.95 for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]))

"""Pixels decide: copies are recognised, look-alikes are not."""

import numpy as np
import pytest

from splits.confirm import MIN_INLIERS, confirm, correlation, features, inliers, structure
from splits.near import VARIANTS


def test_copies_show_the_same_place_and_are_told_by_pixels(view, edits, judge):
    for name in ("jpeg 60", "half size", "crop 5 % on each side"):
        assert all(judge(view(seed), edits[name](view(seed))).same for seed in range(8)), name


def test_a_negative_or_a_mirror_image_is_recognised_as_what_it_is_and_as_nothing_else(view, edits, judge):
    forms = {"negative": [edits["negative"]], "mirror": [edits["mirror"]]}
    forms["negative mirror"] = forms["negative"] + forms["mirror"]
    for name, steps in forms.items():
        changed = view(1)
        for step in steps:
            changed = step(changed)
        assert [judge(view(1), changed, variant).same for variant in range(4)] == [name == v for v in VARIANTS]


def test_other_places_are_not_the_same(view, judge):
    verdicts = [judge(view(seed), view(seed + 1)) for seed in range(20)]
    assert not any(verdict.same for verdict in verdicts)
    assert max(verdict.score for verdict in verdicts) < MIN_INLIERS


def test_a_camera_that_moved_aside_sees_the_same_place(view, judge):
    moved = judge(view(1), view(1, shift=80))
    assert (moved.same, moved.measure) == (True, "features"), "a quarter of the picture"


def test_like_brightness_alone_is_not_the_same_place(view, judge):
    sky = np.linspace(200, 40, 240)[:, None]
    one, other = ((0.8 * sky + 0.2 * view(seed)).astype(np.uint8) for seed in (1, 2))
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.8
    assert not judge(one, other).same


def test_pictures_without_detail_are_told_by_their_structure(picture, judge):
    for seed in range(5):
        soft = picture(seed, width=160, height=120)
        assert judge(soft, np.clip(soft.astype(int) + 9, 0, 255).astype(np.uint8)).measure == "correlation"
        assert not judge(soft, picture(seed + 100, width=160, height=120)).same


def test_measures_at_their_ends(view):
    blank = np.full((64, 64), 7, np.uint8)
    assert correlation(structure(blank), structure(view(0))) == 0
    assert correlation(structure(view(0)), structure(view(0))) == pytest.approx(1)
    assert correlation(structure(view(0)), structure(255 - view(0))) == pytest.approx(-1)
    assert inliers(features(blank), features(view(0))) == 0
    assert inliers(features(view(0)), features(view(0))) > 100


def test_verdicts_come_in_the_order_of_the_pairs_and_do_not_change(view, album):
    found = album({str(seed): {"ir": view(seed)} for seed in range(6)})
    pictures = found.find([str(seed) for seed in range(6)], "ir")
    pairs = [(pictures[a], pictures[b], 0) for a in range(6) for b in range(6)]
    first = confirm(pairs)
    assert [verdict.same for verdict in first] == [a == b for a in range(6) for b in range(6)]
    assert confirm(pairs) == first

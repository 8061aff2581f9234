"""Random draws are hashes of their place: the same everywhere, in any order, and fair."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from bench.statistics.resampling import all_flips, draws, flips, hash64, resample_counts

EXPECTED = json.loads((Path(__file__).parents[1] / "golden" / "statistics.json").read_text())["cluster_bootstrap"]


def test_draws_are_the_published_ones():
    assert draws(EXPECTED["seed"], 1, 12, 12)[0].tolist() == EXPECTED["first_idx"]


def test_a_draw_hangs_on_seed_resample_and_place_alone():
    few, many = draws(5, 3, 4, 1000), draws(5, 9, 4, 1000)
    assert (many[:3] == few).all()
    assert few[2, 1] == int.from_bytes(hashlib.sha256(b"5|2|1").digest()[:8], "big") % 1000
    assert few[2, 1] == hash64("5|2|1") % 1000
    assert (draws(6, 3, 4, 1000) != few).any()


def test_draws_prefer_no_unit():
    counts = np.bincount(draws(1, 1000, 20, 20).ravel(), minlength=20)
    # Chi-square with 19 degrees of freedom lies between 6.8 and 36.2 in 98 of 100 seeds.
    assert 6.8 < ((counts - 1000) ** 2 / 1000).sum() < 36.2


def test_counts_say_how_often_each_unit_was_drawn():
    found = draws(7, 50, 10, 10)
    assert resample_counts(7, 50, 10).tolist() == [np.bincount(row, minlength=10).tolist() for row in found]


def test_signs_are_fair_and_shared_arrays_cannot_be_spoilt():
    signs = flips(3, 2000, 30)
    assert set(np.unique(signs)) == {-1.0, 1.0}
    assert abs(signs.mean()) < 4 / np.sqrt(signs.size)
    for shared in (signs, draws(1, 1000, 20, 20), resample_counts(7, 50, 10)):
        with pytest.raises(ValueError, match="read-only"):
            shared[0, 0] = 9


def test_all_choices_of_signs_are_there_once_each_beside_its_mirror():
    signs = all_flips(5)
    assert len({tuple(row) for row in signs.tolist()}) == 32
    assert (signs[0] == 1).all()
    assert (signs == -signs[::-1]).all()

"""Rows of a table are told apart from its best one only on evidence."""

import numpy as np
import pytest

from bench.statistics.multiple import holm
from bench.statistics.paired import paired
from bench.statistics.ranking import ALPHA, all_pairs

SCENES = [f"s{i // 4:02d}" for i in range(80)]


def rows(*means, seed=0):
    rng = np.random.default_rng(seed)
    easy = rng.normal(0, 3, 20).repeat(4)
    return np.stack([mean + easy + rng.normal(0, 0.5, 80) for mean in means])


def test_every_pair_is_tested_and_adjusted_over_all_pairs():
    values = rows(1.0, 1.1, 0.0)
    found = all_pairs(values, SCENES)
    plain = [paired(values[i], values[j], SCENES).test.p for i, j in found]
    assert list(found) == [(0, 1), (0, 2), (1, 2)]
    assert list(found.values()) == holm(plain)


def test_methods_that_share_hard_scenes_are_still_told_apart():
    found = all_pairs(rows(1.0, 0.0), SCENES)  # the scenes scatter by 3, the difference is 1
    assert found[0, 1] < ALPHA


def test_undefined_images_count_for_nobody():
    values = rows(0.0, 0.0)
    values[0, ::3], values[1, 1::5] = np.nan, np.nan
    assert all_pairs(values, SCENES)[0, 1] == pytest.approx(paired(values[0], values[1], SCENES).test.p)


def test_one_row_has_nobody_to_be_compared_with():
    assert all_pairs(rows(1.0), SCENES) == {}


def test_equal_methods_are_seldom_told_apart_however_many_there_are():
    rng = np.random.default_rng(1)
    wrong = sum(min(all_pairs(rng.normal(size=(5, 48)), [f"s{i // 4}" for i in range(48)]).values()) <= ALPHA
                for _ in range(200))  # fmt: skip
    assert wrong / 200 <= ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / 200)

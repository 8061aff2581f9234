"""Several comparisons at once are adjusted by Holm."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.statistics.multiple import holm

EXPECTED = json.loads((Path(__file__).parents[1] / "golden" / "statistics.json").read_text())["holm"]


def test_the_published_adjustments():
    assert holm(EXPECTED["p"]) == pytest.approx(EXPECTED["adjusted"], abs=1e-12)
    assert holm(EXPECTED["ties_p"]) == pytest.approx(EXPECTED["ties_adjusted"], abs=1e-12)


def test_one_comparison_needs_no_adjustment_and_none_is_fine():
    assert holm([0.04]) == [0.04]
    assert holm([]) == []


def test_adjusted_values_keep_the_order_and_never_fall():
    p = np.random.default_rng(0).random(40) ** 4
    adjusted = np.array(holm(p.tolist()))
    assert (np.diff(adjusted[np.argsort(p)]) >= 0).all()
    assert (adjusted >= p).all()
    assert (adjusted <= 1).all()


def test_the_family_wise_error_is_held():
    rng = np.random.default_rng(1)
    wrong = sum(min(holm(rng.random(8).tolist())) <= 0.05 for _ in range(3000))
    assert wrong / 3000 == pytest.approx(0.05, abs=0.012)  # unadjusted: 34 %

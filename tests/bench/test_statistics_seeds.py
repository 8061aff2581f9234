"""Several seeds are told as mean and standard deviation."""

import pytest

from bench.statistics.seeds import Spread, spread


def test_the_spread_has_n_minus_one():
    assert spread([1.0, 2.0, 4.0]) == Spread(7 / 3, pytest.approx(1.5275252316519468), 3)


def test_one_seed_has_no_spread():
    with pytest.raises(ValueError, match="one seed"):
        spread([1.0])

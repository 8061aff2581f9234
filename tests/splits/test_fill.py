"""Whole groups go to one side; the same split comes out whatever order things come in."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shards.errors import UserError
from splits.fill import fill_groups, fill_samples

FRACTIONS = {"train": 0.8, "test": 0.2}
SIZES = st.dictionaries(st.integers(0, 10**6).map(str), st.integers(4, 60), min_size=40, max_size=80)
SHARES = st.sampled_from([FRACTIONS, {"train": 0.7, "val": 0.1, "test": 0.2}, {"train": 0.5, "test": 0.5}])


def filled(sizes, fractions=FRACTIONS, seed=0):
    chosen = fill_groups(sizes, fractions, seed)
    return chosen, {s: sum(sizes[g] for g in chosen if chosen[g] == s) for s in fractions}


@given(SIZES, SHARES, st.integers(0, 5))
def test_every_group_has_a_side_and_shares_are_met_as_well_as_the_largest_group_allows(sizes, fractions, seed):
    chosen, reached = filled(sizes, fractions, seed)
    assert chosen.keys() == sizes.keys()
    total, largest = sum(sizes.values()), max(sizes.values())
    for subset, share in fractions.items():
        assert abs(reached[subset] - share * total) <= largest * (len(fractions) - 1)


@given(SIZES, st.randoms(use_true_random=False))
def test_neither_the_order_of_groups_nor_of_shares_matters(sizes, random):
    items = list(sizes.items())
    random.shuffle(items)
    assert fill_groups(dict(items), dict(reversed(FRACTIONS.items())), 0) == fill_groups(sizes, FRACTIONS, 0)


def test_the_seed_decides_between_equal_groups_and_is_kept():
    sizes = {str(number): 5 for number in range(40)}
    assert filled(sizes)[0] == filled(sizes)[0]
    assert filled(sizes)[0] != filled(sizes, seed=1)[0]
    assert filled(sizes)[1] == filled(sizes, seed=1)[1] == {"train": 160, "test": 40}


def test_the_largest_groups_are_placed_first():
    assert filled({"huge": 79, **{str(number): 1 for number in range(21)}})[1] == {"train": 80, "test": 20}


@pytest.mark.parametrize("sizes", [{"one": 10}, {}])
def test_a_side_that_would_stay_empty_is_an_error_that_says_why(sizes):
    with pytest.raises(UserError, match=r"stays empty.*a group cannot be cut"):
        fill_groups(sizes, FRACTIONS, 0)


@given(st.integers(10, 500), SHARES, st.integers(0, 3))
def test_single_samples_are_drawn_in_rounded_numbers_and_all_of_them(count, fractions, seed):
    keys = [f"demo-{number}" for number in range(count)]
    chosen = fill_samples(keys, fractions, seed)
    assert chosen.keys() == set(keys)
    for subset, share in fractions.items():
        assert abs(sum(s == subset for s in chosen.values()) - share * count) <= 1
    assert fill_samples(reversed(keys), dict(reversed(fractions.items())), seed) == chosen


def test_4200_samples_fall_into_3550_and_650():
    chosen = fill_samples([f"m3fd-{n:05d}" for n in range(4200)], {"train": 0.845238, "test": 0.154762}, 0)
    assert sum(s == "train" for s in chosen.values()) == 3550


def test_drawing_ignores_neighbours():
    chosen = fill_samples([f"m3fd-{n:05d}" for n in range(1000)], FRACTIONS, 0)
    sides = [chosen[f"m3fd-{n:05d}"] for n in range(1000)]
    changes = sum(a != b for a, b in pairwise(sides))
    assert 250 < changes < 390, "neighbours fall apart as often as chance has it"


def test_too_few_samples_for_a_side_are_an_error():
    with pytest.raises(UserError, match="subset 'test' stays empty: 2 samples"):
        fill_samples(["a", "b"], FRACTIONS, 0)

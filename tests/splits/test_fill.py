"""Whole groups go to one side; the same split comes out whatever order things come in."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shards.errors import UserError
from splits.fill import NEAR, fill_groups, fill_samples

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


@pytest.mark.parametrize(
    "sizes",
    [
        [5, 3, 1, 1],
        [41, 25, 8, 5, 2, 1, 1, 1],
        [22, 13, 5, 3, 1, 1],
        [7278, 4423, 1067, 948, 346, 164, 148, 99, 87, 77, 62, 51],
    ],
)
def test_whole_groups_meet_the_share_where_some_of_them_add_up_to_it(sizes):
    _, reached = filled({str(number): size for number, size in enumerate(sizes)})
    assert abs(reached["test"] / sum(sizes) - 0.2) <= NEAR


@given(st.lists(st.integers(1, 400), min_size=2, max_size=12), st.sampled_from([0.5, 0.3, 0.2, 0.1]))
def test_of_two_subsets_none_is_nearer_than_whole_groups_allow(sizes, share):
    _, reached = filled({str(number): size for number, size in enumerate(sizes)}, {"train": 1 - share, "test": share})
    total = sum(sizes)
    sums = {sum(chosen) for count in range(1, len(sizes)) for chosen in combinations(sizes, count)}
    best = min(abs(one - share * total) for one in sums)
    assert abs(reached["test"] - share * total) <= max(best, NEAR * total) + 1e-6


def test_each_scenario_gives_its_share_where_its_groups_add_up_to_it():
    sizes = {f"{light}{number}": size for light in "dn" for number, size in enumerate([22, 13, 5, 3, 1, 1])}
    scenarios = {group: {group[0]: size} for group, size in sizes.items()}
    chosen = fill_groups(sizes, FRACTIONS, 0, scenarios=scenarios)
    assert [sum(n for g, n in sizes.items() if g[0] == light and chosen[g] == "test") for light in "dn"] == [9, 9]


def test_what_is_settled_stays_while_the_others_are_cut_anew():
    sizes = {str(number): size for number, size in enumerate([22, 13, 5, 3, 1, 1])}
    kept = {"5": "test", "2": "train"}
    chosen = fill_groups(sizes, FRACTIONS, 0, kept=kept)
    assert chosen.items() >= kept.items()
    assert sum(sizes[g] for g in chosen if chosen[g] == "test") == 5, "of 1 to 5 and 14 and more, 5 is nearest to 9"


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


@given(st.integers(10, 200), st.integers(0, 200), SHARES)
def test_samples_that_were_drawn_stay_when_others_are_added(before, added, fractions):
    keys = [f"demo-{number}" for number in range(before + added)]
    first = fill_samples(keys[::-1][:before], fractions, 0)
    chosen = fill_samples(keys, fractions, 0, first)
    assert chosen.items() >= first.items()
    for subset, share in fractions.items():
        assert abs(sum(s == subset for s in chosen.values()) - share * len(keys)) <= 3
    assert fill_samples(keys[:before], fractions, 0, dict.fromkeys(["gone"], "test")).keys() == set(keys[:before])


def test_drawing_ignores_neighbours():
    chosen = fill_samples([f"m3fd-{n:05d}" for n in range(1000)], FRACTIONS, 0)
    sides = [chosen[f"m3fd-{n:05d}"] for n in range(1000)]
    changes = sum(a != b for a, b in pairwise(sides))
    assert 250 < changes < 390, "neighbours fall apart as often as chance has it"


def test_too_few_samples_for_a_side_are_an_error():
    with pytest.raises(UserError, match="subset 'test' stays empty: 2 samples"):
        fill_samples(["a", "b"], FRACTIONS, 0)

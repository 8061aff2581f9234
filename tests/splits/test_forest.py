"""Disjoint sets: joined by many pairs at once, as if one after the other."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from splits.forest import Forest, members

PAIRS = st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=60)


def plain(pairs, labels):
    """The smallest member of each set, one pair after the other."""
    root = [labels.index(label) for label in labels]
    for a, b in pairs:
        low, high = sorted((root[a], root[b]))
        root = [low if r == high else r for r in root]
    return root


@given(PAIRS, st.lists(st.integers(0, 40), min_size=30, max_size=30))
def test_sets_are_those_of_joining_one_by_one(pairs, labels):
    forest = Forest(np.array(labels))
    first, second = np.array(pairs, np.int64).reshape(-1, 2).T
    needed = forest.join(first, second)
    assert forest.roots().tolist() == plain(pairs, labels)
    assert plain([pairs[n] for n in needed], labels) == plain(pairs, labels), "the needed pairs suffice"
    assert len(needed) == len(set(plain([], labels))) - len(set(plain(pairs, labels))), "and none is too many"


@given(PAIRS)
def test_roots_of_some_are_the_roots_of_all(pairs):
    forest = Forest(np.arange(30))
    first, second = np.array(pairs, np.int64).reshape(-1, 2).T
    forest.join(first, second)
    some = np.array([7, 29, 7, 0])
    assert np.array_equal(forest.find(some), forest.roots()[some])


def test_members_of_many_sets_at_once():
    labels = np.array([3, 1, 3, 7, 1, 3])
    assert [found.tolist() for found in members(labels, np.array([1, 3, 5]))] == [[1, 4], [0, 2, 5], []]

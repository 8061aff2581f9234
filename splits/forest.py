"""Disjoint sets, joined by many pairs at once."""

import numpy as np


class Forest:
    """Disjoint sets over the numbers 0..n-1. The root of a set is its smallest member."""

    def __init__(self, labels: np.ndarray) -> None:
        """Begins with the sets of equal labels."""
        _, first, group = np.unique(labels, return_index=True, return_inverse=True)
        self._parent: np.ndarray = first[group]

    def roots(self) -> np.ndarray:
        """The root of every number."""
        return self.find(np.arange(len(self._parent)))

    def find(self, members: np.ndarray) -> np.ndarray:
        """The roots of some numbers."""
        found: np.ndarray = self._parent[members]
        while not np.array_equal(found, above := self._parent[found]):
            found = above
        self._parent[members] = found
        return found

    def join(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Joins the sets of each pair; returns the rows of the pairs that were needed for it, sorted."""
        rows = np.arange(len(first))
        needed = [rows[:0]]
        while len(rows):
            left, right = self.find(first[rows]), self.find(second[rows])
            apart = np.flatnonzero(left != right)
            rows, left, right = rows[apart], left[apart], right[apart]
            # Every root hooks onto one smaller root: no circle can come about.
            hooked, chosen = np.unique(np.maximum(left, right), return_index=True)
            self._parent[hooked] = np.minimum(left, right)[chosen]
            needed.append(rows[chosen])
        return np.sort(np.concatenate(needed))


def members(labels: np.ndarray, wanted: np.ndarray) -> list[np.ndarray]:
    """The places of each wanted label, in order; in one sorting, however many are wanted."""
    order = np.argsort(labels, kind="stable")
    begin, end = (np.searchsorted(labels[order], wanted, side) for side in ("left", "right"))
    return [order[a:b] for a, b in zip(begin.tolist(), end.tolist(), strict=True)]

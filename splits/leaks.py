"""Leaks: what a tested subset shares with what came before it, sample by sample and kind by kind."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from splits.candidates import Hashes, alike_limit, as_they_are, distance, embedded, near, wide
from splits.confirm import confirm
from splits.edges import KINDS, Edges, edges_of
from splits.names import place
from splits.near import Pairs
from splits.recordings import stretches
from splits.samples import Pictures, Samples

_TRIES = 4  # candidates of a sample that are looked at, the nearest first


@dataclass(frozen=True)
class Leaks:
    """What a tested subset shares with others.

    Attributes:
        seen: name of what came before, say `train`.
        tested: name of the subset.
        total: samples tested.
        keys: of all samples; the edges number them.
        edges: at most one of each kind for each tested sample, which is `first`; `second` was seen.
        complete: hashes that are merely alike were compared too (`splits.candidates.WIDE_PAIRS`).
    """

    seen: str
    tested: str
    total: int
    keys: Sequence[str]
    edges: Edges
    complete: bool

    def images(self, kind: str = "") -> int:
        """Tested samples with a leak of this kind, or of any."""
        edges = self.edges if not kind else self.edges[np.flatnonzero(self.edges.kind == kind)]
        return len(np.unique(edges.first))

    @property
    def rate(self) -> float:
        """Share of the tested samples that have any leak, 0..1."""
        return self.images() / self.total if self.total else 0.0

    def worst(self, count: int) -> Edges:
        """The strongest edge of each tested sample, the strongest first."""
        rank = np.array([list(KINDS).index(kind) for kind in self.edges.kind], np.int64)
        order = np.lexsort((self.edges.second, self.edges.first, self.edges.distance, rank))
        _, first = np.unique(self.edges.first[order], return_index=True)
        return self.edges[order[np.sort(first)][:count]]

    def as_data(self, worst: int = 20) -> dict[str, Any]:
        """For machines."""
        kinds = {kind: self.images(kind) for kind in KINDS}
        strongest = self.worst(worst)
        return {
            "seen": self.seen,
            "tested": self.tested,
            "total": self.total,
            "leaking": self.images(),
            "rate": self.rate,
            "kinds": {kind: {"images": n, "rate": n / self.total if self.total else 0.0} for kind, n in kinds.items()},
            "complete": self.complete,
            "worst": [pair_data(strongest, row, self.keys) for row in range(len(strongest))],
        }


def pair_data(edges: Edges, row: int, keys: Sequence[str]) -> dict[str, Any]:
    """One edge, for machines."""
    return {
        "tested": keys[edges.first[row]],
        "seen": keys[edges.second[row]],
        "kind": str(edges.kind[row]),
        "side": str(edges.side[row]),
        "variant": str(edges.variant[row]),
        "distance": int(edges.distance[row]),
        "measure": str(edges.measure[row]),
        "score": float(edges.score[row]),
    }


def find_leaks(samples: Samples, subsets: Mapping[str, np.ndarray], pictures: Pictures, *, frames: int) -> list[Leaks]:
    """Each subset but the first against all that come before it.

    Args:
        samples: all of them.
        subsets: their numbers by subset, in the order train, val, test.
        pictures: where they are.
        frames: neighbours in time are at most so far apart.
    """
    names = list(subsets)
    complete = alike_limit(len(samples)) is not None
    moments = stretches(samples)
    found = []
    for number in range(1, len(names)):
        seen, tested = np.concatenate([subsets[name] for name in names[:number]]), subsets[names[number]]
        edges = [
            _scene(samples, seen, tested),
            _time(moments, seen, tested, frames),
            _kin(samples, seen, tested),
            *_equal(samples, seen, tested),
            _near(samples, seen, tested, pictures),
        ]
        before = " and ".join(names[:number])
        found.append(Leaks(before, names[number], len(tested), samples.keys, Edges.concatenate(edges), complete))
    return found


def _scene(samples: Samples, seen: np.ndarray, tested: np.ndarray) -> Edges:
    first_of: dict[str, int] = {}
    for number in seen.tolist():
        first_of.setdefault(samples.scenes[number], number)
    first_of.pop("", None)
    return _edges([(n, first_of[s]) for n in tested.tolist() if (s := samples.scenes[n]) in first_of], "scene")


def _time(moments: tuple[np.ndarray, np.ndarray], seen: np.ndarray, tested: np.ndarray, frames: int) -> Edges:
    """The nearest seen neighbour of the same stretch of a recording (`splits.recordings.stretches`)."""
    stretch, frame = (column.tolist() for column in moments)
    known: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number in seen.tolist():
        known[stretch[number]].append((frame[number], number))
    known.pop(-1, None)
    for recorded in known.values():
        recorded.sort()
    pairs, gaps = [], []
    for number in tested.tolist():
        if not (recorded := known.get(stretch[number], [])):
            continue
        at = bisect_left(recorded, (frame[number], -1))
        gap, nearest = min((abs(when - frame[number]), other) for when, other in recorded[max(at - 1, 0) : at + 1])
        if 0 < gap <= frames:  # 0 is the picture itself, in another source
            pairs.append((number, nearest))
            gaps.append(gap)
    return _edges(pairs, "time", gaps)


def _kin(samples: Samples, seen: np.ndarray, tested: np.ndarray) -> Edges:
    known = {where: n for n in seen.tolist() if (where := place(samples.keys[n])) is not None}
    pairs = [(n, known[where]) for n in tested.tolist() if (where := place(samples.keys[n])) in known and where]
    return _edges(pairs, "kin")


def _equal(samples: Samples, seen: np.ndarray, tested: np.ndarray) -> list[Edges]:
    """Equal files, or equal pixels; pictures without structure are equal too easily."""
    parts = []
    for kind, by_side in (("file", samples.files), ("pixels", samples.pixels)):
        taken = np.zeros(len(samples), bool)
        for side, codes in by_side.items():
            good = samples.structured[side] & (codes >= 0)
            rows, others = tested[good[tested] & ~taken[tested]], seen[good[seen]]
            values, first = np.unique(codes[others], return_index=True)
            at = np.searchsorted(values, codes[rows])
            hit = np.flatnonzero(np.append(values, -1)[at] == codes[rows])
            taken[rows[hit]] = True
            parts.append(Edges.of(rows[hit], others[first[at[hit]]], kind, side=side))
    return parts


def _near(samples: Samples, seen: np.ndarray, tested: np.ndarray, pictures: Pictures) -> Edges:
    """Confirmed near-duplicates of the tested samples: of each at most one as it is, and one changed."""
    parts: list[Edges] = []
    done = np.zeros((len(samples), 2), bool)
    for side, pairs in _candidates(samples, seen, tested):
        changed = (pairs.variant != 0).astype(np.int64)
        order = np.lexsort((pairs.second, pairs.distance, changed, pairs.first))
        while len(order):
            order = order[~done[pairs.first[order], changed[order]]]
            # The next candidate of each tested sample and kind.
            _, now = np.unique(2 * pairs.first[order] + changed[order], return_index=True)
            chosen = pairs[order[now]]
            order = np.delete(order, now)
            names = [samples.keys[n] for n in (*chosen.first.tolist(), *chosen.second.tolist())]
            found = pictures.find(names, side)
            count = len(chosen)
            verdicts = confirm(list(zip(found[:count], found[count:], chosen.variant.tolist(), strict=True)))
            edges = edges_of(chosen, side, verdicts)
            done[edges.first, (edges.kind == "flipped").astype(np.int64)] = True
            parts.append(edges)
    return Edges.concatenate(parts)


def _candidates(samples: Samples, seen: np.ndarray, tested: np.ndarray) -> list[tuple[str, Pairs]]:
    """Pairs (tested, seen) by side, the nearest few of each tested sample."""
    parts: dict[str, list[Pairs]] = {side: [] for side in samples.structured}
    for side, structured in samples.structured.items():
        rows, others = tested[structured[tested]], seen[structured[seen]]
        hashes = samples.hashes[side][256]
        found = near(hashes[rows], hashes[others], _TRIES)
        parts[side].append(Pairs(rows[found.first], others[found.second], found.distance, found.variant))
    limit = alike_limit(len(samples))
    if limit is not None:
        first, second = (
            Hashes(
                {s: h[64][rows] for s, h in samples.hashes.items()}, {s: f[rows] for s, f in samples.structured.items()}
            )
            for rows in (tested, seen)
        )
        alike = wide(first, second, limit, _TRIES)
        for side, structured in samples.structured.items():
            rows = np.flatnonzero(structured[tested[alike.first]] & structured[seen[alike.second]])
            left, right = tested[alike.first[rows]], seen[alike.second[rows]]
            hashes = samples.hashes[side][256]
            bits, variant = distance(hashes[left], hashes[right], alike.variant[rows])
            parts[side].append(Pairs(left, right, bits, variant))
    for side, vectors in samples.vectors.items():
        one, other = embedded(vectors[tested], vectors[seen], _TRIES)
        parts[side].append(as_they_are(samples.hashes[side][256], tested[one], seen[other]))
    return [(side, Pairs.concatenate(found)) for side, found in parts.items()]


def _edges(pairs: Sequence[tuple[int, int]], kind: str, distances: Sequence[int] | int = 0) -> Edges:
    columns = np.array(pairs, np.int64).reshape(-1, 2)
    return Edges.of(columns[:, 0], columns[:, 1], kind, distance=distances)

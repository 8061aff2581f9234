"""Near-duplicates among perceptual hashes, everything against everything, each against the other's variants.

Multi-index hashing (Norouzi et al., Fast Search in Hamming Space with Multi-Index Hashing, CVPR 2012), exact within
LIMIT bits, that returns just enough pairs to connect all that is near.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from shards.hashing import mirror_mask
from splits.forest import Forest

VARIANTS = ("same", "negative", "mirror", "negative mirror")
"""How the second picture of a pair was changed. Each is an exact XOR mask (`shards.hashing.perceptual`)."""

LIMIT = 31
"""Largest distance of 256 bits at which two hashes are near, and the largest for which the index is exact."""

_BANDS = 16  # of 16 bits: within 31 of 256 bits, two hashes differ by at most one bit in some band
_FLIPS = np.array([0, *(1 << bit for bit in range(16))], np.uint16)
_CHUNK = 1 << 17  # candidates at a time: what fits the cache of one core is twice as fast as what does not
_SMALL = 50_000  # below, a second process costs more than it brings
_WORDS, _LABELS = "words.npy", "labels.npy"


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows, as columns of equal length.

    Attributes:
        first: row, int64.
        second: row, int64.
        distance: bits, int64, of `first` and the variant of `second`.
        variant: index into VARIANTS, int64.
    """

    first: np.ndarray
    second: np.ndarray
    distance: np.ndarray
    variant: np.ndarray

    def __len__(self) -> int:
        return len(self.first)

    def __getitem__(self, rows: np.ndarray) -> "Pairs":
        return Pairs(self.first[rows], self.second[rows], self.distance[rows], self.variant[rows])

    @staticmethod
    def concatenate(parts: list["Pairs"]) -> "Pairs":
        """All rows, one after the other."""
        none = np.zeros(0, np.int64)
        columns = ("first", "second", "distance", "variant")
        return Pairs(*(np.concatenate([none, *(getattr(part, column) for part in parts)]) for column in columns))


def masks(size: int) -> np.ndarray:
    """The XOR mask of each variant: 4 x `size` uint8, for hashes of 8 or 32 bytes."""
    mirror = np.frombuffer(mirror_mask({8: 8, 32: 16}[size]), np.uint8)
    return np.stack([np.zeros(size, np.uint8), np.full(size, 255, np.uint8), mirror, ~mirror])


def link(hashes: np.ndarray, labels: np.ndarray | None = None, *, processes: int = 2) -> Pairs:
    """Pairs within LIMIT that connect all that is near: whatever pair is near, a path of these pairs joins it.

    Two rows of one label count as connected already. Runs of near-identical frames (static cameras), whose pairs
    grow with the square of their length, cost no more than others: pairs within a connected set are never formed.

    Args:
        hashes: N x 32 uint8; leave out pictures without structure (`shards.hashing.is_flat`).
        labels: N integers, what is known to belong together; default: nothing is.
        processes: how many to search with, where there is much to search.

    Returns:
        At most N - 1 pairs.
    """
    words = np.ascontiguousarray(hashes).view(np.uint64)
    forest = Forest(np.arange(len(words)) if labels is None else labels)
    order = np.lexsort(words.T)
    equal = (words[order[1:]] == words[order[:-1]]).all(axis=1)
    first, second = order[:-1][equal], order[1:][equal]
    needed = forest.join(first, second)
    nothing = np.zeros(len(needed), np.int64)
    unique = np.sort(order[np.r_[True, ~equal][: len(order)]])
    words = words[unique]
    inner = Forest(forest.find(unique))
    found = [_chain(words, inner)]
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / _WORDS, words)
        np.save(Path(folder) / _LABELS, inner.roots())
        for pairs in _bands(Path(folder), processes if len(words) > _SMALL else 1):
            found.append(pairs[inner.join(pairs.first, pairs.second)])
    rest = Pairs.concatenate(found)
    return Pairs.concatenate(
        [
            Pairs(first[needed], second[needed], nothing, nothing),
            Pairs(unique[rest.first], unique[rest.second], rest.distance, rest.variant),
        ]
    )


def _chain(words: np.ndarray, forest: Forest) -> Pairs:
    """Near neighbours in the orders of the bands and in the order of the rows.

    It finds the runs of static cameras at once, so that `_band` need not form the pairs within them.
    """
    parts = []
    keys = words.view(np.uint16)
    orders = [np.arange(len(words)), *(np.argsort(keys[:, band], kind="stable") for band in range(_BANDS))]
    for order in orders:
        for step in (1, 2):
            first, second = order[:-step], order[step:]
            distance = np.bitwise_count(words[first] ^ words[second]).sum(axis=1, dtype=np.int64)
            near = np.flatnonzero(distance <= LIMIT)
            near = near[forest.join(first[near], second[near])]
            parts.append(Pairs(first[near], second[near], distance[near], np.zeros(len(near), np.int64)))
    return Pairs.concatenate(parts)


def _bands(folder: Path, processes: int) -> Iterator[Pairs]:
    """The pairs of all bands, in their order.

    Other processes are started as commands: those of `multiprocessing` would run a caller's script again.
    """
    if processes == 1:
        yield from (_band(folder, band) for band in range(_BANDS))
        return
    root = Path(__file__).resolve().parent.parent
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", __name__, folder, *map(str, range(_BANDS)[worker::processes])], cwd=root
        )
        for worker in range(processes)
    ]
    try:
        for worker in workers:
            if worker.wait():
                raise ChildProcessError(f"a process that searched for near-duplicates ended with {worker.returncode}")
    finally:
        for worker in workers:
            worker.kill()
    for band in range(_BANDS):
        with np.load(folder / f"{band}.npz") as found:
            yield Pairs(found["first"], found["second"], found["distance"], found["variant"])


@dataclass(frozen=True)
class _Runs:
    """Rows of one set in one bucket of a band, ordered by bucket.

    Attributes:
        keys: the bucket, uint16.
        starts: first row.
        lengths: rows.
        labels: the set.
        buckets: where each bucket begins, and the end.
    """

    keys: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    labels: np.ndarray
    buckets: np.ndarray

    @staticmethod
    def of(keys: np.ndarray, labels: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> "_Runs":
        """The runs that begin at `starts`."""
        keys = keys[starts]
        return _Runs(keys, starts, lengths, labels[starts], np.searchsorted(keys, np.arange((1 << 16) + 1)))

    def partners(self, other: "_Runs", flip: np.uint16) -> tuple[np.ndarray, np.ndarray]:
        """Begin and end in `other` of what lies in the bucket `key ^ flip`; of each pair of runs once."""
        partner = (self.keys ^ flip).astype(np.int64)
        begin, end = other.buckets[partner], other.buckets[partner + 1]
        if other is self:
            begin = np.arange(1, len(self.keys) + 1) if flip == 0 else np.where(partner > self.keys, begin, end)
        return begin, end


@dataclass(frozen=True)
class _Probe:
    """Two of the four words of each row, as they are and changed by a variant: they rule out nearly all candidates."""

    words: tuple[np.ndarray, np.ndarray]
    changed: tuple[np.ndarray, np.ndarray]

    def near(self, first: slice | np.ndarray, counts: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Which candidates may be near: `first`, each as often as it counts, against `second`."""
        bits = np.bitwise_count(np.repeat(self.changed[0][first], counts) ^ self.words[0][second])
        bits += np.bitwise_count(np.repeat(self.changed[1][first], counts) ^ self.words[1][second])
        return np.flatnonzero(bits <= LIMIT)


def _band(folder: Path, band: int) -> Pairs:
    """Pairs of different sets that are near and differ by at most one bit of this band; enough to connect them."""
    words, labels = np.load(folder / _WORDS), np.load(folder / _LABELS)
    forest = Forest(labels)
    order = np.lexsort((labels, words.view(np.uint16)[:, band]))
    order, alone_count = _alone_first(order, words.view(np.uint16)[order, band], labels[order])
    words, labels = words[order], labels[order]
    keys = words.view(np.uint16)[:, band]
    alone = _Runs.of(keys, labels, np.arange(alone_count), np.ones(alone_count, np.int64))
    starts, lengths = _lengths(keys[alone_count:], labels[alone_count:])
    crowds = _Runs.of(keys, labels, alone_count + starts, lengths)
    probed = [(band // 4 + step) % 4 for step in (1, 2)]  # not the word of this band, alike by choice
    probes = words[:, probed[0]].copy(), words[:, probed[1]].copy()
    parts = []
    for variant, mask in enumerate(masks(32).view(np.uint64)):
        probe = _Probe(probes, (probes[0] ^ mask[probed[0]], probes[1] ^ mask[probed[1]]))
        for flip in _FLIPS ^ mask.view(np.uint16)[band]:
            for first, second in chain(_rows(alone, flip, probe), _crowds(alone, crowds, flip, probe, forest)):
                bits = np.bitwise_count(words[first] ^ words[second] ^ mask).sum(axis=1, dtype=np.int64)
                near = np.flatnonzero(bits <= LIMIT)
                left, right = order[first[near]], order[second[near]]
                needed = forest.join(left, right)
                kind = np.full(len(needed), variant, np.int64)
                parts.append(Pairs(left[needed], right[needed], bits[near[needed]], kind))
    return Pairs.concatenate(parts)


def _lengths(keys: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the runs of equal key and label begin, and their lengths."""
    starts = np.flatnonzero(np.r_[True, (keys[1:] != keys[:-1]) | (labels[1:] != labels[:-1])][: len(keys)])
    return starts, np.diff(np.r_[starts, len(keys)])


def _alone_first(order: np.ndarray, keys: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, int]:
    """The order with all runs of one row before the longer ones, and how many there are."""
    lengths = _lengths(keys, labels)[1]
    alone = np.repeat(lengths == 1, lengths)
    return np.concatenate([order[alone], order[~alone]]), int(alone.sum())


def _rows(alone: _Runs, flip: np.uint16, probe: _Probe) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Single rows whose buckets lie a flip apart."""
    for rows, counts, second in _expand(*alone.partners(alone, flip)):
        near = probe.near(rows, counts, second)
        if len(near):
            yield _numbers(rows, counts)[near], second[near]


def _crowds(
    alone: _Runs, crowds: _Runs, flip: np.uint16, probe: _Probe, forest: Forest
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows of longer runs and of others whose buckets lie a flip apart, but for pairs within one set."""
    for others in (alone, crowds):
        for rows, counts, second in _expand(*crowds.partners(others, flip)):
            first = _numbers(rows, counts)
            apart = np.flatnonzero(forest.find(crowds.labels[first]) != forest.find(others.labels[second]))
            first, second = first[apart], second[apart]
            for pairs, lengths, row in _expand(crowds.starts[first], crowds.starts[first] + crowds.lengths[first]):
                beside = second[_numbers(pairs, lengths)]
                begin = others.starts[beside]
                for pair, repeats, partner in _expand(begin, begin + others.lengths[beside]):
                    near = probe.near(row[pair], repeats, partner)
                    if len(near):
                        yield row[_numbers(pair, repeats)[near]], partner[near]


def _expand(begin: np.ndarray, end: np.ndarray) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
    """All (i, j) with begin[i] <= j < end[i], some _CHUNK at a time: a slice of i, how often each, and the j."""
    counts = np.maximum(end - begin, 0)
    before = np.r_[0, np.cumsum(counts)]
    at = 0
    while at < len(counts):
        until = max(at + 1, int(np.searchsorted(before, before[at] + _CHUNK, side="right")) - 1)
        here = counts[at:until]
        second = np.repeat(begin[at:until] - (before[at:until] - before[at]), here)
        second += np.arange(len(second))
        yield slice(at, until), here, second
        at = until


def _numbers(rows: slice, counts: np.ndarray) -> np.ndarray:
    """The row numbers of a slice, each as often as it counts."""
    return np.repeat(np.arange(rows.start, rows.stop), counts)


if __name__ == "__main__":
    for number in map(int, sys.argv[2:]):
        one = _band(Path(sys.argv[1]), number)
        np.savez(
            Path(sys.argv[1]) / f"{number}.npz",
            first=one.first,
            second=one.second,
            distance=one.distance,
            variant=one.variant,
        )

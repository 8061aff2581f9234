"""Pairs of pictures that may show one place, by plain comparison of hashes: each row of one set against another set."""

from dataclasses import dataclass

import numpy as np

from splits.forest import Forest, members
from splits.near import LIMIT, Pairs, link, masks

ALIKE = 12
"""Largest 64-bit distance of one side that makes a candidate; on both sides together three times as much does.

Copies cropped by 5 % on each side have a median distance of 11 and at most 22; unrelated pictures seldom less than
19, and on both sides together next to never less than 36. So a candidate still has to be confirmed on pixels.
"""

COSINE = 0.8
"""Least cosine of two embeddings that makes a candidate."""

ALIKE_FEW = 16
"""The same for one side where there are few pairs, so that few unrelated ones come out by chance."""

FEW_PAIRS = 2_000_000

WIDE_PAIRS = 500_000_000
"""Up to so many pairs all are compared for hashes that are merely alike, some fifteen seconds; beyond, only those that
are near within 256 bits are looked for."""

PLAIN_PAIRS = 100_000_000
"""Up to so many pairs all are compared, in some seconds; beyond, the index is faster and finds the same."""

_BLOCK = 1 << 20  # pairs at a time
_ABSENT, _NEVER = 64, 255  # distances in uint8: of what is not there, of what is not asked for


@dataclass(frozen=True)
class Hashes:
    """The 64-bit hashes of some samples.

    Attributes:
        sides: N x 8 uint8 by side.
        there: N flags by side: False where the side is missing or has no structure.
    """

    sides: dict[str, np.ndarray]
    there: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(next(iter(self.there.values())))


def alike_limit(count: int) -> int | None:
    """Largest 64-bit distance of one side that makes a candidate among so many samples; None where too many to compare.

    Groups and audits of one dataset ask with the number of all its samples, so that both look equally far.

    >>> alike_limit(1_000), alike_limit(30_000), alike_limit(500_000)
    (16, 12, None)
    """
    pairs = count * (count - 1) // 2
    if pairs > WIDE_PAIRS:
        return None
    return ALIKE_FEW if pairs <= FEW_PAIRS else ALIKE


def nearest(
    first: np.ndarray, second: np.ndarray, limit: int, count: int, labels: tuple[np.ndarray, np.ndarray] | None = None
) -> Pairs:
    """For each row of `first` its `count` nearest of `second`, in whichever variant, that are within `limit`.

    Args:
        first: N x 8 or N x 32 uint8 hashes.
        second: M x 8 or M x 32.
        limit: bits.
        count: at most so many per row, the nearest first.
        labels: N and M integers; pairs of equal label are left out.
    """
    parts = []
    for rows in _blocks(len(first), len(second)):
        bits = np.minimum(*_bits(first[rows], second))
        if labels is not None:
            bits[labels[0][rows, None] == labels[1]] = _NEVER
        row, column = _best(bits, limit, count)
        row += rows.start
        parts.append(Pairs(row, column, *_variants(first[row], second[column])))
    return Pairs.concatenate(parts)


def near(first: np.ndarray, second: np.ndarray, count: int) -> Pairs:
    """The `count` nearest within LIMIT bits, as `nearest` finds them; of large sets in a fraction of the time.

    Args:
        first: N x 32 uint8.
        second: M x 32 uint8.
        count: at most so many per row of `first`.
    """
    if len(first) * len(second) <= PLAIN_PAIRS:
        return nearest(first, second, LIMIT, count)
    forest = Forest(np.arange(len(first) + len(second)))
    connected = link(np.concatenate([first, second]))
    forest.join(connected.first, connected.second)
    roots = forest.roots()
    # Whatever is near is connected: only within connected sets there is anything to compare.
    shared = np.intersect1d(roots[: len(first)], roots[len(first) :])
    parts = []
    for left, right in zip(members(roots[: len(first)], shared), members(roots[len(first) :], shared), strict=True):
        found = nearest(first[left], second[right], LIMIT, count)
        parts.append(Pairs(left[found.first], right[found.second], found.distance, found.variant))
    return Pairs.concatenate(parts)


def wide(
    first: Hashes, second: Hashes, limit: int, count: int, labels: tuple[np.ndarray, np.ndarray] | None = None
) -> Pairs:
    """For each row of `first` its `count` likeliest of `second`, by both sides at once.

    A pair is the likelier the smaller its distance on either side is, or a third of that on both together; a mirror
    image is one on both sides, a negative may be one on one side alone.

    Args:
        first: N samples.
        second: M samples.
        limit: bits of one side (`alike_limit`).
        count: at most so many per row, the likeliest first.
        labels: N and M integers; pairs of equal label are left out.

    Returns:
        Pairs whose `distance` is that number in thirds of bits and whose `variant` is 0, or 2 for mirror images.
    """
    parts = []
    for rows in _blocks(len(first), len(second)):
        bits = {side: _bits(hashes[rows], second.sides[side]) for side, hashes in first.sides.items()}
        by_mirror = []
        for mirrored in (0, 1):
            for side, there in first.there.items():
                bits[side][mirrored][~(there[rows, None] & second.there[side])] = _ABSENT
            distances = [both[mirrored] for both in bits.values()]
            score, together = 3 * np.minimum.reduce(distances), sum(distances)
            if len(distances) > 1:
                score = np.where(together <= 3 * ALIKE, np.minimum(score, together), score)
            by_mirror.append(score)
        score = np.minimum(*by_mirror)
        if labels is not None:
            score[labels[0][rows, None] == labels[1]] = _NEVER
        row, column = _best(score, 3 * limit, count)
        plain, mirror = (score[row, column].astype(np.int64) for score in by_mirror)
        parts.append(Pairs(row + rows.start, column, np.minimum(plain, mirror), np.where(mirror < plain, 2, 0)))
    return Pairs.concatenate(parts)


def embedded(
    first: np.ndarray, second: np.ndarray, count: int, labels: tuple[np.ndarray, np.ndarray] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """For each row of `first` the `count` rows of `second` whose embeddings are most alike, from COSINE on.

    Args:
        first: N x d float32 of length 1; zeros are like nothing.
        second: M x d.
        count: at most so many per row, the most alike first.
        labels: N and M integers; pairs of equal label are left out.

    Returns:
        Rows of `first` and of `second`, of equal length.
    """
    found = []
    for rows in _blocks(len(first), len(second)):
        # Cosines from 1 down to COSINE as distances from 0 on, so that the least are the most alike.
        cosine = first[rows] @ second.T
        score = np.where(cosine >= COSINE, (254 * (1 - cosine) / (1 - COSINE)).clip(0, 254), _NEVER).astype(np.uint8)
        if labels is not None:
            score[labels[0][rows, None] == labels[1]] = _NEVER
        row, column = _best(score, _NEVER - 1, count)
        found.append((row + rows.start, column))
    empty = np.zeros(0, np.int64)
    left, right = zip(*found, strict=True) if found else ((empty,), (empty,))
    return np.concatenate(left), np.concatenate(right)


def as_they_are(hashes: np.ndarray, first: np.ndarray, second: np.ndarray) -> Pairs:
    """Pairs of rows whose second is neither a negative nor mirrored, with the distance of their hashes."""
    bits = np.bitwise_count(hashes[first] ^ hashes[second]).sum(axis=1, dtype=np.int64)
    return Pairs(first, second, bits, np.zeros(len(first), np.int64))


def distance(first: np.ndarray, second: np.ndarray, mirrored: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance and variant of each row of `first` and the same row of `second`, where it is known which are mirrored.

    Args:
        first: N x 8 or N x 32 uint8.
        second: the same.
        mirrored: N, 0 or 2: index of the variant that is not a negative.
    """
    bits = np.bitwise_count(first ^ second ^ masks(first.shape[1])[mirrored]).sum(axis=1, dtype=np.int64)
    negative = 8 * first.shape[1] - bits
    return np.minimum(bits, negative), mirrored + (negative < bits)


def _blocks(left: int, right: int) -> list[slice]:
    step = max(1, _BLOCK // max(right, 1))
    return [slice(begin, min(begin + step, left)) for begin in range(0, left if right else 0, step)]


def _bits(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distances of all rows to all rows or their negatives, and to the mirror images of either: N x M uint8 each."""
    size = left.shape[1]
    mask = masks(size)[2].view(np.uint64)
    left, right = (np.ascontiguousarray(hashes).view(np.uint64) for hashes in (left, right))
    found = [np.zeros((len(left), len(right)), np.uint8) for _ in range(2)]
    for word in range(left.shape[1]):
        for bits, change in zip(found, (np.uint64(0), mask[word]), strict=True):
            bits += np.bitwise_count((left[:, word] ^ change)[:, None] ^ right[:, word])
    # The negative's distance is the rest of all bits; of 256 that is the same modulo 256, and the lesser fits.
    for bits in found:
        np.minimum(bits, np.uint8(8 * size % 256) - bits, out=bits)
    return found[0], found[1]


def _variants(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least distance of each row and the same row of the other, and the variant that has it."""
    every = np.bitwise_count(first[:, None] ^ second[:, None] ^ masks(first.shape[1])).sum(axis=2, dtype=np.int64)
    return every.min(axis=1), every.argmin(axis=1)


def _best(score: np.ndarray, limit: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the `count` least of each row that are within the limit, the least first; uses up `score`."""
    rows = np.arange(len(score))
    found = [(rows[:0], rows[:0])]
    for _ in range(min(count, score.shape[1])):
        column = score.argmin(axis=1)
        within = np.flatnonzero(score[rows, column] <= min(limit, _NEVER - 1))
        if not len(within):
            break
        found.append((within, column[within]))
        score[within, column[within]] = _NEVER
    row, column = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.argsort(row, kind="stable")
    return row[order], column[order]

"""Pairs of pictures that may show one place, by plain comparison of hashes: each row of one set against another set."""

from dataclasses import dataclass

import numpy as np

from splits.near import Pairs, masks

ALIKE = 12
"""Largest 64-bit distance of one side that makes a candidate; on both sides together three times as much does.

Copies cropped by 5 % on each side have a median distance of 11 and at most 22; unrelated pictures seldom less than
19, and on both sides together next to never less than 36. So a candidate still has to be confirmed on pixels.
"""

ALIKE_FEW = 16
"""The same where there are few pairs, so that few unrelated ones come out by chance."""

FEW_PAIRS = 2_000_000

_BLOCK = 1 << 20  # pairs at a time


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
        same, mirror = _bits(first[rows], second)
        distance, variant = _choose(same, mirror, 8 * first.shape[1])
        if labels is not None:
            distance[labels[0][rows, None] == labels[1]] = limit + 1
        row, column = _best(distance, limit, count)
        parts.append(Pairs(row + rows.start, column, distance[row, column].astype(np.int64), variant[row, column]))
    return Pairs.concatenate(parts)


def wide(first: Hashes, second: Hashes, count: int, labels: tuple[np.ndarray, np.ndarray] | None = None) -> Pairs:
    """For each row of `first` its `count` likeliest of `second`, by both sides at once.

    A pair is the likelier the smaller its distance on either side is, or a third of that on both together; a mirror
    image is one on both sides, a negative may be one on one side alone.

    Args:
        first: N samples.
        second: M samples.
        count: at most so many per row, the likeliest first.
        labels: N and M integers; pairs of equal label are left out.

    Returns:
        Pairs whose `distance` is that number in thirds of bits and whose `variant` is 0, or 2 for mirror images.
    """
    limit = ALIKE_FEW if len(first) * len(second) <= FEW_PAIRS else ALIKE
    parts = []
    for rows in _blocks(len(first), len(second)):
        by_mirror = []
        for mirrored in (0, 1):
            distances = []
            for side, hashes in first.sides.items():
                bits = _bits(hashes[rows], second.sides[side])[mirrored]
                bits = np.minimum(bits, 64 - bits)
                bits[~(first.there[side][rows, None] & second.there[side])] = 64
                distances.append(bits)
            score, both = 3 * np.minimum.reduce(distances), sum(distances)
            if len(distances) > 1:
                score = np.where(both <= 3 * ALIKE, np.minimum(score, both), score)
            by_mirror.append(score)
        score = np.minimum(*by_mirror)
        if labels is not None:
            score[labels[0][rows, None] == labels[1]] = 3 * 64
        row, column = _best(score, 3 * limit, count)
        mirrored_ = np.where(by_mirror[1][row, column] < by_mirror[0][row, column], 2, 0)
        parts.append(Pairs(row + rows.start, column, score[row, column].astype(np.int64), mirrored_))
    return Pairs.concatenate(parts)


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
    """Distances of all rows to all rows and to their mirror images: N x M int16 each."""
    mask = masks(left.shape[1])[2].view(np.uint64)
    left, right = (np.ascontiguousarray(hashes).view(np.uint64) for hashes in (left, right))
    same, mirror = (np.zeros((len(left), len(right)), np.int16) for _ in range(2))
    for word in range(left.shape[1]):
        different = left[:, None, word] ^ right[None, :, word]
        same += np.bitwise_count(different)
        mirror += np.bitwise_count(different ^ mask[word])
    return same, mirror


def _choose(same: np.ndarray, mirror: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """The least of the four variants' distances, and which it is; the negative flips every bit."""
    every = np.stack([same, bits - same, mirror, bits - mirror])
    variant = every.argmin(axis=0)
    return np.take_along_axis(every, variant[None], axis=0)[0], variant


def _best(score: np.ndarray, limit: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the `count` least of each row that are within the limit, the least first."""
    row, column = np.nonzero(score <= limit)
    found = score[row, column]
    order = np.lexsort((column, found, row))
    row, column = row[order], column[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    return row[rank < count], column[rank < count]

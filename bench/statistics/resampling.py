"""Random draws without a generator's state: each is a hash of its place, the same on every machine and in any order.

Draw k of resample b among `size` is the first 8 bytes of SHA-256("seed|b|k") modulo `size`.
"""

from functools import lru_cache
from hashlib import sha256

import numpy as np
import numpy.typing as npt

SEED = 2026
RESAMPLES = 2000
"""Resamples of a bootstrap."""

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def hash64(key: str) -> int:
    """The first 8 bytes of the SHA-256 of an ASCII key as a big-endian integer, uniform over 0..2^64 - 1.

    >>> hash64("2026|0|0") % 12
    6
    """
    return int.from_bytes(sha256(key.encode("ascii")).digest()[:8], "big")


@lru_cache(maxsize=8)
def draws(seed: int, resamples: int, count: int, size: int) -> Integers:
    """Draws with replacement, resamples x count integers in 0..size - 1; read-only, since callers share it.

    >>> draws(2026, 1, 4, 12).tolist()
    [[6, 3, 7, 5]]
    """
    hashed = b"".join([sha256(b"%d|%d|%d" % (seed, b, k)).digest()[:8] for b in range(resamples) for k in range(count)])
    found = (np.frombuffer(hashed, ">u8") % np.uint64(size)).astype(np.int64).reshape(resamples, count)
    found.setflags(write=False)
    return found


@lru_cache(maxsize=8)
def resample_counts(seed: int, resamples: int, size: int) -> Floats:
    """How often each of `size` units is in each resample of `size` draws: resamples x size, rows that sum to `size`."""
    places = draws(seed, resamples, size, size) + np.arange(resamples)[:, None] * size
    counts = np.bincount(places.ravel(), minlength=resamples * size).reshape(resamples, size).astype(np.float64)
    counts.setflags(write=False)
    return counts


@lru_cache(maxsize=8)
def flips(seed: int, count: int, size: int) -> Floats:
    """Random signs, count x size of +1 and -1: which units a relabelling of the two sides turns over."""
    signs = 1.0 - 2.0 * draws(seed, count, size, 2).astype(np.float64)
    signs.setflags(write=False)
    return signs


def all_flips(size: int) -> Floats:
    """Every choice of signs, 2^size x size; the first row turns nothing over, and row 2^size - 1 - i negates row i.

    >>> all_flips(2).tolist()
    [[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]]
    """
    bits = np.arange(2**size)[:, None] >> np.arange(size) & 1
    return 1.0 - 2.0 * bits.astype(np.float64)

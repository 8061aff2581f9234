"""Which rows of a table are not told apart from its best one."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from bench.statistics.multiple import holm
from bench.statistics.paired import sign_flips
from bench.statistics.resampling import SEED
from bench.statistics.scenes import units

ALPHA = 0.05
"""Rows whose adjusted p-value against the best lies above it are tied with it."""


def all_pairs(
    values: npt.NDArray[np.float64], scenes: Sequence[str], *, seed: int = SEED
) -> Mapping[tuple[int, int], float]:
    """Sign-flip tests of every two rows of one metric, adjusted by Holm over all of them.

    All pairs are the family, since which row is best is known only afterwards.

    Args:
        values: K x N, one row per method, NaN where undefined; such an image counts for the pairs where both are
            defined.
        scenes: the name of each image's scene.
        seed: of the random signs.

    Returns:
        Adjusted p by (i, j), i < j.

    >>> rows = np.stack([np.arange(20.0), np.arange(20.0) + 1, np.arange(20.0)])
    >>> {pair: p > ALPHA for pair, p in all_pairs(rows, [f"s{i}" for i in range(20)]).items()}
    {(0, 1): False, (0, 2): True, (1, 2): False}
    """
    pairs = list(combinations(range(len(values)), 2))
    if not pairs:
        return {}
    by = units(scenes)
    differences = np.stack([np.nan_to_num(values[i] - values[j]) for i, j in pairs], axis=1)
    return dict(zip(pairs, holm([test.p for test in sign_flips(by.sums(differences), seed=seed)]), strict=True))

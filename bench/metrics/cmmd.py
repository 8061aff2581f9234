"""Maximum mean discrepancy between two sets of CLIP embeddings (Jayasumana et al., Rethinking FID, CVPR 2024)."""

import numpy as np
import numpy.typing as npt

from bench.metrics.feature_sets import checked

SIGMA = 10.0
SCALE = 1000.0


def cmmd(x: npt.NDArray[np.generic], y: npt.NDArray[np.generic]) -> float:
    """Squared MMD under exp(-|a - b|^2 / (2 x 10^2)), means over all pairs, times 1000; lower is better.

    Args:
        x: n x d embeddings of length 1, n >= 2; computed in float64.
        y: m x d embeddings, m >= 2.

    Returns:
        At least 0, and 0 for equal sets: means include each row with itself, as in the authors' code.

    Raises:
        UserError: a side has fewer than two rows.
        ValueError: shapes do not fit, or a feature is not finite.

    >>> round(cmmd(np.eye(2), -np.eye(2)), 6)
    19.801327
    """
    x64, y64 = checked("CMMD", x, y)

    def mean_kernel(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
        squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None] - 2 * (a @ b.T)
        return float(np.exp(-squares / (2 * SIGMA**2)).mean())

    return SCALE * (mean_kernel(x64, x64) + mean_kernel(y64, y64) - 2 * mean_kernel(x64, y64))

"""Kernel distance between two sets of features (Binkowski et al., ICLR 2018)."""

import numpy as np
import numpy.typing as npt

from bench.metrics.feature_sets import checked


def kid(x: npt.NDArray[np.generic], y: npt.NDArray[np.generic]) -> float:
    """Squared maximum mean discrepancy under k(a, b) = (a.b / d + 1)^3; lower is better. KID, on Inception features.

    The full unbiased estimator, mean k(x_i, x_j) + mean k(y_i, y_j) over i != j minus twice mean k(x_i, y_j): averages
    over random subsets, as libraries report them, only add noise to it and fail below the size of a subset.

    Args:
        x: n x d features, n >= 2; computed in float64.
        y: m x d features, m >= 2.

    Returns:
        The raw value, symmetric in its arguments; around 0, and as often below it, for equal distributions.
        Tables show it x1000.

    Raises:
        UserError: a side has fewer than two rows.
        ValueError: shapes do not fit, or a feature is not finite.

    >>> kid(np.zeros((3, 2)), np.ones((3, 2)))  # 1 + 2^3 - 2 x 1
    7.0
    """
    x64, y64 = checked("KID", x, y)
    n, m, dimensions = len(x64), len(y64), x64.shape[1]

    def kernel(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        values: npt.NDArray[np.float64] = (a @ b.T / dimensions + 1.0) ** 3
        return values

    k_xx, k_yy = kernel(x64, x64), kernel(y64, y64)
    within_x = (k_xx.sum() - np.trace(k_xx)) / (n * (n - 1))
    within_y = (k_yy.sum() - np.trace(k_yy)) / (m * (m - 1))
    return float(within_x + within_y - 2.0 * kernel(x64, y64).mean())

"""Kernel distance between two sets of features (Binkowski et al., ICLR 2018)."""

import numpy as np
import numpy.typing as npt

from shards.errors import UserError


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
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise ValueError(f"two matrices of features of one network are compared, not {x.shape} and {y.shape}")
    n, m, dimensions = len(x), len(y), x.shape[1]
    if min(n, m) < 2:
        raise UserError(
            f"KID needs at least 2 images on each side: there are {n} and {m}",
            "score more images, or read the per-image metrics only",
        )
    x64, y64 = x.astype(np.float64), y.astype(np.float64)
    if not (np.isfinite(x64).all() and np.isfinite(y64).all()):
        raise ValueError("features must be finite")

    def kernel(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        values: npt.NDArray[np.float64] = (a @ b.T / dimensions + 1.0) ** 3
        return values

    k_xx, k_yy = kernel(x64, x64), kernel(y64, y64)
    within_x = (k_xx.sum() - np.trace(k_xx)) / (n * (n - 1))
    within_y = (k_yy.sum() - np.trace(k_yy)) / (m * (m - 1))
    return float(within_x + within_y - 2.0 * kernel(x64, y64).mean())

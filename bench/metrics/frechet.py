"""Fréchet distance between two sets of features, exact and without a matrix square root (Heusel et al., NeurIPS 2017).

FID = |m_x - m_y|^2 + tr S_x + tr S_y - 2 tr (S_x S_y)^(1/2). With A = (X - m) / sqrt(n - 1), so that S = A^T A, the
non-zero eigenvalues of S_x S_y are those of M M^T with M = A_x A_y^T. The last trace is therefore the sum of the
singular values of M, its nuclear norm: an n x m problem instead of a 2048 x 2048 one, with neither the imaginary parts
nor the regularisation that scipy.linalg.sqrtm brings to rank-deficient covariances.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shards.errors import UserError

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FrechetTerms:
    """The four terms of the distance, in squared feature units.

    Attributes:
        mean_gap: |m_x - m_y|^2.
        trace_x: tr S_x, unbiased covariance.
        trace_y: tr S_y.
        cross: tr (S_x S_y)^(1/2).
    """

    mean_gap: float
    trace_x: float
    trace_y: float
    cross: float

    @property
    def distance(self) -> float:
        """The Fréchet distance, never negative.

        Raises:
            ArithmeticError: the terms cancel to less than rounding explains.
        """
        value = self.mean_gap + self.trace_x + self.trace_y - 2.0 * self.cross
        if value < -max(1e-6, 1e-9 * (self.trace_x + self.trace_y)):
            raise ArithmeticError(f"a Fréchet distance cannot be negative: {value} from {self}")
        return max(0.0, value)


def frechet(x: npt.NDArray[np.generic], y: npt.NDArray[np.generic]) -> float:
    """Fréchet distance of the Gaussians of two sets of features; lower is better. FID, if the features are Inception's.

    Biased upwards at small n: two draws of one distribution are far from 0 below some thousand images, so values are
    comparable only at equal n.

    Args:
        x: n x d features, n >= 2; computed in float64.
        y: m x d features, m >= 2.

    Returns:
        A value in [0, inf), symmetric in its arguments.

    Raises:
        UserError: a side has fewer than two rows.
        ValueError: shapes do not fit, or a feature is not finite.

    >>> x = np.eye(4)
    >>> round(frechet(x, x + 0.5), 9)  # equal covariances: the squared distance of the means
    1.0
    """
    return frechet_terms(x, y).distance


def frechet_terms(x: npt.NDArray[np.generic], y: npt.NDArray[np.generic]) -> FrechetTerms:
    """The terms of `frechet`, which takes the same arguments and raises the same errors."""
    mean_x, factor_x = _mean_and_factor(x)
    mean_y, factor_y = _mean_and_factor(y)
    if mean_x.shape != mean_y.shape:
        raise ValueError(f"features of one network are compared, not of {len(mean_x)} and {len(mean_y)} dimensions")
    return FrechetTerms(
        mean_gap=float(np.sum((mean_x - mean_y) ** 2)),
        trace_x=float(np.sum(factor_x**2)),
        trace_y=float(np.sum(factor_y**2)),
        cross=_nuclear_norm(factor_x @ factor_y.T),
    )


def gram_matrices(x: npt.NDArray[np.generic], y: npt.NDArray[np.generic]) -> tuple[Matrix, Matrix, Matrix]:
    """X X^T, X Y^T and Y Y^T for `frechet_from_grams`, about the common mean (which the distance does not see)."""
    x64, y64 = x.astype(np.float64), y.astype(np.float64)
    centre = np.concatenate([x64, y64]).mean(axis=0)
    x64, y64 = x64 - centre, y64 - centre
    return x64 @ x64.T, x64 @ y64.T, y64 @ y64.T


def frechet_from_grams(
    xx: Matrix,
    xy: Matrix,
    yy: Matrix,
    x_weights: npt.NDArray[np.generic],
    y_weights: npt.NDArray[np.generic],
) -> float:
    """Fréchet distance of weighted rows, from Gram matrices that are computed once for many weightings.

    Weights of 0 and 1 give the delete-one-scene jackknife, counts give resamples: a row of weight k stands for k equal
    rows. Equal to `frechet` on the rows so repeated.

    Args:
        xx: n x n, from `gram_matrices`.
        xy: n x m.
        yy: m x m.
        x_weights: n non-negative counts, at least two in sum.
        y_weights: m counts likewise.

    Returns:
        A value in [0, inf).

    Raises:
        UserError: the weights of a side sum to less than two.

    >>> x, y = np.eye(3), np.eye(3)[::-1] * 2
    >>> keep = np.array([1, 1, 0])
    >>> bool(np.isclose(frechet_from_grams(*gram_matrices(x, y), keep, keep), frechet(x[:2], y[:2])))
    True
    """
    rows, columns = np.flatnonzero(x_weights), np.flatnonzero(y_weights)
    w, v = x_weights[rows].astype(np.float64), y_weights[columns].astype(np.float64)
    n, m = float(w.sum()), float(v.sum())
    _require_two(n)
    _require_two(m)
    p, q = w / n, v / m
    xx, xy, yy = xx[np.ix_(rows, rows)], xy[np.ix_(rows, columns)], yy[np.ix_(columns, columns)]
    x_mean_norm, y_mean_norm, means = p @ xx @ p, q @ yy @ q, p @ xy @ q  # |m_x|^2, |m_y|^2, m_x.m_y
    centred = xy - (p @ xy)[None, :] - (xy @ q)[:, None] + means
    return FrechetTerms(
        mean_gap=float(x_mean_norm + y_mean_norm - 2.0 * means),
        trace_x=float(n / (n - 1) * (p @ np.diag(xx) - x_mean_norm)),
        trace_y=float(m / (m - 1) * (q @ np.diag(yy) - y_mean_norm)),
        cross=_nuclear_norm(np.sqrt(w / (n - 1))[:, None] * centred * np.sqrt(v / (m - 1))[None, :]),
    ).distance


def _mean_and_factor(features: npt.NDArray[np.generic]) -> tuple[Matrix, Matrix]:
    """The mean, and a matrix F of min(n, d) rows with F^T F = the unbiased covariance."""
    if features.ndim != 2:
        raise ValueError(f"features are rows of a matrix, not an array of shape {features.shape}")
    count, dimensions = features.shape
    _require_two(count)
    x = features.astype(np.float64)
    if not np.isfinite(x).all():
        raise ValueError("features must be finite")
    mean = x.mean(axis=0)
    factor: Matrix = (x - mean) / np.sqrt(count - 1)
    if count > dimensions:
        # A = Q R gives S = R^T R, and Q changes no singular value: beyond d rows the problem stays d x d.
        factor = np.linalg.qr(factor, mode="r")  # type: ignore[assignment]  # numpy's stub has no overload for "r"
    return mean, factor


def _nuclear_norm(matrix: Matrix) -> float:
    return float(np.linalg.svd(matrix, compute_uv=False).sum())


def _require_two(count: float) -> None:
    if count < 2:
        raise UserError(
            f"a Fréchet distance needs at least 2 images on each side: there are {count:g}",
            "score more images, or read the per-image metrics only",
        )

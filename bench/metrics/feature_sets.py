"""What every distance between two sets of features asks of them."""

import numpy as np
import numpy.typing as npt

from shards.errors import UserError

Features = npt.NDArray[np.float64]


def checked(name: str, x: npt.NDArray[np.generic], y: npt.NDArray[np.generic]) -> tuple[Features, Features]:
    """Both sides in float64.

    Args:
        name: of the distance, for the message.
        x: n x d features, n >= 2.
        y: m x d features, m >= 2.

    Raises:
        UserError: a side has fewer than two rows.
        ValueError: shapes do not fit, or a feature is not finite.

    >>> checked("KID", np.eye(2), np.ones((3, 2)))[1].shape
    (3, 2)
    """
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise ValueError(f"two matrices of features of one network are compared, not {x.shape} and {y.shape}")
    if min(len(x), len(y)) < 2:
        raise UserError(
            f"{name} needs at least 2 images on each side: there are {len(x)} and {len(y)}",
            "score more images, or read the per-image metrics only",
        )
    x64, y64 = x.astype(np.float64), y.astype(np.float64)
    if not (np.isfinite(x64).all() and np.isfinite(y64).all()):
        raise ValueError("features must be finite")
    return x64, y64

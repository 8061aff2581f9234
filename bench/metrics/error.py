"""Plain errors in grey levels."""

import numpy as np
import numpy.typing as npt

from bench.metrics.psnr import mean_squared_error


def mae(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic]) -> float:
    """Mean absolute error of one image in grey levels; lower is better, in [0, 255].

    Args:
        prediction: H x W, levels 0..255.
        reference: the same shape and units.

    Raises:
        ValueError: the shapes differ or are empty.

    >>> mae(np.zeros((2, 2), np.uint8), np.array([[0, 0], [0, 200]], np.uint8))
    50.0
    """
    if prediction.shape != reference.shape or prediction.size == 0:
        raise ValueError(f"two images of one size are compared, not {prediction.shape} and {reference.shape}")
    return float(np.abs(prediction.astype(np.float64) - reference.astype(np.float64)).mean())


def rmse(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic]) -> float:
    """Root of the mean squared error of one image in grey levels; lower is better, in [0, 255].

    Takes what `mae` takes, and raises the same errors.

    >>> rmse(np.zeros((2, 2), np.uint8), np.array([[0, 0], [0, 200]], np.uint8))
    100.0
    """
    return float(np.sqrt(mean_squared_error(prediction, reference)))

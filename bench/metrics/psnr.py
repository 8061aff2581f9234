"""Peak signal-to-noise ratio of 8-bit images (Hore and Ziou, ICPR 2010)."""

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

PEAK = 255.0


def mean_squared_error(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic]) -> float:
    """Mean of (prediction - reference)^2 over all pixels and channels, in squared grey levels.

    >>> mean_squared_error(np.zeros((2, 2), np.uint8), np.full((2, 2), 3, np.uint8))
    9.0
    """
    if prediction.shape != reference.shape or prediction.size == 0:
        raise ValueError(f"two images of one size are compared, not {prediction.shape} and {reference.shape}")
    if prediction.dtype == reference.dtype == np.uint8:
        # A whole number; OpenCV squares a root to get it, so that its last digits are noise.
        return round(cv2.norm(prediction, reference, cv2.NORM_L2SQR)) / prediction.size
    # Converted before the subtraction: uint8 arithmetic wraps around and turns 7377.6 into 95.85.
    difference = prediction.astype(np.float64) - reference.astype(np.float64)
    return float(np.mean(difference * difference))


def psnr(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic], *, cap: float = 100.0) -> float:
    """PSNR = 10 log10(255^2 / MSE) of one image in dB; higher is better.

    The value is cut at `cap`, which identical images get, so that a mean over images stays finite. At 256 x 256 the
    smallest error above zero, 1/65536, gives 96.3 dB: a 100 means identical.

    Args:
        prediction: H x W, or H x W x 3, levels 0..255.
        reference: the same shape and units.
        cap: largest value, dB.

    Returns:
        A value in [0, cap]. A dataset's PSNR is the mean of these.

    Raises:
        ValueError: the shapes differ or are empty.

    >>> round(psnr(np.full((8, 8), 110, np.uint8), np.full((8, 8), 100, np.uint8)), 6)
    28.130804
    >>> psnr(np.zeros((8, 8), np.uint8), np.zeros((8, 8), np.uint8))
    100.0
    """
    return decibel(mean_squared_error(prediction, reference), cap)


def squared_error(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic]) -> tuple[float, int]:
    """An image's share in the pooled PSNR: its sum of squared errors, and over how many values.

    >>> squared_error(np.zeros((2, 2), np.uint8), np.full((2, 2), 3, np.uint8))
    (36.0, 4)
    """
    return mean_squared_error(prediction, reference) * prediction.size, prediction.size


def psnr_pooled(shares: Iterable[tuple[float, int]], *, cap: float = 100.0) -> float:
    """PSNR of the mean squared error over all pixels of all images, the value that some libraries report.

    The logarithm is concave, so for images of one size it is never above the mean of the images' PSNR.

    Args:
        shares: of at least one image, as `squared_error` gives them.
        cap: largest value, dB.

    >>> round(psnr_pooled([(0.0, 100), (20000.0, 100)]), 6)  # the mean error is 100
    28.130804
    """
    errors, counts = zip(*shares, strict=True)
    return decibel(sum(errors) / sum(counts), cap)


def decibel(error: float, cap: float = 100.0) -> float:
    """PSNR of a mean squared error."""
    return cap if error == 0.0 else min(cap, float(10.0 * np.log10(PEAK * PEAK / error)))

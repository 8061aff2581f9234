"""Agreement up to what a camera may change: gain and offset, and a few pixels of registration.

Thermal cameras set gain and offset per frame (automatic gain control), so an absolute grey level may be nobody's
error; what remains after the best affine map is.
"""

import cv2
import numpy as np
import numpy.typing as npt

from bench.metrics.psnr import decibel, mean_squared_error

SHIFT = 4


def ncc(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic]) -> float | None:
    """Pearson correlation over the pixels of one image; higher is better, in [-1, 1].

    Args:
        prediction: H x W, or any two arrays of one shape.
        reference: the same shape.

    Returns:
        None where a side is constant, which correlates with nothing.

    Raises:
        ValueError: the shapes differ or are empty.

    >>> ncc(np.array([[0, 1], [2, 3]]), np.array([[5, 4], [3, 2]]))
    -1.0
    """
    if prediction.shape != reference.shape or prediction.size == 0:
        raise ValueError(f"two images of one size are compared, not {prediction.shape} and {reference.shape}")
    if prediction.min() == prediction.max() or reference.min() == reference.max():
        return None
    x, y = prediction.astype(np.float64).ravel(), reference.astype(np.float64).ravel()
    x, y = x - x.mean(), y - y.mean()
    return float(np.clip(x @ y / np.sqrt((x @ x) * (y @ y)), -1.0, 1.0))


def psnr_affine(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic]) -> float:
    """PSNR after the least-squares fit reference = a prediction + b of each image; higher is better.

    The error that the fit leaves is var(reference) (1 - r^2). An inverted copy gets 100: see `psnr_affine_pos`.

    Args:
        prediction: H x W, levels 0..255. A constant one is fitted by b alone.
        reference: the same shape and units.

    Returns:
        A value in (0, 100].

    >>> image = np.arange(64, dtype=np.uint8).reshape(8, 8)
    >>> psnr_affine(255 - image, image)
    100.0
    """
    r = ncc(prediction, reference) or 0.0
    return decibel(float(reference.astype(np.float64).var()) * (1.0 - r * r))


def psnr_affine_pos(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic]) -> float:
    """`psnr_affine` without negative gains: structure in the right polarity, up to gain and offset.

    >>> image = np.arange(64, dtype=np.uint8).reshape(8, 8)
    >>> psnr_affine_pos(image // 2 + 90, image) > 40 > psnr_affine_pos(255 - image, image)
    True
    """
    r = max(ncc(prediction, reference) or 0.0, 0.0)
    return decibel(float(reference.astype(np.float64).var()) * (1.0 - r * r))


def psnr_shift4(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic]) -> float:
    """The best PSNR over shifts of the prediction by up to 4 whole pixels; higher is better.

    The idea is that of the cPSNR of ESA's PROBA-V challenge (Martens et al., Astrodynamics 2019). The reference is
    cut by 4 pixels on each side, so that every shift compares the same pixels of it.

    Args:
        prediction: H x W, levels 0..255, sides above 8.
        reference: the same shape and units.

    Returns:
        A value in [0, 100].

    Raises:
        ValueError: the shapes differ, or the images are too small.

    >>> image = np.arange(400, dtype=np.uint8).reshape(20, 20)
    >>> psnr_shift4(np.roll(image, (3, -4), axis=(0, 1)), image)
    100.0
    """
    if prediction.shape != reference.shape or prediction.ndim != 2:
        raise ValueError(f"two images of one size are compared, not {prediction.shape} and {reference.shape}")
    if min(prediction.shape) <= 2 * SHIFT:
        raise ValueError(f"sides above {2 * SHIFT} pixels are needed, not {prediction.shape}")
    height, width = (side - 2 * SHIFT for side in reference.shape)
    centre = np.ascontiguousarray(reference[SHIFT:-SHIFT, SHIFT:-SHIFT])
    # All 81 sums of squares by one transform in float32, whose rounding is far below the margin; exact for the best.
    errors = cv2.matchTemplate(prediction.astype(np.float32), centre.astype(np.float32), cv2.TM_SQDIFF)
    likely = np.argwhere(errors <= errors.min() + 1e-3 * float((centre.astype(np.float64) ** 2).sum()))
    return decibel(min(mean_squared_error(prediction[y : y + height, x : x + width], centre) for y, x in likely))

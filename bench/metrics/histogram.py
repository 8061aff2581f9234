"""Distance of grey-level histograms."""

import numpy as np
import numpy.typing as npt


def hist_emd(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic]) -> float:
    """Earth mover's distance of the histograms of one image in grey levels; lower is better, in [0, 255].

    The sum over the 256 levels of |CDF - CDF|, which is the mean distance of the sorted pixels: it sees levels and no
    places.

    Args:
        prediction: H x W uint8.
        reference: H x W uint8.

    >>> hist_emd(np.full((4, 4), 10, np.uint8), np.full((4, 4), 13, np.uint8))
    3.0
    """
    return float(np.abs(_cumulative(prediction) - _cumulative(reference)).sum())


def _cumulative(image: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    if image.dtype != np.uint8 or image.size == 0:
        raise ValueError(f"histograms are of uint8 images, not of {image.dtype} of shape {image.shape}")
    counts: npt.NDArray[np.float64] = np.cumsum(np.bincount(image.ravel(), minlength=256)) / image.size
    return counts

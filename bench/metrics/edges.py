"""Agreement of gradients and edges: what an infrared image shares with the scene whatever its grey levels.

Gradients are Sobel's 3 x 3, unnormalised, without the outermost pixels. Held against the visible image instead of the
infrared one, the same functions expose a prediction that is the visible image in other greys.
"""

import cv2
import numpy as np
import numpy.typing as npt

from bench.metrics.alignment import ncc

EDGE_QUANTILE = 0.9
TOLERANCE = 5  # side in pixels of the box in which an edge counts as met

Image = npt.NDArray[np.generic]


def grad_corr(prediction: Image, reference: Image) -> float | None:
    """Mean of the Pearson correlations of the horizontal and the vertical gradients; higher is better, in [-1, 1].

    Args:
        prediction: H x W, levels 0..255, sides of 3 at least.
        reference: the same shape and units.

    Returns:
        None where a gradient is constant.

    >>> image = (np.arange(81).reshape(9, 9) ** 2 % 251).astype(np.uint8)
    >>> round(grad_corr(image, image), 12), round(grad_corr(255 - image, image), 12)
    (1.0, -1.0)
    """
    pairs = zip(_gradients(prediction), _gradients(reference), strict=True)
    correlations = [ncc(ours, theirs) for ours, theirs in pairs]
    found = [r for r in correlations if r is not None]
    return sum(found) / 2 if len(found) == 2 else None


def grad_mag_corr(prediction: Image, reference: Image) -> float | None:
    """Pearson correlation of the gradient magnitudes, blind to the polarity of contrast; higher is better.

    Takes and returns what `grad_corr` does.

    >>> image = (np.arange(81).reshape(9, 9) ** 2 % 251).astype(np.uint8)
    >>> round(grad_mag_corr(255 - image, image), 12)
    1.0
    """
    return ncc(_magnitude(prediction), _magnitude(reference))


def edge_f1(prediction: Image, reference: Image) -> float:
    """F1 of the edges of one image; higher is better, in [0, 1].

    Edges are the pixels at or above the image's own 90th percentile of gradient magnitude. One counts as met where the
    other side has an edge within the 5 x 5 pixels around it.

    Args:
        prediction: H x W, levels 0..255, sides of 3 at least.
        reference: the same shape and units.

    Returns:
        0 where a side has no edges.

    >>> image = (np.arange(400).reshape(20, 20) ** 2 % 251).astype(np.uint8)
    >>> edge_f1(255 - image, image), edge_f1(np.zeros((20, 20), np.uint8), image)
    (1.0, 0.0)
    """
    precision, recall = edge_precision_recall(prediction, reference)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def edge_precision_recall(prediction: Image, reference: Image) -> tuple[float, float]:
    """The share of the prediction's edges that the reference has, and the reverse; 0 for a side without edges."""
    ours, theirs = _edges(prediction), _edges(reference)
    return _share_met(ours, theirs), _share_met(theirs, ours)


def upper_quantile(values: npt.NDArray[np.generic], share: float) -> float:
    """The smallest of the values at or above which at most a share of 1 - `share` lies beyond: NumPy's method "higher".

    >>> upper_quantile(np.array([4, 1, 3, 2]), 0.5)
    3.0
    """
    place = int(np.ceil((values.size - 1) * share))
    return float(np.partition(values, place, axis=None)[place])


def _gradients(image: Image) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    if image.ndim != 2 or min(image.shape) < 3:
        raise ValueError(f"gradients are taken of an image H x W of 3 pixels at least, not of {image.shape}")
    plane = image.astype(np.float64)
    x, y = cv2.Sobel(plane, cv2.CV_64F, 1, 0), cv2.Sobel(plane, cv2.CV_64F, 0, 1)
    return x[1:-1, 1:-1], y[1:-1, 1:-1]


def _magnitude(image: Image) -> npt.NDArray[np.float64]:
    x, y = _gradients(image)
    magnitude: npt.NDArray[np.float64] = np.sqrt(x * x + y * y)
    return magnitude


def _edges(image: Image) -> npt.NDArray[np.bool_]:
    magnitude = _magnitude(image)
    edges: npt.NDArray[np.bool_] = (magnitude >= upper_quantile(magnitude, EDGE_QUANTILE)) & (magnitude > 0)
    return edges


def _share_met(edges: npt.NDArray[np.bool_], others: npt.NDArray[np.bool_]) -> float:
    if not edges.any():
        return 0.0
    near = cv2.dilate(others.astype(np.uint8), np.ones((TOLERANCE, TOLERANCE), np.uint8))
    return float(near[edges].mean())

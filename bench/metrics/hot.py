"""Overlap of the hottest regions: the warm people, engines and lamps that a thermal image is taken for."""

import numpy as np
import numpy.typing as npt

from bench.metrics.edges import upper_quantile

HOT_QUANTILE = 0.95


def hot_iou_abs(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic]) -> float | None:
    """Intersection over union of what lies at or above the reference's 95th percentile; higher is better, in [0, 1].

    One threshold for both sides: the prediction must be as hot, not only hot in the same place.

    Args:
        prediction: H x W, levels 0..255.
        reference: the same shape and units.

    Returns:
        None where the reference is constant and nothing is hotter than the rest.

    Raises:
        ValueError: the shapes differ.

    >>> image = np.arange(100, dtype=np.uint8).reshape(10, 10)
    >>> hot_iou_abs(image, image), hot_iou_abs(image // 2, image)
    (1.0, 0.0)
    """
    if _cannot_tell(prediction, reference):
        return None
    threshold = upper_quantile(reference, HOT_QUANTILE)
    return _overlap(_at_least(prediction, threshold), _at_least(reference, threshold))


def hot_iou_rel(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic]) -> float | None:
    """`hot_iou_abs` with each side's own 95th percentile: where it is hot, whatever the level.

    A constant prediction has no hot region and scores 0.

    >>> image = np.arange(100, dtype=np.uint8).reshape(10, 10)
    >>> hot_iou_rel(image + 100, image), hot_iou_rel(np.full((10, 10), 9), image)
    (1.0, 0.0)
    """
    if _cannot_tell(prediction, reference):
        return None
    if prediction.min() == prediction.max():
        return 0.0
    ours, theirs = (_at_least(side, upper_quantile(side, HOT_QUANTILE)) for side in (prediction, reference))
    return _overlap(ours, theirs)


def _cannot_tell(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic]) -> bool:
    if prediction.shape != reference.shape or prediction.size == 0:
        raise ValueError(f"two images of one size are compared, not {prediction.shape} and {reference.shape}")
    return bool(reference.min() == reference.max())


def _at_least(image: npt.NDArray[np.generic], threshold: float) -> npt.NDArray[np.bool_]:
    return np.greater_equal(image.astype(np.float64), threshold)


def _overlap(ours: npt.NDArray[np.bool_], theirs: npt.NDArray[np.bool_]) -> float:
    return float((ours & theirs).sum() / (ours | theirs).sum())

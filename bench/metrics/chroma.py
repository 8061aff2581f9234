"""Colour in what should be a thermal image."""

import numpy as np
import numpy.typing as npt


def chroma_dev(prediction: npt.NDArray[np.generic]) -> float:
    """Mean over the pixels of one prediction of max(R, G, B) - min(R, G, B), in levels; lower is better, in [0, 255].

    0 for grey levels. Networks with three outputs leave a tint, and the luma that is scored hides it.

    Args:
        prediction: H x W, or H x W x 3 uint8 as stored.

    >>> chroma_dev(np.zeros((2, 2), np.uint8)), chroma_dev(np.array([[[10, 20, 40], [7, 7, 7]]], np.uint8))
    (0.0, 15.0)
    """
    if prediction.ndim == 2:
        return 0.0
    low = np.minimum(np.minimum(prediction[..., 0], prediction[..., 1]), prediction[..., 2])
    high = np.maximum(np.maximum(prediction[..., 0], prediction[..., 1]), prediction[..., 2])
    return float((high - low).mean())

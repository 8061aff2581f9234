"""SSIM in 32-bit floats on levels / 255, as torchmetrics computes it.

On that scale a flat patch has a variance of the order of the rounding of its mean's square, and the window's weights
do not add up to 1 exactly: both move the value by up to 2e-4 away from `bench.metrics.ssim`, always in one direction.
"""

from functools import cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import conv2d, pad

C1, C2 = 0.01**2, 0.03**2


def ssim_float32(
    prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic], *, window: int = 11, sigma: float = 1.5
) -> float:
    """Mean SSIM of one pair of grey images with a mirrored border and all positions averaged; higher is better.

    Args:
        prediction: H x W uint8, both sides at least `window`.
        reference: the same shape.
        window: side of the Gaussian window, odd.
        sigma: its standard deviation, pixels.

    Returns:
        A value in [-1, 1]; the same as torchmetrics 1.9 gives for one image with a data range of 1, within 2e-5 over
        processors.

    Raises:
        ValueError: the shapes differ, or the images are smaller than the window.

    >>> image = np.arange(256, dtype=np.uint8).reshape(16, 16)
    >>> round(ssim_float32(image, image), 5)
    1.0
    """
    if prediction.shape != reference.shape or prediction.ndim != 2 or min(prediction.shape) < window:
        raise ValueError(f"two images of one size, {window} pixels at least, not {prediction.shape}, {reference.shape}")
    sides = torch.from_numpy(np.stack([prediction, reference]).astype(np.float32))[:, None] / 255
    x, y = pad(sides, (window // 2,) * 4, mode="reflect").split(1)
    moments = conv2d(torch.cat([x, y, x * x, y * y, x * y]), _window(window, sigma))
    mu_x, mu_y, square_x, square_y, product = moments.split(1)
    var_x, var_y = (square_x - mu_x * mu_x).clamp(min=0), (square_y - mu_y * mu_y).clamp(min=0)
    cov = product - mu_x * mu_y
    similarity = (2 * mu_x * mu_y + C1) * (2 * cov + C2) / ((mu_x**2 + mu_y**2 + C1) * (var_x + var_y + C2))
    return float(similarity.mean())


@cache
def _window(side: int, sigma: float) -> Tensor:
    weights = torch.exp(-((torch.arange(side) - side // 2) / sigma).square() / 2)
    weights = weights / weights.sum()
    return torch.outer(weights, weights)[None, None]

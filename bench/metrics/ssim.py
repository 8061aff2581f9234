"""Structural similarity with a Gaussian window (Wang et al., IEEE TIP 13(4), 2004)."""

import cv2
import numpy as np
import numpy.typing as npt

C1 = (0.01 * 255) ** 2
C2 = (0.03 * 255) ** 2


def ssim(
    prediction: npt.NDArray[np.generic],
    reference: npt.NDArray[np.generic],
    *,
    window: int = 11,
    sigma: float = 1.5,
) -> float:
    """Mean SSIM of one pair of images; higher is better.

    SSIM(x, y) = (2 mu_x mu_y + C1)(2 cov + C2) / ((mu_x^2 + mu_y^2 + C1)(var_x + var_y + C2)), Eq. 13, with
    C1 = (0.01 * 255)^2 and C2 = (0.03 * 255)^2. The weighted moments are population moments and are not clamped;
    the mean is over the positions where the whole window fits. Libraries differ in exactly these choices: a border
    that is padded raises the value, a uniform window or a sample covariance lowers it.

    Args:
        prediction: H x W, grey levels 0..255, both sides at least `window`.
        reference: the same shape and units.
        window: side of the window, odd.
        sigma: standard deviation of its weights, pixels.

    Returns:
        A value in [-1, 1]; negative where structure is inverted.

    Raises:
        ValueError: the shapes differ, or the images are smaller than the window.

    >>> image = np.arange(256, dtype=np.uint8).reshape(16, 16)
    >>> ssim(image, image)
    1.0
    """
    if prediction.shape != reference.shape or prediction.ndim != 2:
        raise ValueError(f"two images of one size are compared, not {prediction.shape} and {reference.shape}")
    if min(prediction.shape) < window:
        raise ValueError(f"SSIM needs images of at least {window} x {window} pixels, not {prediction.shape}")
    radius = window // 2
    kernel = np.exp(-(np.arange(-radius, radius + 1, dtype=np.float64) ** 2) / (2 * sigma**2))
    kernel /= kernel.sum()

    def local_mean(plane: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        # cv2 pads before it filters; the crop leaves only the positions that saw no padding.
        filtered = cv2.sepFilter2D(plane, cv2.CV_64F, kernel, kernel)
        valid: npt.NDArray[np.float64] = filtered[radius:-radius, radius:-radius]
        return valid

    x, y = prediction.astype(np.float64), reference.astype(np.float64)
    mu_x, mu_y = local_mean(x), local_mean(y)
    var_x = local_mean(x * x) - mu_x * mu_x
    var_y = local_mean(y * y) - mu_y * mu_y
    cov = local_mean(x * y) - mu_x * mu_y
    similarity = (2 * mu_x * mu_y + C1) * (2 * cov + C2) / ((mu_x**2 + mu_y**2 + C1) * (var_x + var_y + C2))
    return float(similarity.mean())

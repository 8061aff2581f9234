"""Visual information fidelity in the pixel domain (Sheikh and Bovik, IEEE TIP 15(2), 2006).

The variant that libraries share: four scales with Gaussian windows of 17, 9, 5 and 3 pixels.
"""

import cv2
import numpy as np
import numpy.typing as npt

WINDOWS = (17, 9, 5, 3)
NOISE_VARIANCE = 2.0
SMALLEST = 1e-10

Plane = npt.NDArray[np.float64]


def vif_p(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic]) -> float | None:
    """Information about the reference that the prediction keeps, over what the reference holds; higher is better.

    Where the prediction is locally g times the reference plus noise of variance s_v^2, and s^2 is the reference's
    local variance, the ratio is sum log(1 + g^2 s^2 / (s_v^2 + 2)) / sum log(1 + s^2 / 2). It is not symmetric, and
    above 1 where contrast is raised.

    Args:
        prediction: H x W, levels 0..255, sides of 41 at least.
        reference: the same shape and units.

    Returns:
        A value in [0, inf), about 1 for equal images; None where the reference is constant and holds nothing.

    Raises:
        ValueError: the shapes differ, or the images are too small for the four scales.

    >>> image = (np.arange(48 * 48).reshape(48, 48) ** 2 % 251).astype(np.uint8)
    >>> round(vif_p(image, image), 9), vif_p(255 - image, image)
    (1.0, 0.0)
    """
    if prediction.shape != reference.shape or prediction.ndim != 2:
        raise ValueError(f"two images of one size are compared, not {prediction.shape} and {reference.shape}")
    if min(prediction.shape) < 41:
        raise ValueError(f"VIF needs sides of at least 41 pixels, not {prediction.shape}")
    kept = held = 0.0
    x, y = prediction.astype(np.float64), reference.astype(np.float64)
    for scale, side in enumerate(WINDOWS):
        if scale:
            x, y = (np.ascontiguousarray(_smooth(plane, side)[::2, ::2]) for plane in (x, y))
        mu_x, mu_y = _smooth(x, side), _smooth(y, side)
        var_x = np.maximum(_smooth(x * x, side) - mu_x * mu_x, 0.0)
        var_y = np.maximum(_smooth(y * y, side) - mu_y * mu_y, 0.0)
        gain = (_smooth(x * y, side) - mu_x * mu_y) / (var_y + SMALLEST)
        # A flat patch tells nothing, and inverted structure is noise: all of the prediction's variance is then noise.
        gain[(var_x < SMALLEST) | (var_y < SMALLEST) | (gain < 0.0)] = 0.0
        var_y[var_y < SMALLEST] = 0.0
        noise = np.maximum(var_x - gain * gain * (var_y + SMALLEST), SMALLEST)
        kept += float(np.log10(1.0 + gain * gain * var_y / (noise + NOISE_VARIANCE)).sum())
        held += float(np.log10(1.0 + var_y / NOISE_VARIANCE).sum())
    return kept / held if held > 0.0 else None


def _smooth(plane: Plane, side: int) -> Plane:
    """The Gaussian mean of standard deviation side / 5 where the whole window fits."""
    radius = side // 2
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / (side / 5)) ** 2)
    kernel /= kernel.sum()
    filtered: Plane = cv2.sepFilter2D(plane, cv2.CV_64F, kernel, kernel)
    return filtered[radius:-radius, radius:-radius]

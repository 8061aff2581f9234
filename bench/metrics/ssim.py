"""Structural similarity, in one scale and in five, with the choices in which libraries differ as arguments.

Wang et al., IEEE TIP 13(4), 2004; Wang et al., Multi-scale structural similarity, Asilomar 2003.
"""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from bench.metrics import TooSmall

C1 = (0.01 * 255) ** 2
C2 = (0.03 * 255) ** 2
SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)

Plane = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """Over which neighbourhood local moments are taken, and how.

    Attributes:
        side: of the square window, odd.
        sigma: standard deviation of Gaussian weights in pixels; 0 for uniform weights.
        border: "valid" leaves out positions where the window does not fit, "reflect" mirrors the image there
            without repeating its edge.
        sample: variances and covariance are multiplied by n / (n - 1), with n the pixels of the window.
    """

    side: int = 11
    sigma: float = 1.5
    border: Literal["valid", "reflect"] = "valid"
    sample: bool = False

    def mean(self, plane: npt.NDArray[np.generic]) -> Plane:
        """The weighted mean around each position, the border mirrored."""
        places = np.arange(-self._radius, self._radius + 1, dtype=np.float64)
        kernel = np.exp(-(places**2) / (2 * self.sigma**2)) if self.sigma else np.ones(self.side)
        kernel /= kernel.sum()
        found: Plane = cv2.sepFilter2D(plane, cv2.CV_64F, kernel, kernel, borderType=cv2.BORDER_REFLECT_101)
        return found

    def inner(self, plane: Plane) -> Plane:
        """The positions that count: without a border, only those that saw none."""
        r = self._radius
        return plane[r:-r, r:-r] if self.border == "valid" else plane

    @property
    def _radius(self) -> int:
        return self.side // 2


def ssim(
    prediction: npt.NDArray[np.generic],
    reference: npt.NDArray[np.generic],
    *,
    window: int = 11,
    sigma: float = 1.5,
    border: Literal["valid", "reflect"] = "valid",
    sample: bool = False,
) -> float:
    """Mean SSIM of one pair of images; higher is better.

    SSIM(x, y) = (2 mu_x mu_y + C1)(2 cov + C2) / ((mu_x^2 + mu_y^2 + C1)(var_x + var_y + C2)), Eq. 13, with
    C1 = (0.01 * 255)^2 and C2 = (0.03 * 255)^2. The weighted moments are population moments and are not clamped;
    the mean is over the positions where the whole window fits. Libraries differ in exactly these choices: a border
    that is padded raises the value, a uniform window or a sample covariance lowers it.

    Args:
        prediction: H x W, or H x W x 3 for the mean over channels; levels 0..255, both sides at least `window`.
        reference: the same shape and units.
        window, sigma, border, sample: see `Window`. scikit-image's default is 7, 0, "valid", True; torchmetrics
            (from 1.4.2 on) mirrors the border.

    Returns:
        A value in [-1, 1]; negative where structure is inverted.

    Raises:
        ValueError: the shapes differ.
        TooSmall: the images are smaller than the window.

    >>> image = np.arange(256, dtype=np.uint8).reshape(16, 16)
    >>> ssim(image, image)
    1.0
    """
    if prediction.shape != reference.shape or prediction.ndim not in (2, 3):
        raise ValueError(f"two images of one size are compared, not {prediction.shape} and {reference.shape}")
    if min(prediction.shape[:2]) < window:
        raise TooSmall(f"SSIM needs images of at least {window} x {window} pixels, not {prediction.shape}")
    luminance, structure = _maps(prediction, reference, Window(window, sigma, border, sample))
    luminance *= structure
    return float(luminance.mean())


def ms_ssim(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic]) -> float:
    """Multi-scale SSIM of one pair of grey images; higher is better.

    Contrast and structure are compared at five scales, luminance at the coarsest alone, as the product of their means
    to the powers 0.0448, 0.2856, 0.3001, 0.2363 and 0.1333 (Wang et al. 2003, Eq. 7). Between scales 2 x 2 pixels are
    averaged; odd sides get a border of zeros. Factors below zero count as zero, so that inverted structure at one
    scale gives 0 for the image: with a greyscale picture in the place of infrared that is common.

    Args:
        prediction: H x W, levels 0..255, sides above 160: the window fits into the coarsest scale.
        reference: the same shape and units.

    Returns:
        A value in [0, 1].

    Raises:
        ValueError: the shapes differ.
        TooSmall: a side is not above 160.

    >>> image = np.arange(192 * 192, dtype=np.uint8).reshape(192, 192)
    >>> round(ms_ssim(image, image), 12)
    1.0
    """
    if prediction.shape != reference.shape or prediction.ndim != 2:
        raise ValueError(f"two images of one size are compared, not {prediction.shape} and {reference.shape}")
    if min(prediction.shape) <= 160:
        raise TooSmall(f"MS-SSIM needs sides above 160 pixels, not {prediction.shape}")
    x, y = prediction.astype(np.float64), reference.astype(np.float64)
    product = 1.0
    for scale, weight in enumerate(SCALE_WEIGHTS):
        luminance, structure = _maps(x, y, Window())
        coarsest = scale == len(SCALE_WEIGHTS) - 1
        factor = (luminance * structure).mean() if coarsest else structure.mean()
        product *= max(float(factor), 0.0) ** weight
        x, y = _halved(x), _halved(y)
    return product


def _maps(
    prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic], window: Window
) -> tuple[Plane, Plane]:
    """The luminance term, and the product of the contrast and structure terms, at each position."""
    depth = cv2.CV_32F  # holds squares of 8-bit levels exactly
    if not prediction.dtype == reference.dtype == np.uint8:
        prediction, reference, depth = prediction.astype(np.float64), reference.astype(np.float64), cv2.CV_64F
    mu_x, mu_y = window.mean(prediction), window.mean(reference)
    cov = window.mean(cv2.multiply(prediction, reference, dtype=depth))
    spread = window.mean(_squares(prediction, reference, depth))  # the two variances are only wanted as a sum
    products, squares = mu_x * mu_y, _squares(mu_x, mu_y, cv2.CV_64F)
    spread -= squares
    cov -= products
    if window.sample:
        spread *= window.side**2 / (window.side**2 - 1)
        cov *= window.side**2 / (window.side**2 - 1)
    for above, below, constant in ((products, squares, C1), (cov, spread, C2)):
        above *= 2
        above += constant
        below += constant
        above /= below
    return window.inner(products), window.inner(cov)


def _squares(x: npt.NDArray[np.generic], y: npt.NDArray[np.generic], depth: int) -> Plane:
    """x^2 + y^2."""
    squares: Plane = cv2.accumulateSquare(y, cv2.multiply(x, x, dtype=depth))
    return squares


def _halved(plane: Plane) -> Plane:
    height, width = plane.shape
    padded = np.pad(plane, ((height % 2, height % 2), (width % 2, width % 2)))
    rows = padded[: len(padded) // 2 * 2 : 2] + padded[1::2]
    columns: Plane = (rows[:, : rows.shape[1] // 2 * 2 : 2] + rows[:, 1::2]) / 4
    return columns

"""Power spectra fall with frequency in natural and thermal images; those of generated ones often too fast or too slow.

The radial spectrum is the mean power of the windowed Fourier transform over all frequencies of one rounded radius, in
cycles per image (van der Schaaf and van Hateren, Vision Research 36(17), 1996).
"""

from functools import cache

import numpy as np
import numpy.typing as npt

SLOPE_RADII = (4, 64)
FINE_RADII = (64, 128)

Array = npt.NDArray[np.float64]


def slope_err(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic]) -> float | None:
    """Difference of the slopes of the two log-log power spectra; lower is better, in [0, inf).

    Args:
        prediction: S x S, levels 0..255, S of 256 at least.
        reference: S x S likewise.

    Returns:
        None where a side has no power at some frequency, as a constant image has none.

    >>> noise = np.random.default_rng(0).integers(0, 256, (256, 256), dtype=np.uint8)
    >>> slope_err(noise, noise), slope_err(np.zeros((256, 256), np.uint8), noise)
    (0.0, None)
    """
    ours, theirs = spectrum_slope(prediction), spectrum_slope(reference)
    return None if ours is None or theirs is None else abs(ours - theirs)


def hf_ratio_err(prediction: npt.NDArray[np.generic], reference: npt.NDArray[np.generic]) -> float | None:
    """Difference of the shares of fine detail (`hf_ratio`) of the two sides; lower is better, in [0, 1].

    Takes and returns what `slope_err` does.

    >>> noise = np.random.default_rng(0).integers(0, 256, (256, 256), dtype=np.uint8)
    >>> hf_ratio_err(noise, noise)
    0.0
    """
    ours, theirs = hf_ratio(prediction), hf_ratio(reference)
    return None if ours is None or theirs is None else abs(ours - theirs)


def spectrum_slope(image: npt.NDArray[np.generic]) -> float | None:
    """Least-squares slope of log10 power over log10 radius, radii 4 to 64; about -2 for natural images.

    None where a radius has no power.
    """
    first, last = SLOPE_RADII
    power = radial_power(image)[0][first : last + 1]
    if (power <= 0).any():
        return None
    x, y = np.log10(np.arange(first, last + 1)), np.log10(power)
    x = x - x.mean()
    return float(x @ y / (x @ x))


def hf_ratio(image: npt.NDArray[np.generic]) -> float | None:
    """Power at radii 64 to 128 over that at 4 to 128; None where there is none."""
    power, counts = radial_power(image)
    first, last = FINE_RADII
    sums = power * counts
    whole = float(sums[SLOPE_RADII[0] : last + 1].sum())
    return float(sums[first : last + 1].sum()) / whole if whole > 0 else None


def radial_power(image: npt.NDArray[np.generic]) -> tuple[Array, Array]:
    """Mean power by rounded radius 0, 1, ..., S/2, and how many frequencies have that radius.

    The image is S x S; its mean is taken off and a periodic Hann window laid over it.

    Raises:
        ValueError: the image is not square, or below 256 pixels, where the finest radius would not exist.
    """
    side = image.shape[0]
    if image.shape != (side, side) or side < 2 * FINE_RADII[1]:
        raise ValueError(f"spectra are taken of square images of 256 pixels at least, not of {image.shape}")
    plane = image.astype(np.float64)
    plane -= plane.mean()
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(side) / side)
    transform = np.fft.rfft2(plane * window * window[:, None])
    radius, share = _radii(side)
    power: Array = (transform.real**2 + transform.imag**2).ravel() * share
    counts: Array = np.bincount(radius, weights=share).astype(np.float64)
    return (np.bincount(radius, weights=power) / counts)[: side // 2 + 1], counts[: side // 2 + 1]


@cache
def _radii(side: int) -> tuple[npt.NDArray[np.int64], Array]:
    """The rounded radius of each frequency of an S x S real transform, flattened, and how many it stands for."""
    rows, columns = np.fft.fftfreq(side, 1 / side), np.fft.rfftfreq(side, 1 / side)
    radius = np.rint(np.hypot(rows[:, None], columns)).astype(np.int64)
    # The transform of a real image is symmetric: all but the columns on the axis and at Nyquist count twice.
    share = np.where((columns > 0) & (2 * columns < side), 2.0, 1.0) * np.ones_like(radius)
    return radius.ravel(), share.ravel()

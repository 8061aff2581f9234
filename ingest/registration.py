"""Registration check: whether the two sides of a pair show the same things in the same places."""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np

Verdict = Literal["aligned", "shifted", "uninformative"]

SMALL, LONG_SIDE = 640, (216, 256)
"""The longer side is reduced to the first of two before anything else, to the second where it is above `SMALL`, and to
twice as much for a second look. What it costs goes with the area, what it tells with the pixels it must tell apart."""

REACH = 16
"""Shifts of up to the longer side / REACH are looked for, 32 px at 512: a wider search finds more chance peaks."""

SMALLEST = 64
"""Shorter sides hold too little to tell."""

# What a peak must have to be evidence, and between which shares of that a second look is taken. Of 12,000 pairs of
# different scenes that had no part in setting them the best reaches 0.81 of the line; 95 % of RoadScene's true pairs
# pass it.
_HEIGHT, _SUPPORT, _LEAD = 10.0, 4.0, 1.0
_DOUBTFUL = 0.75, 1.1
_PART_HEIGHT = 6.0

_LOCAL = 31
_CELLS = (8, 6)
_STRONGEST = 4
_BAND = 16


@dataclass(frozen=True)
class Registration:
    """What the check found.

    Attributes:
        verdict: `aligned`: no farther off than `tolerance`, as a whole and in most of its parts. `shifted`: farther
            off, or turned, scaled or bent by as much. `uninformative`: the two sides have too little in common to
            tell (night, fog, smoke, another scene).
        dx: by how many pixels of the visible image the infrared content lies too far to the right; 0 where
            uninformative. Where the parts of a picture disagree, that of the part in the middle of their order.
        dy: the same, too far down.
        score: strength of the evidence, from 0 up; at least 1 exactly where the verdict is not `uninformative`.
    """

    verdict: Verdict
    dx: float
    dy: float
    score: float


@dataclass(frozen=True)
class _Peak:
    """Of a correlation surface: place in reduced pixels; height, and lead over any other shift, in rms of it."""

    x: float
    y: float
    height: float
    lead: float


@dataclass(frozen=True)
class _Look:
    """Both pictures at one reduced size, and where they fit best.

    Attributes:
        visible: what it shows, HW2 float32.
        infrared: the same.
        shift: in pixels of the visible image.
        pixel: width and height of a reduced pixel, in pixels of the visible image.
    """

    visible: np.ndarray
    infrared: np.ndarray
    shift: tuple[float, float]
    score: float
    pixel: tuple[float, float]


def tolerance(width: int, height: int) -> float:
    """How far off an aligned pair may be, in pixels of the visible image: 1/128 of its longer side.

    In proportion to size, since what counts is the error at the size of training: 4 px at 512 and 10 px at 1280 are
    both 2 px at 256. Publishers' own registration errs by 1 px in the median and 2.8 px at the 90th percentile
    (measured on RoadScene, 4 px of tolerance).
    """
    return max(width, height) / 128


def register(visible: np.ndarray, infrared: np.ndarray) -> Registration:
    """Checks one pair.

    The descriptor is MIND (Heinrich et al., Medical Image Analysis 16, 2012), which depends neither on polarity nor
    on contrast, here freed of its local mean. Descriptors are correlated over all shifts, and three things together
    make a peak evidence: its height over the whole surface, what is left of it without the places that contribute
    most, and its lead over the next. Chance likenesses (one lamp on one hot spot, two horizons, two fences) lack one.

    Args:
        visible: HW grey, uint8 or uint16.
        infrared: HW, uint8 or uint16; stretched to the visible image's size where it has another.
    """
    height, width = visible.shape
    if min(*visible.shape, *infrared.shape) < SMALLEST:
        return Registration("uninformative", 0.0, 0.0, 0.0)
    limit, reduced = tolerance(width, height), LONG_SIDE[max(width, height) > SMALL]
    look = _look(visible, infrared, reduced)
    if _DOUBTFUL[0] <= look.score < _DOUBTFUL[1] and max(width, height) > reduced:
        closer = _look(visible, infrared, 2 * reduced)
        agreed = math.dist(closer.shift, look.shift) <= limit
        look = replace(closer, score=(look.score + closer.score) / 2 if agreed else 0.0)
    score = math.floor(100 * look.score) / 100
    if score < 1:
        return Registration("uninformative", 0.0, 0.0, score)
    shift = look.shift
    if math.hypot(*shift) <= limit:
        shift = _parts(look, limit) or shift
    verdict: Verdict = "shifted" if math.hypot(*shift) > limit else "aligned"
    return Registration(verdict, round(shift[0], 1), round(shift[1], 1), score)


def _look(visible: np.ndarray, infrared: np.ndarray, long_side: int) -> _Look:
    """Both pictures reduced to one size, the nearest at which a Fourier transform is fast."""
    height, width = visible.shape
    scale = min(1.0, long_side / max(width, height))
    size = cv2.getOptimalDFTSize(round(width * scale)), cv2.getOptimalDFTSize(round(height * scale))
    pixel = width / size[0], height / size[1]
    fields = [_describe(_reduce(side, *size)) for side in (visible, infrared)]
    window = _window(size[1], size[0])
    left, right = (cv2.multiply(field, window) for field in fields)
    surface, rms = _correlate(left, right)
    peak = _peak(surface, rms, max(size))
    if peak is None:
        return _Look(fields[0], fields[1], (0.0, 0.0), 0.0, pixel)
    support = _support(left, right, round(peak.x), round(peak.y)) / rms
    score = max(0.0, min(peak.height / _HEIGHT, support / _SUPPORT, peak.lead / _LEAD))
    return _Look(fields[0], fields[1], (peak.x * pixel[0], peak.y * pixel[1]), score, pixel)


def _reduce(grey: np.ndarray, width: int, height: int) -> np.ndarray:
    """Area means by a whole factor, then bilinear, which costs far less than area means by any factor."""
    factor = max(1, min(grey.shape[1] // width, grey.shape[0] // height))
    if factor == 1:
        small: np.ndarray = cv2.resize(grey.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
        return small
    rows, columns = grey.shape[0] // factor, grey.shape[1] // factor
    means = np.empty((rows, columns), np.float32)
    for top in range(0, rows, _BAND):
        band = grey[top * factor : min(top + _BAND, rows) * factor, : columns * factor]
        # Floating point before the means: rounding them would flatten dark and narrow ranges.
        cv2.resize(
            band.astype(np.float32),
            (columns, len(band) // factor),
            means[top : top + _BAND],
            interpolation=cv2.INTER_AREA,
        )
    reduced: np.ndarray = cv2.resize(means, (width, height), interpolation=cv2.INTER_LINEAR)
    return reduced


def _describe(grey: np.ndarray) -> np.ndarray:
    """MIND towards four neighbours (right, below, both diagonals) as two differences: HW float32 -> HW2.

    MIND is exp(-D/V), over the largest of the neighbours: D the Gaussian mean of squared differences to the
    neighbour, V the mean of D over the neighbours. The opposite neighbours would repeat the same D one pixel on.
    What row and column, or both diagonals, have in common is left out, and so is the local mean: they hold what
    pictures share by layout alone, smooth above and textured below.
    """
    height, width = grey.shape
    padded = cv2.copyMakeBorder(grey, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    # Each array is written over as soon as it has served: what stays in the cache need not be fetched.
    distances = []
    for x, y in ((1, 0), (0, 1), (1, 1), (1, -1)):
        d = cv2.subtract(padded[1 + y : 1 + y + height, 1 + x : 1 + x + width], grey)
        distances.append(cv2.GaussianBlur(cv2.multiply(d, d, d), (3, 3), 0.7, d))
    row, column, falling, rising = distances
    variance, least = cv2.add(row, column), cv2.min(row, column)
    for d in (falling, rising):
        cv2.add(variance, d, variance)
        cv2.min(least, d, least)
    # Never 0, and small beside the picture's texture whatever its contrast and depth.
    cv2.add(variance, 1e-3 * cv2.mean(variance)[0] + 1e-12, variance)
    for d in distances:
        cv2.exp(cv2.divide(cv2.subtract(least, d, d), variance, d, len(distances)), d)
    channels = cv2.subtract(row, column, row), cv2.subtract(falling, rising, falling)
    described: np.ndarray = cv2.merge([cv2.subtract(c, cv2.blur(c, (_LOCAL, _LOCAL), least), c) for c in channels])
    return described


def _correlate(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, float]:
    """Circular cross-correlation, summed over channels, and its rms.

    Value [y, x] tells how well `right`, moved back by (x, y), fits `left`; negative shifts count from the end. The two
    channels are transformed as real and imaginary part of one: the real part of the outcome is the sum over both.
    """
    here, there = (cv2.dft(field).view(np.complex64) for field in (left, right))
    there *= np.conjugate(here, out=here)
    both = cv2.dft(there.view(np.float32), here.view(np.float32), flags=cv2.DFT_INVERSE | cv2.DFT_SCALE)
    surface: np.ndarray = cv2.extractChannel(both, 0)
    return surface, float(cv2.norm(surface)) / math.sqrt(surface.size)


def _peak(surface: np.ndarray, rms: float, long_side: int) -> _Peak | None:
    """The highest point within reach, to a fraction of a pixel; None where it lies on the rim and is no peak."""
    reach = min(long_side // REACH, (min(surface.shape) - 1) // 2)
    size = 2 * reach + 1
    near = np.empty((size, size), np.float32)
    near[reach:, reach:], near[reach:, :reach] = surface[: reach + 1, : reach + 1], surface[: reach + 1, -reach:]
    near[:reach, reach:], near[:reach, :reach] = surface[-reach:, : reach + 1], surface[-reach:, -reach:]
    _, top, _, (column, row) = cv2.minMaxLoc(near)
    elsewhere = _elsewhere(size, long_side / 64)[size - 1 - row :, size - 1 - column :][:size, :size]
    if rms == 0 or {row, column} & {0, size - 1} or not elsewhere.any():
        return None
    x = column - reach + _vertex(*near[row, column - 1 : column + 2])
    y = row - reach + _vertex(*near[row - 1 : row + 2, column])
    return _Peak(x, y, top / rms, (top - cv2.minMaxLoc(near, elsewhere)[1]) / rms)


@lru_cache(maxsize=64)
def _elsewhere(size: int, radius: float) -> np.ndarray:
    """A mask of all but a disc in its middle, so large that a window of `size` can have the disc anywhere."""
    offsets = np.arange(1 - size, size)
    return (np.hypot(offsets[:, None], offsets) > radius).astype(np.uint8)


def _vertex(before: float, top: float, after: float) -> float:
    """Where the parabola through three neighbours is highest, seen from the middle one, itself the highest."""
    bend = before - 2 * top + after
    return 0.0 if bend == 0 else float((before - after) / (2 * bend))


def _support(left: np.ndarray, right: np.ndarray, x: int, y: int) -> float:
    """The surface's value at (x, y) without the 4 of 48 cells of the picture that contribute most to it."""
    height, width = left.shape[:2]
    here = np.s_[max(0, -y) : height - max(0, y), max(0, -x) : width - max(0, x)]
    there = np.s_[max(0, y) : height + min(0, y), max(0, x) : width + min(0, x)]
    product = cv2.multiply(left[here], right[there])
    area = product.shape[0] * product.shape[1] / math.prod(_CELLS)
    cells = cv2.resize(product, _CELLS, interpolation=cv2.INTER_AREA).sum(axis=2) * area
    return float(np.sort(cells, axis=None)[:-_STRONGEST].sum())


def _parts(look: _Look, limit: float) -> tuple[float, float] | None:
    """Where the picture fits in its middle only, the shift of its parts, in pixels of the visible image.

    Turning, scaling and perspective move each part another way. Six overlapping parts are looked at, those without a
    clear shift left out. One alone may err; what counts is the shift in the middle of their order, where it is
    farther than `limit`. As soon as the parts to come cannot bring it there, they need no looking at.
    """
    height, width = look.visible.shape[:2]
    size = cv2.getOptimalDFTSize(int(0.6 * height)), cv2.getOptimalDFTSize(int(0.4 * width))
    window = _window(*size)
    places = [(y, x) for y in (0, height - size[0]) for x in (0, (width - size[1]) // 2, width - size[1])]
    shifts: list[tuple[float, float]] = []
    for left, (y, x) in zip(reversed(range(len(places))), places, strict=True):
        part = np.s_[y : y + size[0], x : x + size[1]]
        sides = (cv2.multiply(field[part], window) for field in (look.visible, look.infrared))
        peak = _peak(*_correlate(*sides), max(height, width))
        if peak is not None and peak.height > _PART_HEIGHT and peak.lead > _LEAD:
            shifts.append((peak.x * look.pixel[0], peak.y * look.pixel[1]))
        near = sum(math.hypot(*shift) <= limit for shift in shifts)
        if near > (len(shifts) + left) // 2:
            return None
    middle = sorted(shifts, key=lambda shift: math.hypot(*shift))[len(shifts) // 2 :][:1]
    return middle[0] if len(shifts) > 1 else None


@lru_cache(maxsize=64)
def _window(height: int, width: int) -> np.ndarray:
    """Hann, without the zeros at its rim: HW2."""
    window = np.outer(np.hanning(height + 2)[1:-1], np.hanning(width + 2)[1:-1]).astype(np.float32)
    return np.repeat(window[:, :, None], 2, axis=2)

"""Registration check: whether the two sides of a pair show the same things in the same places."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import cv2
import numpy as np

Verdict = Literal["aligned", "shifted", "uninformative"]

LONG_SIDE = 256
"""Pixels to which the longer side is reduced before anything else; twice as many for a second look."""

REACH = 16
"""Shifts of up to the longer side / REACH are looked for, 32 px at 512: a wider search finds more chance peaks."""

# What makes a peak evidence. Over 9,000 pairs of different scenes none passes the three together.
_HEIGHT = 10.0
_SUPPORT = 4.0
_LEAD = 1.0
_DOUBTFUL = 0.6
_PART_HEIGHT = 7.0

_CELLS = (8, 6)
_STRONGEST = 4
_PARTS = (2, 3)
_SMALLEST = 64
_LOCAL = 31

_Field = Sequence[np.ndarray]
"""Channels of one picture, each HW float32."""


@dataclass(frozen=True)
class Registration:
    """What the check found.

    Attributes:
        verdict: `aligned`: no farther off than `tolerance`, as a whole and in its parts. `shifted`: farther off, or
            turned, scaled or bent by as much. `uninformative`: too little is seen on both sides to tell (night, fog,
            smoke, another scene); says nothing against the pair.
        dx: by how many pixels of the visible image the infrared content lies too far to the right; 0 where
            uninformative. Where the parts of a picture disagree, that of a part in the middle between the best and the worst.
        dy: the same, too far down.
        score: strength of the evidence, 0 and up; at least 1 exactly where there is a verdict.
    """

    verdict: Verdict
    dx: float
    dy: float
    score: float


@dataclass(frozen=True)
class _Peak:
    """Of a correlation surface: place in reduced pixels, height in rms of the surface, and lead over the next peak."""

    x: float
    y: float
    height: float
    lead: float


@dataclass(frozen=True)
class _Look:
    """Both pictures at one reduced size, and where they fit best; `score` as in Registration."""

    visible: _Field
    infrared: _Field
    peak: _Peak
    score: float
    pixel: tuple[float, float]

    def shift(self, peak: _Peak) -> tuple[float, float]:
        """A peak's place in pixels of the visible image."""
        return peak.x * self.pixel[0], peak.y * self.pixel[1]


def tolerance(width: int, height: int) -> float:
    """How far off an aligned pair may be, in pixels of the visible image: 1/128 of its longer side.

    In proportion to size, since a pair is reduced before it trains anything: 4 px at 512 are 2 px at 256, and
    10 px at 1280 are the same 2 px. Publishers' own registration errs by 1 px in the median and 2.8 px in the
    90th percentile (RoadScene, at about 500 x 330).
    """
    return max(width, height) / 128


def register(visible: np.ndarray, infrared: np.ndarray) -> Registration:
    """Checks one pair.

    The descriptor is MIND (Heinrich et al., Medical Image Analysis 2012, Eq. 4), which depends neither on polarity
    nor on contrast, here with four neighbours and freed of its local mean. Descriptors are correlated over all
    shifts; unlike the plain z-score of the searched window, three things together make a peak evidence:
    its height in rms of the whole surface, what remains of it without the few places that contribute most, and
    its lead over the best other shift. Chance likenesses (one lamp on one hot spot, two horizons) fail one of them.

    Args:
        visible: HW grey, uint8 or uint16.
        infrared: HW, uint8 or uint16; stretched to the visible image's size where it has another.
    """
    height, width = visible.shape
    if max(visible.shape) < _SMALLEST:
        return Registration("uninformative", 0.0, 0.0, 0.0)
    limit = tolerance(width, height)
    look = _look(visible, infrared, LONG_SIDE)
    if _DOUBTFUL <= look.score < 1 and max(visible.shape) > LONG_SIDE:
        closer = _look(visible, infrared, 2 * LONG_SIDE)
        if math.dist(closer.shift(closer.peak), look.shift(look.peak)) <= limit:
            look = closer
    if look.score < 1:
        return Registration("uninformative", 0.0, 0.0, look.score)
    whole = look.shift(look.peak)
    if math.hypot(*whole) > limit:
        return Registration("shifted", *whole, look.score)
    parts = sorted((look.shift(peak) for peak in _parts(look)), key=lambda part: math.hypot(*part))
    if len(parts) > 1 and math.hypot(*(middle := parts[len(parts) // 2])) > limit:
        return Registration("shifted", *middle, look.score)
    return Registration("aligned", *whole, look.score)


def _look(visible: np.ndarray, infrared: np.ndarray, long_side: int) -> _Look:
    """Both pictures reduced to one size, which is one that a DFT is fast at."""
    height, width = visible.shape
    scale = min(1.0, long_side / max(width, height))
    size = cv2.getOptimalDFTSize(math.ceil(width * scale)), cv2.getOptimalDFTSize(math.ceil(height * scale))
    fields = [_describe(cv2.resize(side, size, interpolation=cv2.INTER_AREA)) for side in (visible, infrared)]
    window = _window(size[1], size[0])
    left, right = ([channel * window for channel in field] for field in fields)
    surface = _correlate(left, right)
    rms = float(np.sqrt(np.mean(surface * surface)))
    peak = _peak(surface, rms, max(size))
    score = 0.0
    if peak is None:
        peak = _Peak(0.0, 0.0, 0.0, 0.0)
    else:
        support = _support(left, right, round(peak.x), round(peak.y)) / rms
        score = max(0.0, min(peak.height / _HEIGHT, support / _SUPPORT, peak.lead / _LEAD))
    return _Look(fields[0], fields[1], peak, score, (width / size[0], height / size[1]))


def _describe(grey: np.ndarray) -> list[np.ndarray]:
    """MIND at each pixel: how alike its surroundings are to those of four neighbours, freed of the local mean.

    exp(-D/V) over the largest of the four, D the Gaussian mean of squared differences, V its mean over the four.
    Opposite neighbours would repeat the same differences one pixel on. Without the local mean, what the pictures
    have in common by layout alone (smooth above, textured below) is gone.
    """
    grey = grey.astype(np.float32)
    height, width = grey.shape
    padded = cv2.copyMakeBorder(grey, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    distances = []
    for x, y in ((1, 0), (0, 1), (1, 1), (1, -1)):
        difference = cv2.subtract(padded[1 + y : 1 + y + height, 1 + x : 1 + x + width], grey)
        distances.append(cv2.GaussianBlur(cv2.multiply(difference, difference), (5, 5), 0.7))
    variance = sum(distances[1:], distances[0]) / 4
    variance += 1e-3 * float(variance.mean()) + 1e-12  # never 0, and small beside any texture of the picture
    alike = [cv2.exp(cv2.divide(distance, -variance)) for distance in distances]
    largest = cv2.max(cv2.max(alike[0], alike[1]), cv2.max(alike[2], alike[3]))
    channels = [cv2.divide(channel, largest) for channel in alike]
    return [cv2.subtract(channel, cv2.blur(channel, (_LOCAL, _LOCAL))) for channel in channels]


def _correlate(left: _Field, right: _Field) -> np.ndarray:
    """Sum over channels of the circular cross-correlation: [y, x] is the fit of `right` moved back by (x, y)."""
    spectrum = None
    for a, b in zip(left, right, strict=True):
        product = cv2.mulSpectrums(cv2.dft(b), cv2.dft(a), 0, conjB=True)
        spectrum = product if spectrum is None else cv2.add(spectrum, product)
    surface: np.ndarray = cv2.dft(spectrum, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT)
    return surface


def _peak(surface: np.ndarray, rms: float, long_side: int) -> _Peak | None:
    """The highest point within reach, to a fraction of a pixel; None where it lies on the rim and is no peak."""
    reach = min(long_side // REACH, (min(surface.shape) - 1) // 2)
    offsets = np.arange(-reach, reach + 1)
    near = surface[np.ix_(offsets, offsets)] / max(rms, 1e-12)
    row, column = np.unravel_index(near.argmax(), near.shape)
    if {int(row), int(column)} & {0, 2 * reach}:
        return None
    top = float(near[row, column])
    elsewhere = np.hypot(offsets[:, None] - offsets[row], offsets - offsets[column]) > long_side / 64
    x = offsets[column] + _vertex(near[row, column - 1], top, near[row, column + 1])
    y = offsets[row] + _vertex(near[row - 1, column], top, near[row + 1, column])
    return _Peak(float(x), float(y), top, top - float(near[elsewhere].max()))


def _vertex(before: float, top: float, after: float) -> float:
    """Where a parabola through three neighbours is highest, from the middle one."""
    bend = before - 2 * top + after
    return 0.0 if bend >= 0 else float((before - after) / (2 * bend))


def _support(left: _Field, right: _Field, x: int, y: int) -> float:
    """The surface's value at (x, y) without the few of 48 cells of the picture that contribute most to it."""
    height, width = left[0].shape
    here = np.s_[max(0, -y) : height - max(0, y), max(0, -x) : width - max(0, x)]
    there = np.s_[max(0, y) : height + min(0, y), max(0, x) : width + min(0, x)]
    product = sum(a[here] * b[there] for a, b in zip(left[1:], right[1:], strict=True)) + left[0][here] * right[0][there]
    cells = cv2.resize(product, _CELLS, interpolation=cv2.INTER_AREA) * (product.size / math.prod(_CELLS))
    return float(np.sort(cells, axis=None)[:-_STRONGEST].sum())


def _parts(look: _Look) -> list[_Peak]:
    """Peaks of six overlapping parts of the picture: a picture that is turned fits nowhere but in the middle."""
    height, width = look.visible[0].shape
    rows, columns = _PARTS
    size = cv2.getOptimalDFTSize(int(0.6 * height)), cv2.getOptimalDFTSize(int(0.4 * width))
    window = _window(*size)
    peaks = []
    for top in np.linspace(0, height - size[0], rows).astype(int):
        for left in np.linspace(0, width - size[1], columns).astype(int):
            part = np.s_[top : top + size[0], left : left + size[1]]
            surface = _correlate(*([c[part] * window for c in field] for field in (look.visible, look.infrared)))
            peak = _peak(surface, float(np.sqrt(np.mean(surface * surface))), max(height, width))
            if peak is not None and peak.height > _PART_HEIGHT:
                peaks.append(peak)
    return peaks


@cache
def _window(height: int, width: int) -> np.ndarray:
    """Hann, without its zeros at the rim."""
    window: np.ndarray = np.outer(np.hanning(height + 2)[1:-1], np.hanning(width + 2)[1:-1]).astype(np.float32)
    return window

"""What a source may declare to be done to pixels: turned upright, cut, resampled; and what is found in them."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels, half open."""

Window = tuple[str, float, float]
"""Name, and the raw levels that are shown as black and as white."""

LOSSY_BLACK = 8
"""A black area has levels of up to this after JPEG."""

_LONG = 0.25
"""A rim is at least so long, as a share of the image's shorter side: a real one was 0.31 (LLVIP), a lit person 0.09."""

_STRAIGHT = 1.5
"""A rim leaves its straight line by no more pixels."""

_BRIGHT = 0.25
"""The picture is bright along so much of a rim: 0.68 where it is least (TNO), and no more than 0.15 from lamp to lamp
and at fading shades (LLVIP, KAIST, MSRS, as JPEG)."""

_BLENDED = 5
"""So many pixels from a rim the picture has its own levels."""

_PARALLEL = 1e-6
"""Of a line's normal: less is none."""

PERCENTILES = "percentile-0.1-99.9"
"""The display window of 16 bits where a source declares none, as `shards.image.to_uint8` has it."""


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Applies EXIF tag 274: mirror, then quarter turns."""
    if orientation == 1:
        return pixels
    if orientation in {2, 4, 5, 7}:
        pixels = pixels[:, ::-1]
    turns = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(orientation, 0)
    return np.ascontiguousarray(np.rot90(pixels, turns))


def without_alpha(pixels: np.ndarray) -> np.ndarray:
    """HW or HW3."""
    return pixels if pixels.ndim == 2 or pixels.shape[2] == 3 else np.ascontiguousarray(pixels[..., :3])


def without_border(pixels: np.ndarray, border: int) -> np.ndarray:
    """Without that many pixels at each of the four edges.

    Raises:
        ValueError: nothing would be left.
    """
    if border == 0:
        return pixels
    height, width = pixels.shape[:2]
    if min(height, width) <= 2 * border:
        raise ValueError(f"{width} x {height} pixels, less than the border of {border} px at each edge")
    return np.ascontiguousarray(pixels[border:-border, border:-border])


def resampled(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Brought to a size, each axis by itself: area means where it shrinks, bicubic where it grows.

    RoadScene's visible frames were squeezed by another factor across than down, so the two need not go together.
    """
    small = min(width, pixels.shape[1]), min(height, pixels.shape[0])
    if small != (pixels.shape[1], pixels.shape[0]):
        pixels = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA)
    if small != (width, height):
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_CUBIC)
    return pixels


def display_window(levels: np.ndarray, declared: Window | None) -> Window:
    """The display window of 16-bit infrared: a fixed one, or two percentiles of its own levels.

    Raises:
        ValueError: a window that starts with `percentile` names no two of them.
    """
    name, low, high = declared or (PERCENTILES, 0.0, 0.0)
    if not name.startswith("percentile"):
        return name, float(low), float(high)
    try:
        first, last = map(float, name.split("-")[1:])
    except ValueError:
        raise ValueError(f"window {name!r} is not percentile-LOW-HIGH") from None
    low, high = np.percentile(levels, (first, last))
    return name, float(low), float(high)


def valid_box(sides: Sequence[tuple[np.ndarray, int]]) -> Box:
    """The largest box in which every side shows something: no wedge left by a warp, no black border.

    A warp leaves a convex picture on black ground, which ends at straight rims. Dark places are no wedge: a night
    sky is not cut away, whether it lies within the picture or at its edge.

    Args:
        sides: of each HW or HW3 pixels, all of one size, and the highest level that still is black.
    """
    height, width = sides[0][0].shape[:2]
    rows = np.arange(height, dtype=np.int32)
    left, right = np.zeros(height, np.int32), np.full(height, width, np.int32)
    for a, b, c in (rim for pixels, black in sides for rim in _rims(pixels, black)):
        if abs(a) < _PARALLEL:
            right[b * rows > c] = 0
            continue
        ends = np.clip((c - b * rows) / a, -1, width)
        if a > 0:
            right = np.minimum(right, np.floor(ends).astype(np.int32) + 1)
        else:
            left = np.maximum(left, np.ceil(ends).astype(np.int32))
    # In a convex region a box lies within exactly when its first and last rows do.
    across = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    down = rows - rows[:, None] + 1
    area = np.where((down > 0) & (across > 0), across * down, 0)
    top, bottom = (int(i) for i in np.unravel_index(area.argmax(), area.shape))
    if area[top, bottom] == 0:
        return 0, 0, width, height  # next to nothing is lit: there is no area to speak of
    return int(max(left[top], left[bottom])), top, int(min(right[top], right[bottom])), bottom + 1


def _rims(pixels: np.ndarray, black: int) -> Iterator[tuple[float, float, float]]:
    """The lines at which a picture ends and black begins; (a, b, c): the picture has a x + b y <= c.

    They are sides of the convex hull of what is not black, less one pixel, since a warp blends its rim with the black
    beyond. Where black has a few levels, dark places have them too: the hull has sides from lamp to lamp, and sides
    where a shade fades below these levels. A rim is straight and long, and the picture is bright along some of it.
    """
    brightest = pixels if pixels.ndim == 2 else pixels.max(axis=2)
    hull = _hull(_lit(brightest, black))
    if len(hull) < 2:
        return
    height, width = brightest.shape
    corners = cv2.approxPolyDP(hull, _STRAIGHT if black else 0, True)[:, 0].astype(float)
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        length = float(np.hypot(*(end - start)))
        if length < _LONG * min(height, width) * (black > 0):
            continue
        a, b = float(end[1] - start[1]) / length, float(start[0] - end[0]) / length  # outward, of length 1
        reach = float((hull[:, 0] @ (a, b)).max())
        if max(a, 0) * (width - 1) + max(b, 0) * (height - 1) - reach < (2 if black else 0.5):
            continue  # no black beyond; a codec makes it out of the last pixel
        rim = np.linspace(start, end, int(length) + 1) + (reach - start @ (a, b)) * np.array((a, b))
        x, y = np.rint(rim - np.arange(_BLENDED)[:, None, None] * (a, b)).astype(int).transpose(2, 0, 1)
        bright = brightest[y.clip(0, height - 1), x.clip(0, width - 1)] > 2 * black
        if not black or bright.any(axis=0).mean() > _BRIGHT:
            yield a, b, reach - abs(a) - abs(b)


def _lit(brightest: np.ndarray, black: int) -> np.ndarray:
    """HW uint8, 1 where a pixel is not black; specks are."""
    lit = (brightest > black).astype(np.uint8)
    corners = lit[0, 0] & lit[0, -1] & lit[-1, 0] & lit[-1, -1]
    return lit if corners else cv2.morphologyEx(lit, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))


def _hull(lit: np.ndarray) -> np.ndarray:
    """N12 int32: corners x, y of the convex hull, in the turn that has the outside to the right where y goes up."""
    rows = np.flatnonzero(lit.any(axis=1))
    if not len(rows):
        return np.empty((0, 1, 2), np.int32)
    first = lit[rows].argmax(axis=1)
    last = lit.shape[1] - 1 - lit[rows, ::-1].argmax(axis=1)
    ends = np.concatenate([np.column_stack([first, rows]), np.column_stack([last, rows])]).astype(np.int32)
    hull: np.ndarray = cv2.convexHull(ends)
    return hull

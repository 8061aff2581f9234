"""What a source may declare to be done to pixels: turned upright, cut, resampled; and what is found in them."""

from collections.abc import Sequence

import cv2
import numpy as np

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels, half open."""

Window = tuple[str, float, float]
"""Name, and the raw levels that are shown as black and as white."""

LOSSY_BLACK = 8
"""A black area has levels of up to this after JPEG."""

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

    A warp leaves a convex picture on black ground, so whatever lies outside of the convex hull of what is not black
    is no picture. Dark places within the hull are: a night sky is not cut away as long as something is lit around it.

    Args:
        sides: of each HW or HW3 pixels, all of one size, and the highest level that still is black.
    """
    height, width = sides[0][0].shape[:2]
    left, right = np.zeros(height, np.int32), np.full(height, width, np.int32)
    for pixels, black in sides:
        first, last = _hull(_lit(pixels, black))
        left, right = np.maximum(left, first), np.minimum(right, last)
    # In a convex region a box lies within exactly when its first and last rows do.
    across = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    rows = np.arange(height, dtype=np.int32)
    down = rows - rows[:, None] + 1
    area = np.where((down > 0) & (across > 0), across * down, 0)
    top, bottom = (int(i) for i in np.unravel_index(area.argmax(), area.shape))
    if area[top, bottom] == 0:
        return 0, 0, width, height  # all black: there is no area to speak of
    return int(max(left[top], left[bottom])), top, int(min(right[top], right[bottom])), bottom + 1


def _lit(pixels: np.ndarray, black: int) -> np.ndarray:
    """HW uint8, 1 where a pixel is not black; specks are."""
    brightest = pixels if pixels.ndim == 2 else pixels.max(axis=2)
    lit = (brightest > black).astype(np.uint8)
    corners = lit[0, 0] & lit[0, -1] & lit[-1, 0] & lit[-1, -1]
    return lit if corners else cv2.morphologyEx(lit, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))


def _hull(lit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each row of the convex hull, its first column and the one after its last.

    Less one pixel, except at the edges of the image: a warp blends its rim with the black beyond.
    """
    height, width = lit.shape
    rows = np.flatnonzero(lit.any(axis=1))
    if not len(rows):
        return np.zeros(height, np.int32), np.zeros(height, np.int32)
    first = lit[rows].argmax(axis=1)
    last = width - 1 - lit[rows, ::-1].argmax(axis=1)
    ends = np.concatenate([np.column_stack([first, rows]), np.column_stack([last, rows])]).astype(np.int32)
    filled = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(filled, cv2.convexHull(ends), 1)
    filled = cv2.erode(filled, np.ones((3, 3), np.uint8))
    inside = filled.any(axis=1)
    return (
        np.where(inside, filled.argmax(axis=1), 0).astype(np.int32),
        np.where(inside, width - filled[:, ::-1].argmax(axis=1), 0).astype(np.int32),
    )

"""Do two pictures show the same place? Decided on pixels: hashes alone link places that merely look alike."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np

from splits.near import VARIANTS
from splits.samples import Picture

MIN_CORRELATION = 0.8
"""Correlation of fine structure from which on two pictures show one place.

Of 337,000 pairs of different places in RoadScene, LLVIP, MSRS, HIT-UAV and M3SVD, visible and infrared, none exceeds
0.6; copies saved as JPEG 60 or halved stay above 0.99.
"""

MIN_INLIERS = 12
"""The same for matching features that agree on one shift, scale and rotation.

In the same data, copies cropped by 5 % on each side, halved and saved as JPEG 60 keep at least 24; of pairs of
different places none has more than 5.
"""

_SIDE = 384  # longer side at which features are looked for
_FEATURES = 600
_RATIO = 0.8  # of the best to the second best match (Lowe, IJCV 2004)
_REPROJECTION = 4.0  # pixels
_THREADS = 2


@dataclass(frozen=True)
class Verdict:
    """Whether two pictures show the same place, by which measure, and what that gave."""

    same: bool
    measure: Literal["correlation", "features"]
    score: float


@dataclass(frozen=True)
class Features:
    """N points in pixels, N x 2, and their SIFT descriptors, N x 128."""

    points: np.ndarray
    descriptors: np.ndarray


def confirm(pairs: Sequence[tuple[Picture, Picture, int]]) -> list[Verdict]:
    """The verdict on each (picture, picture, variant of the second as an index into VARIANTS), in their order."""
    with ThreadPoolExecutor(_THREADS) as pool:  # OpenCV lets go of the interpreter while it works
        return list(pool.map(_judge, pairs))


def structure(grey: np.ndarray) -> np.ndarray:
    """32 x 32: what remains of an HW picture without its coarse brightness."""
    small = cv2.resize(grey.astype(np.float32), (32, 32), interpolation=cv2.INTER_AREA)
    fine: np.ndarray = small - cv2.GaussianBlur(small, (0, 0), 4)
    return fine


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Pearson's correlation of two arrays of one shape; 0 where one is constant."""
    left, right = (x.ravel() - x.mean() for x in (first, second))
    norm = float(np.linalg.norm(left) * np.linalg.norm(right))
    return float(left @ right) / norm if norm > 0 else 0.0


def features(grey: np.ndarray) -> Features:
    """The SIFT features of an HW uint8 picture, fitted to one size."""
    height, width = grey.shape
    scale = _SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    fitted = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    # Night scenes and thermal images have faint edges: half of OpenCV's default contrast threshold.
    points, found = cv2.SIFT.create(nfeatures=_FEATURES, contrastThreshold=0.02).detectAndCompute(fitted, None)
    if found is None:
        return Features(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32))
    return Features(np.array([point.pt for point in points], np.float32), found)


def inliers(first: Features, second: Features) -> int:
    """Matches that agree on one shift, scale and rotation; several onto one point count once."""
    if min(len(first.points), len(second.points)) < MIN_INLIERS:
        return 0
    matches = cv2.BFMatcher(cv2.NORM_L2).knnMatch(first.descriptors, second.descriptors, k=2)
    good = [best for best, other in matches if best.distance < _RATIO * other.distance]
    if len(good) < MIN_INLIERS:
        return 0
    left = first.points[[match.queryIdx for match in good]]
    right = second.points[[match.trainIdx for match in good]]
    _, agree = cv2.estimateAffinePartial2D(left, right, method=cv2.RANSAC, ransacReprojThreshold=_REPROJECTION)
    if agree is None:
        return 0
    return len(np.unique(np.rint(right[agree.ravel() > 0]), axis=0))


def _judge(pair: tuple[Picture, Picture, int]) -> Verdict:
    first, second, variant = pair
    alike = correlation(_structure(first, 0), _structure(second, variant))
    if alike >= MIN_CORRELATION:
        return Verdict(True, "correlation", alike)
    count = inliers(_features(first, 0), _features(second, variant))
    return Verdict(count >= MIN_INLIERS, "features", float(count))


# A sample that was tested against one picture is often tested against the next.
@lru_cache(16)
def _grey(picture: Picture, variant: int) -> np.ndarray:
    grey = picture.grey()
    if "negative" in VARIANTS[variant]:
        grey = 255 - grey
    return np.ascontiguousarray(grey[:, ::-1]) if "mirror" in VARIANTS[variant] else grey


@lru_cache(64)
def _structure(picture: Picture, variant: int) -> np.ndarray:
    return structure(_grey(picture, variant))


@lru_cache(64)
def _features(picture: Picture, variant: int) -> Features:
    return features(_grey(picture, variant))

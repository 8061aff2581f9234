"""Sliced Wasserstein distance between patches of two sets of images (Karras et al., ICLR 2018, section 5).

A distribution metric that needs no network. Every image is split by a Laplacian pyramid; at each level random 7 x 7
patches of both sides are compared along random directions. All choices are hashes of their names, so the value depends
on the images and their order alone, not on a generator's state or a library's version.
"""

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from bench.statistics.resampling import hash64
from bench.threads import in_order

PATCH = 7
PATCHES_PER_IMAGE = 128
DIRECTIONS = 512
PROJECTIONS = 1 << 22  # numbers that one thread projects and sorts at a time
COARSEST = 16

Array = npt.NDArray[np.float64]
_BINOMIAL = np.array([1, 4, 6, 4, 1], np.float64) / 16


def swd(predictions: npt.NDArray[np.generic], references: npt.NDArray[np.generic]) -> float:
    """Mean over pyramid levels of the sliced 1-Wasserstein distance of 7 x 7 patches, times 1000; lower is better.

    Levels go from the image's size down to 16 pixels; 128 patches per image and level, at the same places in prediction
    i and reference i, and 512 directions per level. Descriptors are standardised by each side's own mean and standard
    deviation, so brightness and contrast of a whole set are forgiven and texture is not.

    Args:
        predictions: N x H x W, grey levels 0..255; sides that halve evenly down to 16, such as 256.
        references: the same shape, in the same order of keys.

    Returns:
        A value in [0, inf), in thousandths of a standard deviation; 0 for equal sets.

    Raises:
        ValueError: the shapes differ, or the sides do not halve evenly.

    >>> images = np.arange(4 * 32 * 32, dtype=np.uint8).reshape(4, 32, 32)
    >>> swd(images, images)
    0.0
    """
    if predictions.shape != references.shape or predictions.ndim != 3 or len(predictions) == 0:
        raise ValueError(
            f"two stacks N x H x W of one shape are compared, not {predictions.shape} and {references.shape}"
        )
    levels = level_count(predictions.shape[1:])
    descriptors: list[tuple[list[Array], list[Array]]] = [([], []) for _ in range(levels)]
    for index in range(len(predictions)):  # one image at a time: pyramids of a whole set need not fit in memory
        pyramids = zip(
            laplacian_pyramid(predictions[index], levels), laplacian_pyramid(references[index], levels), strict=True
        )
        for level, (prediction, reference) in enumerate(pyramids):
            centres = hashed_centres(level, index, prediction.shape)
            descriptors[level][0].append(patches(prediction, centres))
            descriptors[level][1].append(patches(reference, centres))
    return float(
        np.mean(
            [
                sliced_distance(np.concatenate(ours), np.concatenate(theirs), hashed_directions(level))
                for level, (ours, theirs) in enumerate(descriptors)
            ]
        )
    )


def level_count(size: tuple[int, ...]) -> int:
    """How many levels an image of this size (height, width) has, the coarsest with a shorter side of 16.

    >>> level_count((256, 256))
    5
    """
    levels, shorter = 1, min(size)
    while shorter > COARSEST and shorter % 2 == 0:
        levels, shorter = levels + 1, shorter // 2
    if shorter != COARSEST or any(side % 2 ** (levels - 1) for side in size):
        raise ValueError(f"the sides {size} do not halve evenly down to {COARSEST}")
    return levels


def laplacian_pyramid(image: npt.NDArray[np.generic], levels: int) -> list[Array]:
    """Band-pass levels of one H x W image, finest first; the last is the low-pass rest (Burt and Adelson, 1983).

    Down is a 5 x 5 binomial filter and every second pixel; up is zeros between the pixels and four times that filter;
    borders mirror without repeating the edge. All weights are dyadic: a constant image gives exact zeros.
    """
    pyramid, current = [], image.astype(np.float64)
    for _ in range(levels - 1):
        smaller = np.ascontiguousarray(_smooth(current)[::2, ::2])
        raised = np.zeros_like(current)
        raised[::2, ::2] = smaller
        pyramid.append(current - 4.0 * _smooth(raised))
        current = smaller
    return [*pyramid, current]


def patches(level: Array, centres: npt.NDArray[np.int64]) -> Array:
    """The 7 x 7 patches of one H x W level around K centres (row, column), flattened row by row: K x 49."""
    corners = centres - PATCH // 2
    windows = sliding_window_view(level, (PATCH, PATCH))
    return windows[corners[:, 0], corners[:, 1]].reshape(len(centres), PATCH * PATCH)


def sliced_distance(predictions: Array, references: Array, directions: Array) -> float:
    """Mean 1-Wasserstein distance of two equally large sets of descriptors along unit directions, times 1000.

    Args:
        predictions: M x 49 descriptors; standardised here by one mean and one population standard deviation.
        references: M x 49, standardised likewise by its own.
        directions: 49 x Q, columns of unit length.
    """
    ours, theirs = _standardise(predictions), _standardise(references)

    def along(group: Array) -> Array:
        # In one dimension the optimal transport between equally many points joins them in sorted order.
        distances: Array = np.abs(np.sort(group @ ours.T) - np.sort(group @ theirs.T)).mean(axis=1)
        return distances

    at_once = max(1, PROJECTIONS // len(ours))
    groups = [directions.T[start : start + at_once] for start in range(0, directions.shape[1], at_once)]
    return 1000.0 * float(np.concatenate(list(in_order(along, groups))).mean())


def hashed_centres(level: int, image: int, size: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """The 128 patch centres (row, column) of an image at a level (0 is the finest) whose size is (height, width)."""
    rows, columns = size[0] - PATCH + 1, size[1] - PATCH + 1
    draws = [hash64(f"swd|patch|{level}|{image}|{k}") % (rows * columns) for k in range(PATCHES_PER_IMAGE)]
    return np.stack(np.divmod(np.array(draws, np.int64), columns), axis=1) + PATCH // 2


@cache
def hashed_directions(level: int) -> Array:
    """The 512 random unit directions of a level, 49 x 512: normal components by Box and Muller from hashed uniforms."""
    length = PATCH * PATCH
    uniform = np.array(
        [
            [(hash64(f"swd|dir|{level}|{direction}|{c}") + 0.5) / 2**64 for c in range(length + length % 2)]
            for direction in range(DIRECTIONS)
        ]
    )
    radius, angle = np.sqrt(-2.0 * np.log(uniform[:, ::2])), 2.0 * np.pi * uniform[:, 1::2]
    normal = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=2).reshape(len(uniform), -1)[:, :length]
    directions: Array = np.ascontiguousarray((normal / np.linalg.norm(normal, axis=1, keepdims=True)).T)
    directions.setflags(write=False)  # shared by all callers
    return directions


def _smooth(image: Array) -> Array:
    filtered: Array = cv2.sepFilter2D(image, cv2.CV_64F, _BINOMIAL, _BINOMIAL, borderType=cv2.BORDER_REFLECT_101)
    return filtered


def _standardise(descriptors: Array) -> Array:
    centred: Array = descriptors - descriptors.mean()
    deviation = float(centred.std())
    # Constant images have no detail: their descriptors are all equal and stay at zero.
    return centred / (deviation or 1.0)

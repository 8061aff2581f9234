"""Digests of bytes and pixels, and perceptual hashes whose negative and mirror image are exact XOR masks."""

import hashlib
from functools import cache

import cv2
import numpy as np
import xxhash

FLAT_STD = 2.0
"""Below this standard deviation (grey levels) an image has no structure to hash."""


def sha256(data: bytes) -> str:
    """Hex digest of bytes."""
    return hashlib.sha256(data).hexdigest()


def pixel_digest(pixels: np.ndarray) -> str:
    """Hex xxh3-128 of shape, type and pixels: equal for equal pixels however they are stored."""
    digest = xxhash.xxh3_128(f"{pixels.shape}{pixels.dtype}".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def perceptual(grey: np.ndarray, side: int = 8) -> bytes:
    """Signs of the low DCT frequencies: side x side bits, most significant first.

    HW grey -> area mean to (4 side) squared -> orthonormal DCT-II -> coefficients [1..side, 1..side], bit = > 0.
    Without the constant term and without a median, the negative flips every bit and the horizontal mirror
    flips the bits of odd column frequency: exactly, since in 64 bits of floating point the rounding stays far
    below the smallest coefficient of a picture.

    Args:
        grey: HW, 8 or 16 bits.
        side: 8 for 64 bits, 16 for 256 bits.
    """
    return _signs(_area_means(grey, 4 * side), side)


def perceptuals(grey: np.ndarray) -> tuple[bytes, bytes, bool]:
    """`perceptual` with 64 and with 256 bits, and `is_flat`, for the price of one.

    Four small areas make a large one, and pixels scatter at least as much as the means of areas do.
    """
    fine = _area_means(grey, 64)
    above, below = fine[::2], fine[1::2]
    coarse = (above[:, ::2] + above[:, 1::2] + below[:, ::2] + below[:, 1::2]) / 4
    flat = fine.std() <= 1.01 * _flat_std(grey) and is_flat(grey)
    return _signs(coarse, 8), _signs(fine, 16), bool(flat)


def _signs(means: np.ndarray, side: int) -> bytes:
    basis = _cosines(len(means))[1 : side + 1]
    return np.packbits((basis @ means @ basis.T).ravel() > 0).tobytes()


def _area_means(grey: np.ndarray, side: int) -> np.ndarray:
    """Means over side x side equal areas, whose borders may run through pixels: HW -> float64.

    By differences of the running sum, which is exact in whole numbers; reads the picture once.
    """
    fits = grey.dtype == np.uint8 and grey.size <= 2**31 // 256
    total = cv2.integral(grey, sdepth=cv2.CV_32S if fits else cv2.CV_64F)
    (rows, down), (columns, across) = (_borders(length, side) for length in grey.shape)
    # What the interpolation needs, few columns among many: before and behind each border.
    wanted = np.concatenate([columns, columns + 1])
    upper, lower = (total[row].take(wanted, axis=1) for row in (rows, rows + 1))
    down = down[:, None]
    before, behind = np.hsplit(upper * (1 - down) + lower * down, 2)
    sums = before * (1 - across) + behind * across
    bands = sums[1:] - sums[:-1]
    means: np.ndarray = (bands[:, 1:] - bands[:, :-1]) * (side * side / grey.size)
    return means


def _borders(length: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Where `side` equal parts of a length begin and end: the whole pixel, and the share of it."""
    places = np.linspace(0, length, side + 1)
    first = np.minimum(places.astype(np.int64), length - 1)
    return first, places - first


def is_flat(grey: np.ndarray) -> bool:
    """True where an image has too little structure for its perceptual hash to mean anything."""
    return bool(cv2.meanStdDev(grey)[1][0, 0] < _flat_std(grey))


def _flat_std(grey: np.ndarray) -> float:
    return FLAT_STD * (257 if grey.dtype == np.uint16 else 1)


def mirror_mask(side: int = 8) -> bytes:
    """XOR mask that turns a hash into that of the horizontally mirrored image."""
    odd = (np.arange(1, side + 1) % 2).astype(np.uint8)
    return np.packbits(np.tile(odd, side)).tobytes()


@cache
def _cosines(n: int) -> np.ndarray:
    k, x = np.arange(n)[:, None], np.arange(n)[None, :]
    basis: np.ndarray = np.cos(np.pi * (2 * x + 1) * k / (2 * n)) * np.sqrt(2 / n)
    basis[0] /= np.sqrt(2)
    return basis

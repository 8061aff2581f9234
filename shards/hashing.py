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


def perceptuals(grey: np.ndarray) -> tuple[bytes, bytes]:
    """`perceptual` with 64 and with 256 bits for the price of one, since four small areas make a large one."""
    fine = _area_means(grey, 64)
    return _signs(fine.reshape(32, 2, 32, 2).mean(axis=(1, 3)), 8), _signs(fine, 16)


def _signs(means: np.ndarray, side: int) -> bytes:
    basis = _cosines(len(means))[1 : side + 1]
    return np.packbits((basis @ means @ basis.T).ravel() > 0).tobytes()


def _area_means(grey: np.ndarray, side: int) -> np.ndarray:
    """Means over side x side equal areas, whose borders may run through pixels: HW -> float64.

    By differences of the running sum, which is exact in whole numbers; reads the picture once.
    """
    fits = grey.dtype == np.uint8 and grey.size <= 2**31 // 256
    total = cv2.integral(grey, sdepth=cv2.CV_32S if fits else cv2.CV_64F)
    down, across = (np.linspace(0, length, side + 1) for length in grey.shape)
    rows = _between(total, down)
    sums = _between(np.ascontiguousarray(rows.T), across).T
    means: np.ndarray = np.diff(np.diff(sums, axis=0), axis=1) * (side * side / grey.size)
    return means


def _between(table: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Rows of a table at places that need not be whole."""
    first = np.minimum(places.astype(np.int64), len(table) - 2)
    share = (places - first)[:, None]
    rows: np.ndarray = table[first] * (1 - share) + table[first + 1] * share
    return rows


def is_flat(grey: np.ndarray) -> bool:
    """True where an image has too little structure for its perceptual hash to mean anything."""
    return bool(cv2.meanStdDev(grey)[1][0, 0] < FLAT_STD * (257 if grey.dtype == np.uint16 else 1))


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

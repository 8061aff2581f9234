"""Images: what bytes are, whether they are whole, and their pixels. The one decoder of the suite."""

import io
import warnings
import zlib
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from PIL import Image

# What is wrong with an image is told once, by BadImage, and not on the terminal too.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
warnings.filterwarnings("ignore", module=r"PIL\.")

MAX_PIXELS = 50_000_000
"""Larger headers are refused before anything is allocated."""

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".pgm", ".ppm", ".gif"})
"""File names that claim to be images, lower case."""

CODEC_RESIDUE = 3
"""Grey infrared may differ by this much between channels after JPEG or MPEG (measured on KAIST and M3SVD)."""

Reason = Literal[
    "empty",
    "not_an_image",
    "git_lfs_pointer",
    "html_page",
    "truncated",
    "corrupt",
    "too_many_pixels",
    "no_alpha",
    "bad_video",
]

# Magic numbers; the extension is never asked.
_MAGIC = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"BM", "bmp"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"GIF8", "gif"),
    (b"P5\n", "pgm"),
    (b"P6\n", "ppm"),
)
_JPEG_END = b"\xff\xd9"


class BadImage(ValueError):
    """Bytes that are not a whole image.

    Attributes:
        reason: what kind of failure, as it stands in a part's `status` column.
    """

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason


@dataclass(frozen=True)
class Header:
    """What an image's first bytes say of it.

    Attributes:
        format: jpeg, png, bmp, tiff, gif, pgm, ppm or webp.
        mode: Pillow's name of the stored pixel form (L, RGB, RGBA, P, I;16, ...).
        orientation: EXIF tag 274, that is what is still to be done to the decoded pixels; 1 is upright.
    """

    format: str
    width: int
    height: int
    mode: str
    orientation: int


def sniff(data: bytes) -> str | None:
    """The image format that `data` really is, or None."""
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return name
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def header(data: bytes) -> Header:
    """Reads the header alone.

    Raises:
        BadImage: empty, no image, a Git-LFS pointer, an HTML page, or more than MAX_PIXELS pixels.
    """
    if not data:
        raise BadImage("empty", "the file has no bytes")
    name = sniff(data)
    if name is None:
        raise told_by_start(data) or BadImage("not_an_image", f"starts with {data[:8]!r}, which is no image format")
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "BMP", "TIFF", "GIF", "PPM", "WEBP")) as opened:
            width, height, mode = opened.width, opened.height, opened.mode
            # The decoders turn a TIFF by themselves, and know no orientation of the others.
            orientation = opened.getexif().get(274, 1) if name in {"jpeg", "webp"} else 1
    except Image.DecompressionBombError:
        raise BadImage("too_many_pixels", f"more than {MAX_PIXELS:,} pixels") from None
    except Exception:  # Pillow raises many kinds on hostile headers
        reason: Reason = "truncated" if name == "jpeg" and _JPEG_END not in data else "corrupt"
        raise BadImage(reason, f"the {name} header cannot be read") from None
    if width * height > MAX_PIXELS:
        raise BadImage("too_many_pixels", f"{width} x {height} pixels, more than {MAX_PIXELS:,}")
    return Header(name, width, height, mode, orientation if orientation in range(1, 9) else 1)


def decode(data: bytes, known: Header | None = None) -> np.ndarray:
    """Pixels as stored: HW, HW3 (RGB) or HW4 (RGBA), uint8 or uint16; EXIF orientation is not applied.

    OpenCV's decoders are bit-exact with Pillow's on JPEG and about three times as fast.

    Args:
        data: a whole file.
        known: its header, where it has been read.

    Raises:
        BadImage: the bytes are not a whole image.
    """
    known = known or header(data)
    name = known.format
    if name == "jpeg" and _JPEG_END not in data:
        raise BadImage("truncated", "the JPEG has no end marker")
    if name == "png":
        _check_chunks(data)
    pixels = _decode(data, known)
    if pixels is None:
        raise BadImage("truncated" if name == "jpeg" else "corrupt", f"the {name} data cannot be decoded to the end")
    if pixels.dtype not in (np.uint8, np.uint16):
        raise BadImage("not_an_image", f"{pixels.dtype} pixels: only 8 and 16 bits are images here")
    return np.ascontiguousarray(pixels)


def channel_spread(pixels: np.ndarray) -> int:
    """Largest difference between the colour channels of one pixel, in levels; 0 for one channel.

    Grey infrared that went through a colour codec carries a residue of up to 3.
    """
    return grey_and_spread(pixels)[1]


def to_grey(pixels: np.ndarray) -> np.ndarray:
    """HW of the same depth: equal channels collapse; others become Pillow's luma.

    Luma is (19595 R + 38470 G + 7471 B + 32768) >> 16 (Pillow, Convert.c), which maps equal channels on
    themselves.

    Args:
        pixels: HW, HW3 or HW4.
    """
    if channel_spread(pixels[:1]) > 0:  # one row tells nearly always
        return _luma(pixels)
    return grey_and_spread(pixels)[0]


def grey_and_spread(pixels: np.ndarray) -> tuple[np.ndarray, int]:
    """`to_grey` and `channel_spread` for the price of one where the channels are equal."""
    if pixels.ndim == 2:
        return pixels, 0
    red, green, blue = cv2.split(pixels)[:3]
    spread = max(cv2.norm(red, green, cv2.NORM_INF), cv2.norm(green, blue, cv2.NORM_INF))
    if spread == 0:
        return red, 0
    return _luma(pixels), int(max(spread, cv2.norm(red, blue, cv2.NORM_INF)))


def _luma(pixels: np.ndarray) -> np.ndarray:
    # Whole multiples of 2**-16: below 2**24 of them, or 2**32 for 16 bits, so that floating point is exact.
    exact = np.float32 if pixels.dtype == np.uint8 else np.float64
    weights = (np.array([[19595, 38470, 7471, 32768]]) / 65536).astype(exact)
    luma = np.empty(pixels.shape[:2], pixels.dtype)
    for top in range(0, len(luma), 32):  # few rows at a time stay in the processor's cache
        luma[top : top + 32] = cv2.transform(pixels[top : top + 32, :, :3].astype(exact), weights)
    return luma


def to_rgb(pixels: np.ndarray) -> np.ndarray:
    """HW3 uint8; alpha is dropped, grey is repeated, 16 bits go through `to_uint8`."""
    if pixels.ndim == 2:
        return np.repeat(to_uint8(pixels)[..., None], 3, axis=2)
    return np.ascontiguousarray(to_uint8(pixels)[..., :3])


def to_uint8(pixels: np.ndarray) -> np.ndarray:
    """8-bit view: 16-bit values are stretched between the image's 0.1 and 99.9 percentiles.

    A named, explicit window; Pillow's `convert("L")` would clip everything above 255 to white.
    """
    if pixels.dtype == np.uint8:
        return pixels
    low, high = np.percentile(pixels, (0.1, 99.9))
    scaled = (pixels.astype(np.float64) - low) * (255.0 / max(high - low, 1.0))
    view: np.ndarray = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
    return view


def encode_png(pixels: np.ndarray) -> bytes:
    """PNG bytes of an HW, HW3 (RGB) or HW4 array, 8 or 16 bits; the same bytes for the same pixels."""
    if pixels.ndim == 3:
        pixels = pixels[..., [2, 1, 0, 3][: pixels.shape[2]]]
    done, data = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not done:
        raise ValueError(f"cannot write a PNG of shape {pixels.shape} and type {pixels.dtype}")
    return data.tobytes()


def _decode(data: bytes, kind: Header) -> np.ndarray | None:
    """Channels in the order RGB(A), or None where OpenCV gives up."""
    raw = np.frombuffer(data, np.uint8)
    try:
        if kind.format == "jpeg" and kind.mode == "RGB":
            return cv2.imdecode(raw, cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION)
        pixels = cv2.imdecode(raw, cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if pixels is None or pixels.ndim == 2:
        return pixels
    turned: np.ndarray = cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB)
    return turned


def _check_chunks(data: bytes) -> None:
    """A PNG's own checksums, so that damage is told apart from truncation, and by name."""
    at = 8
    while True:
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        stored = data[at + 8 + length : at + 12 + length]
        if len(stored) < 4:
            raise BadImage("truncated", f"the PNG ends within the chunk at byte {at:,}")
        if zlib.crc32(data[at + 4 : at + 8 + length]) != int.from_bytes(stored, "big"):
            raise BadImage("corrupt", f"the PNG's chunk at byte {at:,} differs from its checksum")
        if kind == b"IEND":
            return
        at += 12 + length


def told_by_start(data: bytes) -> BadImage | None:
    """What took the place of a download, where its first bytes say so."""
    start = data[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"version https://git-lfs"):
        return BadImage("git_lfs_pointer", "a Git-LFS pointer, not the image: run `git lfs pull` in the download")
    if start.startswith((b"<!doctype html", b"<html")):
        return BadImage("html_page", "an HTML page saved under an image's name: the download failed, repeat it")
    return None


def trailing_bytes(data: bytes) -> int:
    """Bytes after a whole JPEG or PNG that are no part of it, zeros at the very end aside."""
    end = len(data.rstrip(b"\0"))
    if data.startswith(b"\xff\xd8"):
        return end - data.rfind(_JPEG_END, 0, end) - len(_JPEG_END)
    at = data.rfind(b"IEND\xaeB`\x82")
    return max(0, end - at - 8) if at >= 0 else 0

"""Steps 1 and 2 of every protocol: an encoded image becomes 8-bit levels, or is refused with the reason."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from shards.image import MAX_PIXELS

Pixels = npt.NDArray[np.uint8]
"""H x W grey levels, or H x W x 3 where the channels differ."""

_MODES = ("1", "L", "P", "LA", "RGB", "RGBA")
_WIDE_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
_LOSSY = ("JPEG", "MPO", "JPEG2000", "WEBP", "AVIF")
_ORIENTATION = 0x0112
_CHROMA_LEVELS, _CHROMA_SHARE = 8, 0.01


class BadImage(ValueError):
    """An image, or its declared geometry, that no protocol scores.

    Args:
        code: the checker's code: E03 unreadable, E04 not plain 8-bit levels, E05 geometry.
        message: what was found, without the image's name, which the caller knows.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@dataclass(frozen=True)
class Picture:
    """A decoded image, and what was let pass.

    Attributes:
        pixels: at stored size.
        lossy: stored in a lossy format.
        coloured: share of the pixels whose channels differ.
        exif: it carries EXIF data, which are not looked at.
    """

    pixels: Pixels
    lossy: bool
    coloured: float
    exif: bool


def read(path: Path) -> bytes:
    """A file's bytes.

    Raises:
        BadImage: E03, it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadImage("E03", f"cannot be read ({error.strerror})") from error


def decode(data: bytes, *, allow_colour: bool = False) -> Picture:
    """The first frame of an encoded image, upright, without colour management.

    Args:
        data: the file's bytes.
        allow_colour: accept a picture in false colour; for submissions that declare it, for visible images and for
            references.

    Raises:
        BadImage: E03 cannot be read; E04 more than 8 bits, transparent, rotated by EXIF, in false colour without
            leave, or another mode.
    """
    image, wide = _open(data)
    if image.mode in _WIDE_MODES or wide:
        values = np.asarray(image)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise BadImage("E04", "holds NaN or infinite values: save 8-bit grey levels")
        raise BadImage(
            "E04", f"mode {image.mode} of more than 8 bits needs radiometric mapping, which its dataset declares"
        )
    if image.mode not in _MODES:
        raise BadImage("E04", f"mode {image.mode} is not one of {', '.join(_MODES)}")
    exif = image.getexif()
    if exif.get(_ORIENTATION, 1) != 1:
        raise BadImage("E04", f"EXIF orientation {exif[_ORIENTATION]}: store the pixels upright and drop the tag")
    if image.has_transparency_data and image.convert("RGBA").getchannel("A").getextrema()[0] != 255:
        raise BadImage("E04", "transparent pixels have no grey level: flatten the image first")
    lossy = image.format in _LOSSY
    if image.mode in ("1", "L"):
        grey = image if image.mode == "L" else image.convert("L")
        return Picture(np.array(grey), lossy, 0.0, bool(exif))  # a copy: Pillow lends it read-only
    pixels = np.array(image.convert("RGB"))
    low = np.minimum(np.minimum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    high = np.maximum(np.maximum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    spread = high - low
    coloured = np.count_nonzero(spread) / spread.size
    strong = np.count_nonzero(spread > _CHROMA_LEVELS) / spread.size
    if strong > _CHROMA_SHARE and not allow_colour:
        # The luma of an iron or rainbow palette is not the temperature that it shows.
        raise BadImage("E04", f"{strong:.0%} of the pixels are in colour: save grey levels, or declare the colour")
    return Picture(low if coloured == 0 else pixels, lossy, coloured, bool(exif))


def to_grey(pixels: Pixels) -> Pixels:
    """H x W levels: luma (19595 R + 38470 G + 7471 B + 32768) >> 16, as Pillow's convert("L") has it.

    Equal channels v give v exactly; an image that is grey already is returned itself.
    """
    return pixels if pixels.ndim == 2 else np.array(Image.fromarray(pixels).convert("L"))


def _open(data: bytes) -> tuple[Image.Image, bool]:
    """The first frame decoded, and whether it was stored with 16 bits per channel."""
    try:
        image = Image.open(io.BytesIO(data))
        if image.width * image.height > MAX_PIXELS:
            raise BadImage("E03", f"{image.width} x {image.height} pixels are more than {MAX_PIXELS:,}")
        # Pillow drops the low byte of 16-bit RGB without a word; only the raw mode of its tiles tells before loading.
        wide = any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))
        image.load()
        image.getexif()
    except BadImage:
        raise
    except Exception as error:  # each of Pillow's decoders raises errors of its own kind on damaged bytes
        why = "it is none" if isinstance(error, UnidentifiedImageError) else f"{type(error).__name__}: {error}"
        raise BadImage("E03", f"cannot be read as an image ({why})" if data else "is empty") from error
    return image, wide

"""What a publisher's raw tree is made of, and what should come of it.

`publishers/NAME.py` holds `tree(root)`, and for further layouts more functions whose names begin with `tree_`. Each
builds a small raw folder below `root` as the publisher ships it, quirks included, and says what ingest must make of it.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Expected:
    """What ingest makes of a raw tree.

    Attributes:
        pairs: samples that are ok.
        subsets: these by subset.
        scenes: these by scene.
        failed: rows that are not ok, by status.
        bits: of the infrared side.
        boxes: of all ok samples together.
        keys: some that must be there, as id lists call them.
        junk: files that operating systems left behind.
    """

    pairs: int
    subsets: Mapping[str, int]
    scenes: Mapping[str, int]
    failed: Mapping[str, int] = field(default_factory=dict)
    bits: int = 8
    boxes: int = 0
    keys: Sequence[str] = ()
    junk: int = 0


def grey(seed: int, width: int = 64, height: int = 48) -> np.ndarray:
    """A smooth HW uint8 picture, another for every seed; never 0 or 255, so that no border is found in it."""
    coarse = np.random.default_rng(seed).integers(30, 226, (5, 6), np.uint8)
    large = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(large).clip(1, 254)


def colour(seed: int, width: int = 64, height: int = 48) -> np.ndarray:
    """A smooth HW3 uint8 picture, likewise."""
    return np.dstack([grey(seed * 3 + channel, width, height) for channel in range(3)])


def deep(seed: int, width: int = 64, height: int = 48, low: int = 21_800, high: int = 25_000) -> np.ndarray:
    """A smooth HW uint16 picture from `low` to `high`."""
    return (low + grey(seed, width, height) / 255 * (high - low)).astype(np.uint16)


def encoded(pixels: np.ndarray, kind: str) -> bytes:
    """A picture as PNG, JPEG, BMP or TIFF."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind)
    return stream.getvalue()


def put(path: Path, content: bytes | str = b"") -> Path:
    """Writes a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def save(path: Path, pixels: np.ndarray) -> Path:
    """Writes a picture in the format that the suffix names, large letters or small."""
    kinds = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "bmp": "BMP", "tif": "TIFF", "tiff": "TIFF"}
    return put(path, encoded(pixels, kinds[path.suffix[1:].lower()]))


def pair(visible: Path, infrared: Path, seed: int, width: int = 64, height: int = 48) -> None:
    """Writes a colour picture and a grey one of equal size."""
    save(visible, colour(seed, width, height))
    save(infrared, grey(seed + 500, width, height))


def voc_xml(*labels: str) -> str:
    """A Pascal VOC file with one box for each label."""
    corners = "<bndbox><xmin>3</xmin><ymin>4</ymin><xmax>20</xmax><ymax>30</ymax></bndbox>"
    objects = "".join(f"<object><name>{label}</name>{corners}</object>" for label in labels)
    return f"<annotation>{objects}</annotation>"

"""Steps 3 and 4 of every protocol: which part of the reference a prediction shows, and one resize to a common size.

Sizes and boxes are in Pillow's order, (width, height) and (left, top, right, bottom); arrays are H x W.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from PIL import Image

from bench.decode import BadImage, Pixels

Size = tuple[int, int]
Box = tuple[float, float, float, float]

SQUARE = (256, 256)
"""A prediction of exactly this size is taken as the whole frame, since networks that squash their input give it."""
_ASPECT_TOLERANCE = 0.01


@dataclass(frozen=True)
class Geometry:
    """What a submission says its predictions show.

    Attributes:
        kind: "squash" is the whole reference frame at any aspect; "crop" is the part of it in `box`.
        box: left, top, right, bottom in reference pixels; fractions are allowed.
    """

    kind: Literal["squash", "crop"]
    box: Box | None = None


def declared(about: Mapping[str, Any], key: str) -> Geometry | None:
    """What a submission.json declares for one prediction; None where it says nothing.

    Raises:
        BadImage: E05, the declaration makes no sense.
    """
    if "geometry" not in about:
        return None
    try:
        given = about["geometry"]
        kind = given["kind"]
        box = given.get("boxes", {}).get(key, given.get("box"))
        edges = None if box is None else tuple(float(edge) for edge in box)
    except (TypeError, KeyError, ValueError, AttributeError):
        raise BadImage("E05", "the declared geometry is not an object with a kind, and a box of four numbers") from None
    if kind not in ("squash", "crop") or (kind == "crop" and (edges is None or len(edges) != 4)):
        raise BadImage("E05", f"the declared geometry {kind!r} is neither squash nor crop with a box of four numbers")
    return Geometry(kind, edges if kind == "crop" else None)  # type: ignore[arg-type]  # its length has been seen


def check_geometry(prediction: Size, reference: Size, declaration: Geometry | None = None) -> Box | None:
    """Step 3: which part of the reference the prediction is compared with.

    A prediction made from a cropped input and scored against the whole reference costs even a perfect model most of its
    score, so a difference in aspect has to be declared.

    Args:
        prediction: (width, height) as stored.
        reference: (width, height) as stored.
        declaration: what the submission says, None where it says nothing.

    Returns:
        The box to cut from the reference, None for all of it.

    Raises:
        BadImage: E05, aspects differ and nothing is declared, or the declared box is not inside the reference.

    >>> check_geometry((512, 384), (1024, 768))
    >>> check_geometry((512, 448), (640, 512), Geometry("crop", (27.43, 0, 612.57, 512)))
    (27.43, 0, 612.57, 512)
    """
    width, height = reference
    if declaration is not None and declaration.kind == "crop":
        if declaration.box is None:
            raise BadImage("E05", "the declared crop has no box")
        left, top, right, bottom = declaration.box
        if not (0 <= left < right <= width and 0 <= top < bottom <= height):
            raise BadImage("E05", f"the declared crop {declaration.box} is not inside the {width}x{height} reference")
        return declaration.box
    gap = math.log(prediction[0] / prediction[1]) - math.log(width / height)
    if declaration is None and prediction != SQUARE and abs(gap) > _ASPECT_TOLERANCE:
        raise BadImage(
            "E05",
            f"prediction {prediction[0]}x{prediction[1]} and reference {width}x{height} differ in aspect: "
            "declare geometry squash, or crop with its box",
        )
    return None


def size_of(pixels: Pixels) -> Size:
    """(width, height)."""
    return pixels.shape[1], pixels.shape[0]


def fit(pixels: Pixels, size: Size, box: Box | None = None) -> Pixels:
    """Step 4: an image, or the part of it in `box`, at a size by one antialiased bicubic resize.

    Args:
        pixels: H x W or H x W x 3 uint8.
        size: (width, height) of the result.
        box: left, top, right, bottom in pixels of the image, fractions allowed; None for all of it.

    Returns:
        uint8, rounded and clipped by Pillow; the image itself where it has that size and no box is given.
    """
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3):
        raise ValueError(f"fit takes uint8 levels H x W or H x W x 3, not {pixels.dtype} of shape {pixels.shape}")
    if box is None and size_of(pixels) == size:
        return pixels
    return np.array(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC, box=box))


def cut(pixels: Pixels, box: Box | None) -> Pixels:
    """The whole pixels that a box touches, unscaled; the image itself without a box."""
    if box is None:
        return pixels
    left, top, right, bottom = math.floor(box[0]), math.floor(box[1]), math.ceil(box[2]), math.ceil(box[3])
    return pixels[top:bottom, left:right]

"""How pictures become numbers: decoding, grey levels, geometry, size and metrics, fixed under a name and a version.

The same 221 pairs score SSIM 0.06 to 0.76 depending on choices made here alone, so every result names its protocol and
any change of a digit of output is a new version. Sizes are (width, height) as in Pillow; arrays are H x W.
"""

import io
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from bench.metrics import METRICS
from shards.errors import unknown

Size = tuple[int, int]
Box = tuple[float, float, float, float]
GreyImage = npt.NDArray[np.uint8]

INCEPTION_SIZE = 299
_MODES = ("1", "L", "P", "LA", "RGB", "RGBA")
_WIDE_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
_ORIENTATION = 0x0112
_CHROMA_LEVELS, _CHROMA_SHARE = 8, 0.01
_ASPECT_TOLERANCE = 0.01


class BadImage(ValueError):
    """An image, or its declared geometry, that the protocol refuses to score.

    Args:
        code: the checker's code: E03 unreadable, E04 bad mode, E05 geometry, W02 colour, W04 EXIF rotation.
        message: what was found, without the image's name, which the caller knows.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@dataclass(frozen=True)
class MetricUse:
    """A metric as a protocol uses it: its version and the arguments that the protocol fixes."""

    version: int
    arguments: Mapping[str, float]


@dataclass(frozen=True)
class Step:
    """One step of a protocol in plain English."""

    name: str
    text: str


@dataclass(frozen=True)
class Protocol:
    """A named and versioned way to score.

    Attributes:
        id: name@version, the form in which results and tables carry it.
        version: the number behind the @.
        title: one line for people.
        size: side in pixels of the square at which images are compared.
        resample: the filter that brings them there.
        metrics: by name, in the order of tables.
        steps: what is done, in order.
    """

    id: str
    version: int
    title: str
    size: int
    resample: Literal["bicubic"]
    metrics: Mapping[str, MetricUse]
    steps: tuple[Step, ...]

    def measure(self, metric: str, predictions: npt.NDArray[Any], references: npt.NDArray[Any]) -> float:
        """One value of a metric with this protocol's arguments, on what the metric's `needs` and `kind` say.

        Raises:
            UserError: the protocol does not use this metric.
        """
        if metric not in self.metrics:
            raise unknown("metric", metric, self.metrics, hint=f"protocol {self.id}")
        return METRICS[metric].resolve()(predictions, references, **self.metrics[metric].arguments)


@dataclass(frozen=True)
class Geometry:
    """What a submission says its predictions show.

    Attributes:
        kind: "squash" is the whole reference frame at any aspect; "crop" is the part of it in `box`.
        box: left, top, right, bottom in reference pixels; fractions are allowed.
    """

    kind: Literal["squash", "crop"]
    box: Box | None = None


def names() -> list[str]:
    """The ids of all protocols, sorted."""
    return sorted(_all())


def load(name: str) -> Protocol:
    """The protocol of this id, such as `v2ir-256@1`.

    Raises:
        UserError: there is none of this name and version.

    >>> load("v2ir-256@1").size
    256
    """
    protocols = _all()
    if name not in protocols:
        raise unknown("protocol", name, protocols)
    return protocols[name]


def parse(text: str) -> Protocol:
    """A protocol from its TOML.

    Raises:
        ValueError: the id and version disagree, or it asks for a filter or a metric's version that is not here.
    """
    fields = tomllib.loads(text)
    metrics = {
        name: MetricUse(table["version"], {key: value for key, value in table.items() if key != "version"})
        for name, table in fields.pop("metrics").items()
    }
    steps = tuple(Step(**step) for step in fields.pop("steps"))
    protocol = Protocol(**fields, metrics=metrics, steps=steps)
    if not protocol.id.endswith(f"@{protocol.version}"):
        raise ValueError(f"protocol {protocol.id} is of version {protocol.version}")
    if protocol.resample != "bicubic":
        raise ValueError(f"protocol {protocol.id} resizes by {protocol.resample}, which fit does not know")
    for name, use in metrics.items():
        if name not in METRICS or METRICS[name].version != use.version:
            raise ValueError(f"protocol {protocol.id} wants metric {name} of version {use.version}, not here")
    return protocol


def decode_grey(source: bytes | Path, *, allow_colour: bool = False) -> GreyImage:
    """Steps 1 and 2: the grey levels of an encoded image at its stored size.

    Args:
        source: the file's bytes, or its path.
        allow_colour: accept a picture in false colour and take its luma; for submissions that declare it and for
            visible images.

    Returns:
        H x W uint8. An image whose three channels are equal gives that channel exactly.

    Raises:
        BadImage: E03 cannot be read; E04 more than 8 bits, transparent, or another mode; W04 rotated by EXIF; W02 in
            colour, without leave.
    """
    image, wide, orientation = _open(source)
    if image.mode in _WIDE_MODES or wide:
        raise BadImage(
            "E04", f"mode {image.mode} of more than 8 bits needs radiometric mapping, which its dataset declares"
        )
    if image.mode not in _MODES:
        raise BadImage("E04", f"mode {image.mode} is not one of {', '.join(_MODES)}")
    if orientation != 1:
        raise BadImage("W04", f"EXIF orientation {orientation}: store the pixels upright and drop the tag")
    if image.has_transparency_data and image.convert("RGBA").getchannel("A").getextrema()[0] != 255:
        raise BadImage("E04", "transparent pixels have no grey level: flatten the image first")
    if image.mode == "L":
        return np.array(image)  # a copy: Pillow lends its pixels read-only
    colour = image.convert("RGB")
    if not allow_colour:
        _refuse_false_colour(np.asarray(colour))
    return np.array(colour.convert("L"))


def check_geometry(
    prediction_size: Size, reference_size: Size, declared: Geometry | None = None, *, size: int = 256
) -> Box | None:
    """Step 3: which part of the reference the prediction is compared with.

    A prediction made from a cropped input and scored against the whole reference costs even a perfect model most of its
    score, so a difference in aspect has to be declared.

    Args:
        prediction_size: (width, height) as stored.
        reference_size: (width, height) as stored.
        declared: what the submission says, None where it says nothing.
        size: the protocol's size; a prediction of exactly size x size is taken as the whole frame.

    Returns:
        The box to cut from the reference, None for all of it: the `box` argument of `fit` for the reference.

    Raises:
        BadImage: E05, aspects differ and nothing is declared, or the declared box is not inside the reference.

    >>> check_geometry((512, 384), (1024, 768))
    >>> check_geometry((512, 448), (640, 512), Geometry("crop", (27.43, 0, 612.57, 512)))
    (27.43, 0, 612.57, 512)
    """
    width, height = reference_size
    if declared is not None and declared.kind == "crop":
        if declared.box is None:
            raise BadImage("E05", "the declared crop has no box")
        left, top, right, bottom = declared.box
        if not (0 <= left < right <= width and 0 <= top < bottom <= height):
            raise BadImage("E05", f"the declared crop {declared.box} is not inside the {width}x{height} reference")
        return declared.box
    aspect_gap = math.log(prediction_size[0] / prediction_size[1]) - math.log(width / height)
    if declared is None and prediction_size != (size, size) and abs(aspect_gap) > _ASPECT_TOLERANCE:
        raise BadImage(
            "E05",
            f"prediction {prediction_size[0]}x{prediction_size[1]} and reference {width}x{height} differ in aspect: "
            "declare geometry squash, or crop with its box",
        )
    return None


def fit(image: GreyImage, size: int, box: Box | None = None) -> GreyImage:
    """Step 4: an image, or the part of it in `box`, at size x size by one antialiased bicubic resize.

    Args:
        image: H x W uint8.
        size: side of the result, pixels.
        box: left, top, right, bottom in pixels of `image`, fractions allowed; None for all of it.

    Returns:
        size x size uint8, rounded and clipped by Pillow; the image itself where it has that size and no box is given.
    """
    if image.dtype != np.uint8 or image.ndim != 2:
        raise ValueError(f"fit takes H x W uint8 grey levels, not {image.dtype} of shape {image.shape}")
    if box is None and image.shape == (size, size):
        return image
    return np.array(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC, box=box))


def inception_input(images: GreyImage) -> npt.NDArray[np.float32]:
    """Step 7: grey images as the FID Inception network takes them, the way of clean-fid's mode "clean".

    Args:
        images: N x H x W uint8, as `fit` leaves them.

    Returns:
        N x 3 x 299 x 299 float32 in [-1, 127/128], three equal channels.
    """
    shape = (INCEPTION_SIZE, INCEPTION_SIZE)
    planes = np.empty((len(images), *shape), np.float32)
    for plane, image in zip(planes, images, strict=True):
        floating = Image.fromarray(image.astype(np.float32))
        plane[...] = np.asarray(floating.resize(shape, Image.Resampling.BICUBIC))
    # The filter overshoots at edges. Clipped as 8-bit pixels would be, but not rounded.
    planes = (planes.clip(0.0, 255.0) - np.float32(128.0)) / np.float32(128.0)
    return np.repeat(planes[:, None], 3, axis=1)


@cache
def _all() -> dict[str, Protocol]:
    files = [file for file in resources.files("bench.protocols").iterdir() if file.name.endswith(".toml")]
    protocols = [parse(file.read_text(encoding="utf-8")) for file in files]
    return {protocol.id: protocol for protocol in protocols}


def _open(source: bytes | Path) -> tuple[Image.Image, bool, int]:
    """The first frame decoded, whether it was stored with 16 bits per channel, and its EXIF orientation."""
    try:
        data = source if isinstance(source, bytes) else source.read_bytes()
        image = Image.open(io.BytesIO(data))
        # Pillow drops the low byte of 16-bit RGB without a word; only the raw mode of its tiles tells before loading.
        wide = any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))
        image.load()
        orientation = int(image.getexif().get(_ORIENTATION, 1))
    except Exception as error:  # each of Pillow's decoders raises errors of its own kind on damaged bytes
        raise BadImage("E03", f"cannot be read as an image ({type(error).__name__}: {error})") from error
    return image, wide, orientation


def _refuse_false_colour(colour: npt.NDArray[np.uint8]) -> None:
    """Stops an iron or rainbow palette, whose luma is not the temperature that it shows."""
    spread = colour.max(axis=2) - colour.min(axis=2)
    share = float((spread > _CHROMA_LEVELS).mean())
    if share > _CHROMA_SHARE:
        raise BadImage("W02", f"{share:.0%} of the pixels are in colour: save grey levels, or declare the colour")

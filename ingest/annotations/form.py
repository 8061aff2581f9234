"""The one form that object annotations take, whatever format they come in.

A declaration names a format; `BoxFiles.of` gives the boxes of one sample. A file may serve one sample or many
(COCO, tracker rows): it is parsed once, and each sample picks its own.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NotRequired, TypedDict

from ingest.template import Fields, Template

Side = Literal["both", "visible", "infrared"]
Size = tuple[int, int]
"""Width and height."""

Corners = tuple[float, float, float, float]
"""x0, y0, x1, y1: from 0, half open."""


class Found(TypedDict):
    """A box as its file has it.

    Attributes:
        occlusion: as the source grades it, empty where it does not.
        side: where the file tells it box by box.
    """

    label: str
    corners: Corners
    occlusion: str
    side: NotRequired[Side]


@dataclass(frozen=True)
class BoxFiles:
    """Where annotation files lie, and how one is read.

    Attributes:
        template: with its extension; joined to samples by shared fields.
        parse: bytes of a file -> its content; a ValueError makes a failed row.
        pick: (content, fields of the sample, its size) -> boxes in pixels of the annotated image; likewise.
        side: the image on which they were drawn, where they do not hold for both.
        window: the part of the annotated image that the stored one shows, where the two are not the same: a border
            was cut off, or the annotated image has another size.
        labels: names for labels that the files misspell, or give as numbers.
    """

    template: Template
    parse: Callable[[bytes], Any]
    pick: Callable[[Any, Fields, Size], Sequence[Found]]
    side: Side = "both"
    window: Corners | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    def of(
        self, content: Any, fields: Fields, size: Size, *, raw_size: Size | None = None, border: int = 0
    ) -> list[dict[str, Any]]:
        """Boxes of one sample as a part's row holds them: label, x0, y0, x1, y1, side, occlusion.

        They are cut to the picture; those that lie outside of it, or have no area, are left out.

        Args:
            content: what `parse` made of the file.
            fields: of the sample's paths.
            size: of the stored image.
            raw_size: of the raw image, where it has another.
            border: pixels that were cut off each edge of the raw image, before the rest was brought to `size`.

        Raises:
            ValueError: the content holds something that is no box.
        """
        raw = raw_size or size
        left, top, right, bottom = self.window or (border, border, raw[0] - border, raw[1] - border)
        across, down = size[0] / (right - left), size[1] / (bottom - top)
        boxes = []
        for box in self.pick(content, fields, raw):
            x0, x1 = (_clip((x - left) * across, size[0]) for x in box["corners"][::2])
            y0, y1 = (_clip((y - top) * down, size[1]) for y in box["corners"][1::2])
            if x0 < x1 and y0 < y1:
                label = self.labels.get(box["label"], box["label"])
                edges = {"x0": x0, "y0": y0, "x1": x1, "y1": y1}
                side = box.get("side", self.side)
                boxes.append({"label": label, **edges, "side": side, "occlusion": box["occlusion"]})
        return boxes


def found(label: str, corners: Corners, occlusion: str = "") -> Found:
    """A box that is not inside out.

    Raises:
        ValueError: it is.
    """
    x0, y0, x1, y1 = corners
    if not (x0 <= x1 and y0 <= y1):
        raise ValueError(f"a box from ({x0:g}, {y0:g}) to ({x1:g}, {y1:g})")
    return {"label": label, "corners": corners, "occlusion": occlusion}


def around(xs: Sequence[float], ys: Sequence[float]) -> Corners:
    """The upright box around some points.

    >>> around([4, 1, 2], [7, 9, 8])
    (1, 7, 4, 9)
    """
    return min(xs), min(ys), max(xs), max(ys)


def around_turned(cx: float, cy: float, width: float, height: float, angle: float) -> Corners:
    """The upright box around one that is turned about its centre by an angle in radians.

    >>> around_turned(10, 10, 4, 2, 0)
    (8.0, 9.0, 12.0, 11.0)
    """
    cos, sin = abs(math.cos(angle)), abs(math.sin(angle))
    across, down = (width * cos + height * sin) / 2, (width * sin + height * cos) / 2
    return cx - across, cy - down, cx + across, cy + down


def sized(x: float, y: float, width: float, height: float) -> Corners:
    """Corners from the first corner and the size."""
    return x, y, x + width, y + height


def centred(cx: float, cy: float, width: float, height: float) -> Corners:
    """Corners from the centre and the size."""
    return cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2


def numbers(values: Any, count: int | None = None) -> list[float]:
    """Finite numbers from a list of numbers or texts.

    Raises:
        ValueError: it is no list, another `count` is wanted, or one is no finite number.
    """
    if not isinstance(values, list | tuple) or any(isinstance(v, bool) for v in values):
        raise ValueError(f"{values!r} where numbers should be")
    if count is not None and len(values) != count:
        raise ValueError(f"{len(values)} fields, not {count}")
    try:
        converted = [float(value) for value in values]
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{values!r} where numbers should be") from None
    if not all(map(math.isfinite, converted)):
        raise ValueError(f"{values!r} where finite numbers should be")
    return converted


def whole(content: Sequence[Found], fields: Fields, size: Size) -> Sequence[Found]:
    """`pick` of a file that serves one sample."""
    return content


def _clip(value: float, end: int) -> float:
    return min(max(value, 0.0), float(end))

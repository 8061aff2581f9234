"""Object annotations that come with a source, in one form: label and pixel xyxy of the stored image."""

import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ingest.template import Template

Box = dict[str, Any]


@dataclass(frozen=True)
class Boxes:
    """Where annotation files lie, and how one is read.

    Attributes:
        template: with its extension; joins a pair by their shared fields.
        read: bytes of the file -> boxes.
    """

    template: Template
    read: Callable[[bytes], list[Box]]


def voc(template: str) -> Boxes:
    """Pascal VOC XML: corners are 1-based and inclusive there, 0-based and half open here."""
    return Boxes(Template(template, image=False), read_voc)


def read_voc(data: bytes) -> list[Box]:
    """Boxes of one VOC file.

    Raises:
        ValueError: the file is no VOC XML, or a box lacks a corner or is inside out.
    """
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise ValueError(f"not XML ({error})") from None
    return [_voc_object(item) for item in root.iter("object")]


def _voc_object(item: ElementTree.Element) -> Box:
    corners = item.find("bndbox")
    if corners is None:
        raise ValueError("an object without a bndbox")
    x0, y0, x1, y1 = (float(corners.findtext(edge, "")) for edge in ("xmin", "ymin", "xmax", "ymax"))
    if not (math.isfinite(x0 + y0) and x0 <= x1 < math.inf and y0 <= y1 < math.inf):
        raise ValueError(f"a box from ({x0:g}, {y0:g}) to ({x1:g}, {y1:g})")
    label = (item.findtext("name") or "").strip()
    occlusion = (item.findtext("occluded") or item.findtext("difficult") or "").strip()
    return {"label": label, "x0": x0 - 1, "y0": y0 - 1, "x1": x1, "y1": y1, "side": "both", "occlusion": occlusion}

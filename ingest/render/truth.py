"""What a picture shows, known exactly: boxes, as Pascal VOC, and the map of its regions."""

from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

from ingest.render.mesh import Array, Thing
from ingest.render.picture import Picture
from ingest.render.scene import OVERSAMPLING

SMALLEST_BOX = 12.0  # visible pixels
SMALLEST_REGION = 24  # pixels; smaller regions count as what lies around them


@dataclass(frozen=True, eq=False)
class Visible:
    """A thing as far as it is seen.

    Attributes:
        thing: all of it.
        box: left, top, right, bottom in pixels, half open; encloses what is seen of it.
        area: pixels seen.
        cut: whether the box touches the border of the image.
    """

    thing: Thing
    box: tuple[int, int, int, int]
    area: float
    cut: bool


def visible(picture: Picture) -> list[Visible]:
    """People and vehicles of which at least `SMALLEST_BOX` pixels are seen, in the order of the picture's things."""
    found = []
    height, width = picture.infrared.shape
    areas = np.bincount(picture.owner[picture.owner >= 0], minlength=len(picture.things)) / OVERSAMPLING**2
    for number, thing in enumerate(picture.things):
        if not thing.label or areas[number] < SMALLEST_BOX:
            continue
        mask = picture.owner == number
        columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
        left, top = int(columns[0]) // OVERSAMPLING, int(rows[0]) // OVERSAMPLING
        right, bottom = int(columns[-1]) // OVERSAMPLING + 1, int(rows[-1]) // OVERSAMPLING + 1
        cut = left == 0 or top == 0 or right == width or bottom == height
        found.append(Visible(thing, (left, top, right, bottom), float(areas[number]), cut))
    return found


def voc_xml(name: str, size: tuple[int, int], seen: list[Visible]) -> str:
    """Pascal VOC annotation; its corners are 1-based and inclusive.

    Args:
        name: of the image file.
        size: (width, height).
        seen: what is annotated.
    """
    root = ElementTree.Element("annotation")
    ElementTree.SubElement(root, "filename").text = name
    _fields(ElementTree.SubElement(root, "size"), width=size[0], height=size[1], depth=3)
    for item in seen:
        node = ElementTree.SubElement(root, "object")
        _fields(node, name=item.thing.label, truncated=int(item.cut), difficult=0)
        left, top, right, bottom = item.box
        _fields(ElementTree.SubElement(node, "bndbox"), xmin=left + 1, ymin=top + 1, xmax=right, ymax=bottom)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def region_map(picture: Picture) -> Array:
    """(height, width) uint8: 255 within regions, 0 on the thin gaps between them.

    In the manner of DiffV2IR's maps, where all masks of a picture are drawn into one: the union of segments, whose
    outlines show as gaps.
    """
    step = OVERSAMPLING
    owner, part = picture.owner[::step, ::step].astype(np.int64), picture.part[::step, ::step]
    _, region = np.unique(owner * (int(part.max()) + 1) + part, return_inverse=True)
    region = region.reshape(owner.shape)
    large = (np.bincount(region.ravel()) >= SMALLEST_REGION)[region]
    gap = np.zeros(region.shape, bool)
    for here, there in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1])):
        border = (region[here] != region[there]) & large[here] & large[there]
        gap[here] |= border
        gap[there] |= border
    return np.where(gap, 0, 255).astype(np.uint8)


def _fields(node: ElementTree.Element, **values: str | int) -> None:
    for name, value in values.items():
        ElementTree.SubElement(node, name).text = str(value)

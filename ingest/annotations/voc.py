"""Pascal VOC XML, one file per image, with the turned boxes that aerial datasets put into it."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ingest.annotations.form import BoxFiles, Found, around, around_turned, found, numbers, whole
from ingest.template import Template

_POINTS = [f"{axis}{i}" for i in range(1, 5) for axis in "xy"]


def voc(template: str, *, first: Literal[0, 1] = 1, **options: Any) -> BoxFiles:
    """`bndbox`, `robndbox` (roLabelImg) or `polygon` of four corners (DroneVehicle) per object.

    Turned boxes become the upright ones around them. `pose` and `depth` mean nothing here: HIT-UAV keeps the
    camera's pitch in the one, and says 1 in the other.

    Args:
        template: of the file, with extension.
        first: number of the first pixel in `bndbox`. 1: corners are inclusive, as VOC has it. 0: they are half open,
            as in HIT-UAV, whose XML and COCO files agree to the pixel and reach from 0 to 640.
        options: `side`, `window`, `labels` of BoxFiles.
    """
    return BoxFiles(Template(template, image=False), _Parse(first), whole, **options)


@dataclass(frozen=True)
class _Parse:
    first: int

    def __call__(self, data: bytes) -> list[Found]:
        """Boxes of one file.

        Raises:
            ValueError: it is no XML, or an object has no whole shape.
        """
        try:
            root = ElementTree.fromstring(data)
        except ElementTree.ParseError as error:
            raise ValueError(f"not XML ({error})") from None
        return [self._object(item) for item in root.iter("object")]

    def _object(self, item: ElementTree.Element) -> Found:
        label = (item.findtext("name") or "").strip()
        occlusion = (item.findtext("occluded") or item.findtext("difficult") or "").strip()
        if (shape := item.find("bndbox")) is not None:
            x0, y0, x1, y1 = _texts(shape, ("xmin", "ymin", "xmax", "ymax"))
            return found(label, (x0 - self.first, y0 - self.first, x1, y1), occlusion)
        if (shape := item.find("robndbox")) is not None:
            cx, cy, width, height, angle = _texts(shape, ("cx", "cy", "w", "h", "angle"))
            return found(label, around_turned(cx, cy, width, height, angle), occlusion)
        if (shape := item.find("polygon")) is not None:
            points = _texts(shape, _POINTS)
            return found(label, around(points[::2], points[1::2]), occlusion)
        raise ValueError("an object without bndbox, robndbox or polygon")


def _texts(shape: ElementTree.Element, names: Sequence[str]) -> list[float]:
    return numbers([shape.findtext(name, "") for name in names])

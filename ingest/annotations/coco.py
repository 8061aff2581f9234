"""COCO JSON, one file for many images, and what publishers make of it."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from ingest.annotations.form import BoxFiles, Corners, Found, Size, around_turned, found, numbers, sized
from ingest.template import Fields, Template, fill

Boxes = list[Found] | str
"""Of one image; a text says what is wrong with them."""


def coco(template: str, name: str = "{id}", **options: Any) -> BoxFiles:
    """Boxes `x y w h`, or `cx cy w h angle` with the angle in radians, which become the upright ones around them.

    HIT-UAV has `filename` for `file_name` and, in one of its two versions, `annotation` for `annotations`; its ids go
    on from file to file. FLIR's file names have folders before them.

    Args:
        template: of the file, with extension.
        name: template of a sample's file name in it, without folder and extension.
        options: `side`, `window`, `labels` of BoxFiles.
    """
    return BoxFiles(Template(template, image=False), parse_coco, _Named(name), **options)


@dataclass(frozen=True)
class _Named:
    name: str

    def __call__(self, boxes: Mapping[str, Boxes], fields: Fields, size: Size) -> list[Found]:
        own = boxes.get(fill(self.name, fields), [])
        if isinstance(own, str):
            raise ValueError(own)
        return own


def parse_coco(data: bytes) -> dict[str, Boxes]:
    """Boxes by file name without folder and extension; an annotation that is wrong spoils those of its image alone.

    Annotations of images that are not listed belong to no file, and are left out.

    Raises:
        ValueError: no COCO JSON; an annotation of no image at all; two images of one name or id.
    """
    content = json.loads(data)
    images, rows = _list(content, "images"), _list(content, "annotations", "annotation")
    categories = _list(content, "categories") if "categories" in content else []
    labels = {_id(c, "id"): str(_value(c, "name")) for c in categories}
    stems = {_id(i, "id"): _stem(_value(i, "file_name", "filename")) for i in images}
    if len(set(stems.values())) != len(images):
        raise ValueError("two images have one name or one id")
    boxes: dict[str, list[Found]] = defaultdict(list)
    wrong: dict[str, str] = {}
    for row in rows:
        stem = stems.get(_id(row, "image_id"))
        if stem is None:
            continue
        try:
            boxes[stem].append(_box(row, labels))
        except ValueError as error:
            wrong.setdefault(stem, str(error))
    return {**boxes, **wrong}


def _box(row: Mapping[str, Any], labels: Mapping[int | str, str]) -> Found:
    category = _id(row, "category_id")
    if labels and category not in labels:
        raise ValueError(f"an annotation of category {category!r}, which is not listed")
    label = labels.get(category, str(category))  # some keep the names in a file of their own
    return found(label, _corners(_value(row, "bbox")), _occlusion(row))


def _corners(bbox: Any) -> Corners:
    values = numbers(bbox)
    if len(values) == 5:
        return around_turned(*values)
    if len(values) == 4:
        return sized(*values)
    raise ValueError(f"a bbox of {len(values)} numbers, not 4 or 5")


def _occlusion(row: Mapping[str, Any]) -> str:
    grade = next((row[key] for key in ("occluded", "occlusion", "difficult") if row.get(key) is not None), "")
    return str(int(grade) if isinstance(grade, bool) else grade)


def _stem(name: Any) -> str:
    return PurePosixPath(str(name).replace("\\", "/")).stem


def _id(entry: Any, key: str) -> int | str:
    value = _value(entry, key)
    if not isinstance(value, int | str):
        raise ValueError(f"{key} {value!r} is no number or text")
    return value


def _list(content: Any, *keys: str) -> list[Any]:
    value = _value(content, *keys)
    if not isinstance(value, list):
        raise ValueError(f"{keys[0]} is no list")
    return value


def _value(entry: Any, *keys: str) -> Any:
    """What a JSON object has under the first of these keys that it has."""
    for key in keys:
        if isinstance(entry, dict) and key in entry:
            return entry[key]
    raise ValueError(f"an entry without {' or '.join(keys)}")

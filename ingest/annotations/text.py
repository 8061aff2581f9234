"""Text files with a row per object or per frame: YOLO, bbGt (KAIST), trackers' rows, CVC-14, VEDAI, NII-CU."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ingest.annotations.form import BoxFiles, Found, Side, Size, around, centred, found, numbers, sized, whole
from ingest.matching import Match
from ingest.template import Fields, Template, Value, fill
from ingest.tree import Folder

Rows = Sequence[Sequence[str]]


def yolo(template: str, classes: Sequence[str], *, side: Side = "both") -> BoxFiles:
    """YOLO, one file per image: `class cx cy w h`, maybe a confidence, or the corners of a polygon; all 0 to 1.

    Args:
        template: of the file, with extension.
        classes: names in the order of their numbers, which differs between copies of one dataset: M3FD's readme and
            TarDAL's loader swap Lamp and Motorcycle.
        side: of BoxFiles.
    """
    return BoxFiles(Template(template, image=False), parse_rows, _Yolo(tuple(classes)), side)


def bbgt(template: str, **options: Any) -> BoxFiles:
    """Version 3 of bbGt (Dollar's toolbox; KAIST): `label x y w h occlusion` and six more numbers per object.

    Occlusion is 0 for none, 1 partial, 2 heavy. A file with nothing but its header is an image without objects.
    """
    return BoxFiles(Template(template, image=False), parse_bbgt, whole, **options)


def tracker(
    template: str,
    *,
    label: str,
    frame: str = "{frame}",
    first: int | str = 0,
    every: int = 1,
    corners: bool = False,
    **options: Any,
) -> BoxFiles:
    """Rows of a tracking sequence: one box `x y w h` per frame, separated by blanks or commas.

    A target that is out of sight has a size of nan, or of 0 or less. Rows that no frame asks for do no harm (VTUAV's
    ir.txt ends in an empty one). The two sides have boxes of their own: give a declaration for each.

    Args:
        template: of the file, with extension; shares the sequence with the images.
        label: template of the object's class over the sample's fields; plain text is the class itself.
        frame: template of the frame's number.
        first: number of the frame that the first row is for, or a template of it: `{first}` beside `FirstFrame`.
        every: frames from one row to the next; those between have no box (VTUAV: 10).
        corners: rows are `x0 y0 x1 y1` (GTOT). Eight numbers are four corners in any case.
        options: `side`, `window`, `labels` of BoxFiles.
    """
    pick = _Tracked(label, frame, str(first), every, corners)
    return BoxFiles(Template(template, image=False), parse_rows, pick, **options)


@dataclass(frozen=True)
class FirstFrame:
    """Adds `first`, the smallest frame number of a sample's sequence on either side, which `tracker` counts rows from.

    For releases with a row per frame whose frames begin at 0 or at 1, which the release does not say: a Matching. A
    sequence from which somebody took the first frames gets the boxes of others.

    Attributes:
        images: templates of the images, each with `{frame:d}` in the file's name alone; folders tell the sequence.
    """

    images: Sequence[str]
    fields: ClassVar[tuple[str, ...]] = ("first",)

    def open(self, folder: Folder) -> Match:
        """Looks for the first frames of all sequences below a folder."""
        first: dict[tuple[Value, ...], int] = {}
        templates = [Template(text) for text in self.images]
        names = sorted(templates[0].fields - {"frame"})
        for above, entries in folder.tree.folders.items():
            for template in templates if above.startswith(folder.root) else ():
                match = template.below(above)
                found = [at for entry in entries if (at := match(entry.path))] if match else []
                if found and found[0][0] == folder.root:
                    place = template.names.index("frame")
                    told = dict(zip(template.names, found[0][1], strict=True))  # all but the frame hold for the folder
                    sequence = tuple([told[name] for name in names])
                    frames = [int(values[place]) for _, values in found]
                    first[sequence] = min([*frames, first.get(sequence, frames[0])])

        return lambda side, fields: (first[tuple([fields[name] for name in names])],)


def cvc14(template: str, **options: Any) -> BoxFiles:
    """CVC-14, one file per side: `cx cy w h` and seven more numbers per pedestrian, the first pixel being 1."""
    return BoxFiles(Template(template, image=False), parse_rows, _Each(_cvc14), **options)


def vedai(template: str, **options: Any) -> BoxFiles:
    """VEDAI: `cx cy angle class contained occluded x1..x4 y1..y4`; the class is a number, which `labels` names."""
    return BoxFiles(Template(template, image=False), parse_rows, _Each(_vedai), **options)


def nii_cu(template: str, **options: Any) -> BoxFiles:
    """NII-CU MAPD: `x0 y0 x1 y1 type occluded bad` in pixels of the visible image; what is marked bad is left out.

    Type 0 was seen on both sides, 1 on the thermal one alone, 2 on the visible one alone.
    """
    return BoxFiles(Template(template, image=False), parse_rows, _Each(_nii_cu), **options)


def parse_rows(data: bytes) -> list[list[str]]:
    """Fields of each row, separated by blanks, tabs or commas. Empty rows stay, since trackers count them."""
    return [re.findall(r"[^\s,]+", row) for row in data.decode("utf-8-sig").splitlines()]


def parse_bbgt(data: bytes) -> list[Found]:
    """Boxes of one bbGt file.

    Raises:
        ValueError: it has another header, or a row of another form.
    """
    header, *rows = parse_rows(data) or [[]]
    if header != ["%", "bbGt", "version=3"]:
        raise ValueError(f"begins with {' '.join(header)[:40]!r}, not with '% bbGt version=3'")
    boxes = []
    for label, *values in filter(None, rows):
        corners = numbers(values, 11)[:4]
        boxes.append(found(label, sized(*corners), values[4]))
    return boxes


@dataclass(frozen=True)
class _Yolo:
    classes: tuple[str, ...]

    def __call__(self, rows: Rows, fields: Fields, size: Size) -> list[Found]:
        return [self._row(row, size) for row in rows if row]

    def _row(self, row: Sequence[str], size: Size) -> Found:
        number, *values = numbers(row)
        if number not in range(len(self.classes)):
            raise ValueError(f"class {row[0]}, but {len(self.classes)} classes are named")
        if any(not -0.01 <= value <= 1.01 for value in values):
            raise ValueError(f"{' '.join(row)}: positions are shares of the image, from 0 to 1")
        if len(values) in {4, 5}:
            x0, y0, x1, y1 = centred(*values[:4])
        elif len(values) >= 6 and len(values) % 2 == 0:
            x0, y0, x1, y1 = around(values[::2], values[1::2])
        else:
            raise ValueError(f"a row of {len(row)} fields")
        width, height = size
        return found(self.classes[int(number)], (x0 * width, y0 * height, x1 * width, y1 * height))


@dataclass(frozen=True)
class _Tracked:
    label: str
    frame: str
    first: str
    every: int
    corners: bool

    def __call__(self, rows: Rows, fields: Fields, size: Size) -> list[Found]:
        index, between = divmod(int(fill(self.frame, fields)) - int(fill(self.first, fields)), self.every)
        if between or not 0 <= index < len(rows) or any(text.lower() == "nan" for text in rows[index]):
            return []
        values = numbers(rows[index])
        if len(values) == 8:
            return [found(fill(self.label, fields), around(values[::2], values[1::2]))]
        if len(values) not in {0, 4}:
            raise ValueError(f"row {index + 1} has {len(values)} numbers, not 4 or 8")
        x0, y0, x1, y1 = (values if self.corners else sized(*values)) if values else (0.0, 0.0, 0.0, 0.0)
        return [found(fill(self.label, fields), (x0, y0, x1, y1))] if x0 < x1 and y0 < y1 else []


@dataclass(frozen=True)
class _Each:
    row: Callable[[Sequence[str]], Found | None]

    def __call__(self, rows: Rows, fields: Fields, size: Size) -> list[Found]:
        return [box for row in rows if row and (box := self.row(row)) is not None]


def _cvc14(row: Sequence[str]) -> Found:
    cx, cy, width, height = numbers(row, 11)[:4]
    return found("pedestrian", centred(cx - 1, cy - 1, width, height))


def _vedai(row: Sequence[str]) -> Found:
    values = numbers(row, 14)
    return found(row[3], around(values[6:10], values[10:]), row[5])


def _nii_cu(row: Sequence[str]) -> Found | None:
    x0, y0, x1, y1, kind, _, bad = numbers(row, 7)
    if kind not in _NII_CU_SIDES:
        raise ValueError(f"type {row[4]}, not 0, 1 or 2")
    return None if bad else found("person", (x0, y0, x1, y1), row[5]) | {"side": _NII_CU_SIDES[kind]}


_NII_CU_SIDES: dict[float, Side] = {0: "both", 1: "infrared", 2: "visible"}

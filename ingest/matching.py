"""Pairing that templates cannot say: the two sides' names agree only through a table, a shift, or a folder's habits."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import ClassVar, Literal, Protocol

from ingest.template import Fields, Value, fill
from ingest.tree import Folder
from shards.errors import UserError
from shards.image import SUFFIXES

Side = Literal["visible", "infrared"]
Match = Callable[[Side, Fields], tuple[Value, ...] | None]
"""From the fields of one side's path to the values that a rule adds; None for what is no side of any sample."""


class Matching(Protocol):
    """A rule that gives the files of both sides further fields, by which they are joined."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of what it adds."""

    def open(self, folder: Folder) -> Match:
        """The rule for one copy of a dataset."""


@dataclass(frozen=True)
class Told:
    """Fields that no folder tells in this layout, and that hold all the same.

    Attributes:
        values: template over the fields of the path, by name.
    """

    values: Mapping[str, str]

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of what it adds."""
        return tuple(self.values)

    def open(self, folder: Folder) -> Match:
        """Looks at nothing."""
        return lambda side, fields: tuple([fill(text, fields) for text in self.values.values()])


@dataclass(frozen=True)
class NameTable:
    """A flat JSON object, visible file name -> infrared file name; adds `id`, the infrared name without extension.

    Attributes:
        file: path below the dataset's folder.
        visible: field that holds the visible name.
        infrared: field that holds the infrared name.
    """

    file: str
    visible: str
    infrared: str
    fields: ClassVar[tuple[str, ...]] = ("id",)

    def open(self, folder: Folder) -> Match:
        """Reads the table.

        Raises:
            UserError: it is not there, or is no such object.
        """
        data = folder.read(self.file)
        if data is None:
            raise UserError(f"{self.file} is not there, and without it nothing pairs", "unpack it beside the images")
        try:
            table = {_stem(seen): _stem(heat) for seen, heat in json.loads(data).items()}
        except (ValueError, AttributeError, TypeError) as error:
            raise UserError(f"{self.file} is no JSON object of names ({error})", "fetch it again") from None

        def match(side: Side, fields: Fields) -> tuple[Value, ...] | None:
            if side == "infrared":
                return (fields[self.infrared],)
            partner = table.get(str(fields[self.visible]))
            return None if partner is None else (partner,)

        return match


@dataclass(frozen=True)
class Shifts:
    """Two cameras that numbered the frames of one series apart; adds `id`, the infrared name.

    Attributes:
        visible: field that holds the visible name.
        infrared: field that holds the infrared name.
        series: beginning of the names that are shifted, with digits behind it; all other names agree.
        shifts: (first, last, shift): visible frame k of such a range goes with infrared frame k + shift. What is in no
            range has no partner.
        alone: infrared frames without a partner, whatever the ranges say.
    """

    visible: str
    infrared: str
    series: str
    shifts: Sequence[tuple[int, int, int]]
    alone: frozenset[int] = frozenset()
    fields: ClassVar[tuple[str, ...]] = ("id",)

    def open(self, folder: Folder) -> Match:
        """The rule; it looks into no file."""

        def match(side: Side, fields: Fields) -> tuple[Value, ...] | None:
            if side == "infrared":
                return (fields[self.infrared],)
            name = str(fields[self.visible])
            found = re.fullmatch(rf"{re.escape(self.series)}(\d+)", name)
            return self._shifted(found[1]) if found else (name,)

        return match

    def _shifted(self, digits: str) -> tuple[Value, ...] | None:
        number = int(digits)
        for first, last, shift in self.shifts:
            if first <= number <= last and number + shift not in self.alone:
                return (f"{self.series}{number + shift:0{len(digits)}d}",)
        return None


@dataclass(frozen=True)
class SceneFolders:
    """Each folder is a scene, and words in the names tell the sides; adds `place` and `id`.

    Within a folder files go together by the last number of their names, or because there is but one of each side.
    Folders named after a side (`thermal`, `visual`) belong to the folder above.

    Attributes:
        paths: templates of a visible and of an infrared path below the dataset's folder, without extension.
        visible: words that tell a visible image, in a file's name or as its folder.
        infrared: likewise; a name that has words of both, or of neither, is no side.
    """

    paths: tuple[str, str]
    visible: frozenset[str]
    infrared: frozenset[str]
    fields: ClassVar[tuple[str, ...]] = ("place", "id")

    def open(self, folder: Folder) -> Match:
        """The rule for these folders."""
        count: Counter[tuple[str, Side]] = Counter()
        for entry in folder.tree.entries:
            path = PurePosixPath(entry.path.removeprefix(folder.root))
            if entry.path.startswith(folder.root) and path.suffix.lower() in SUFFIXES:
                place, side, _ = self._read(str(path.with_suffix("")))
                if side:
                    count[place.casefold(), side] += 1

        def match(side: Side, fields: Fields) -> tuple[Value, ...] | None:
            place, found, number = self._read(fill(self.paths[side == "infrared"], fields))
            if found != side:
                return None
            only = count[place.casefold(), "visible"] == count[place.casefold(), "infrared"] == 1
            return place, place if only else f"{place}/{number}"

        return match

    def _read(self, path: str) -> tuple[str, Side | None, str]:
        """(place, side if it is one, last number of the name, or the name where it has none)."""
        *folders, name = path.split("/")
        told = {folders[-1].lower()} & (self.visible | self.infrared) if folders else set()
        if told:
            folders.pop()
        words = told or set(re.findall("[a-z]+", name.lower()))
        seen, heat = bool(words & self.visible), bool(words & self.infrared)
        side: Side | None = None if seen == heat else "visible" if seen else "infrared"
        numbers = re.findall(r"\d+", name)
        return "/".join(folders), side, str(int(numbers[-1])) if numbers else name


def _stem(name: str) -> str:
    return PurePosixPath(name).stem

"""Pairing as the user says it, where names do not tell: by sorted order, or by a table."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import ClassVar

from ingest.matching import Match, Side
from ingest.template import Fields, Template, Value, printable
from ingest.tree import Folder
from shards.errors import UserError


@dataclass(frozen=True)
class InOrder:
    """The n-th visible file belongs to the n-th infrared one, numbers in paths counting as numbers; adds `rank`.

    Attributes:
        visible: template of the visible side; shares no field with the other.
        infrared: template of the infrared side.
    """

    visible: str
    infrared: str
    fields: ClassVar[tuple[str, ...]] = ("rank",)

    def open(self, folder: Folder) -> Match:
        """The order of the files below one root.

        Raises:
            UserError: the sides have unequal counts.
        """
        ranks = {"visible": _ranks(self.visible, folder), "infrared": _ranks(self.infrared, folder)}
        seen, heat = len(ranks["visible"]), len(ranks["infrared"])
        if seen != heat:
            raise UserError(
                f"{folder.tree.root} holds {seen:,} files {self.visible} and {heat:,} files {self.infrared}",
                "order pairs equal counts alone: remove what has no partner, or give a table, --pairs FILE.csv",
            )

        def match(side: Side, fields: Fields) -> tuple[Value, ...]:
            return (ranks[side][tuple(fields.values())],)

        return match


@dataclass(frozen=True)
class InTable:
    """A CSV file: to a row a visible and an infrared path, relative to the raw folder; adds `id`, the visible path.

    A first row `visible,infrared` is a header. Sides must have the templates `{visible:**}` and `{infrared:**}`.
    """

    file: str
    fields: ClassVar[tuple[str, ...]] = ("id",)

    def open(self, folder: Folder) -> Match:
        """Reads the table.

        Raises:
            UserError: it cannot be read, is empty, or names a file twice, or one that is not there.
        """
        rows = self._rows()
        if rows and [cell.strip().lower() for cell in rows[0]] == ["visible", "infrared"]:
            del rows[0]
        if not rows or any(len(row) != 2 for row in rows):
            raise UserError(f"{self.file} is no table of pairs", "two columns are wanted: visible,infrared")
        present = {entry.path for entry in folder.tree.entries}
        absent = [path for row in rows for path in row if path not in present]
        if absent:
            raise UserError(
                f"{self.file} names {len(absent):,} files that are not below {folder.tree.root} ({absent[0]} for one)",
                "paths are relative to the raw folder, with / and with their suffix",
            )
        twice = [path for path, count in Counter(path for row in rows for path in row).items() if count > 1]
        if twice:
            raise UserError(f"{self.file} names {twice[0]} twice", "a file belongs to one pair")
        names: dict[Side, dict[str, str]] = {
            "visible": {_name(visible): _name(visible) for visible, _ in rows},
            "infrared": {_name(infrared): _name(visible) for visible, infrared in rows},
        }

        def match(side: Side, fields: Fields) -> tuple[Value, ...] | None:
            name = names[side].get(str(fields[side]))
            return None if name is None else (name,)

        return match

    def _rows(self) -> list[list[str]]:
        try:
            with open(self.file, newline="", encoding="utf-8-sig") as file:
                return [row for row in csv.reader(file) if row]
        except (OSError, ValueError, csv.Error) as error:
            raise UserError(f"{self.file} cannot be read ({error})", "give a CSV file in UTF-8") from None


def in_order(visible: str, infrared: str) -> InOrder:
    """Pairing by order, where both templates may use the same names for their fields."""
    return InOrder(visible, re.sub(r"\{([a-z_]+)", r"{infrared_\1", infrared))


def in_table(file: str) -> InTable:
    """Pairing by a table.

    Raises:
        UserError: there is no such file.
    """
    if not Path(file).is_file():
        raise UserError(f"--pairs {file}: no such file", "give `order`, or a CSV file with two columns", code=2)
    return InTable(str(Path(file).absolute()))


def _ranks(text: str, folder: Folder) -> dict[tuple[Value, ...], int]:
    """Place of each file of a template in the order of paths, by the values of its fields."""
    match = Template(text).matcher()
    found = [(entry.path, matched) for entry in folder.tree.entries if (matched := match(entry.path)) is not None]
    ordered = sorted((_natural(path), values) for path, (root, values) in found if root == folder.root)
    return {values: rank for rank, (_, values) in enumerate(ordered)}


def _natural(path: str) -> Sequence[tuple[int, str]]:
    """So that 2 comes before 10: texts and numbers by turns."""
    return [(int(part), part) if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path)]


def _name(path: str) -> str:
    return printable(str(PurePosixPath(path).with_suffix("")))

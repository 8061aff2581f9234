"""The table: columns, rows and cells, which of them deserve a mark, and the notes that belong below."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from bench.metrics import METRICS
from bench.statistics.ranking import ALPHA
from reports import paper

Direction = Literal["higher", "lower"]
Kind = Literal["measured", "published", "floor", "unranked"]
Mark = Literal["best", "second", "tied"]

_RANKED: tuple[Kind, ...] = ("measured", "published")
GROUP_TITLES = {"control": "controls", "gan": "GAN"}


@dataclass(frozen=True)
class Column:
    """One metric, or one metric on one of several datasets.

    Attributes:
        key: unique in the table.
        direction: which way is better; None where no value is better than another, and nothing is marked.
        digits: decimals shown; marks come from the unrounded numbers.
        scale: the shown value is the raw value times this.
        group: heading over neighbouring columns, empty for none.
    """

    key: str
    title: str
    direction: Direction | None
    digits: int
    scale: float = 1.0
    group: str = ""

    def shown(self, value: float) -> str:
        """A raw value as the table prints it; a rounded zero carries no sign.

        >>> Column("kid", "KID x1000", "lower", 2, scale=1000).shown(0.012345)
        '12.35'
        """
        return f"{value * self.scale:z.{self.digits}f}"


@dataclass(frozen=True)
class Cell:
    """One raw number, or the reason why there is none.

    Attributes:
        value: raw and unrounded; None where missing.
        note: becomes a numbered footnote; required where the value is missing.
        interval: lower and upper end of the 95 % confidence interval, raw.
        method: how the interval was made, or why there is none.
        per_scene: with few scenes, the value of each instead of an interval.
        sd: standard deviation over the seeds that the row stands for, raw.
        p_best: adjusted p-value against the best of the column, where it was tested.

    Raises:
        ValueError: a number is not finite, or a missing value gives no reason.
    """

    value: float | None
    note: str = ""
    interval: tuple[float, float] | None = None
    method: str = ""
    per_scene: Mapping[str, float] | None = None
    sd: float | None = None
    p_best: float | None = None

    @property
    def tied(self) -> bool:
        """Not significantly different from the best of its column."""
        return self.p_best is not None and self.p_best > ALPHA

    def __post_init__(self) -> None:
        if self.value is None and not self.note:
            raise ValueError("a missing value must say why it is missing")
        if not all(map(math.isfinite, (self.value or 0.0, *(self.interval or ())))):
            raise ValueError(f"a cell holds a number that is not finite: {self.value} {self.interval}")


@dataclass(frozen=True)
class Row:
    """One method, or one control.

    Attributes:
        group: rows of one group stand together under this heading.
        kind: measured and published rows are ranked apart; floors are shown and never ranked, nor are rows that are
            not to be held against the others, each of which says why in its notes.
        cells: one per column, by column key.
        notes: footnotes on the label.
        n: test pairs behind the row, None where unknown.
    """

    label: str
    group: str
    kind: Kind
    cells: Mapping[str, Cell]
    notes: tuple[str, ...] = ()
    n: int | None = None


@dataclass(frozen=True)
class Table:
    """What every renderer draws.

    Attributes:
        footnotes: remarks on the whole table; those on rows and cells are numbered by `footnotes`.
        protocol: id of the protocol behind the measured rows, or "unknown".
        fingerprint: of the test subset behind the measured rows, empty where there are none.
        n: test pairs behind the measured rows.

    Raises:
        ValueError: a row lacks a column's cell, or has one too many.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    footnotes: tuple[str, ...] = ()
    protocol: str = "unknown"
    dataset: str = ""
    fingerprint: str = ""
    n: int | None = None

    def __post_init__(self) -> None:
        keys = {column.key for column in self.columns}
        for row in self.rows:
            if row.cells.keys() != keys:
                raise ValueError(f"row {row.label!r} has cells {sorted(row.cells)}, the columns are {sorted(keys)}")


@dataclass(frozen=True)
class Footnotes:
    """The numbered notes of a table, in reading order; equal texts share a number.

    Attributes:
        texts: note 1 first.
        rows: row index -> numbers behind its label.
        cells: (row index, column key) -> number behind the cell.
    """

    texts: tuple[str, ...]
    rows: Mapping[int, tuple[int, ...]]
    cells: Mapping[tuple[int, str], int]


def footnotes(table: Table) -> Footnotes:
    """Numbers the notes of rows and cells."""
    numbers: dict[str, int] = {}
    rows: dict[int, tuple[int, ...]] = {}
    cells: dict[tuple[int, str], int] = {}
    for index, row in enumerate(table.rows):
        rows[index] = tuple(numbers.setdefault(note, len(numbers) + 1) for note in row.notes)
        for column in table.columns:
            if note := row.cells[column.key].note:
                cells[index, column.key] = numbers.setdefault(note, len(numbers) + 1)
    return Footnotes(tuple(numbers), rows, cells)


def marks(table: Table) -> dict[tuple[int, str], Mark]:
    """Best, second and tied of each column, by (row index, column key).

    Compared are the unrounded numbers, among measured rows and among published rows apart; floors are left out.
    Equal numbers share a mark. Where fewer than two rows have a number nothing is marked: nobody was beaten. The second
    may be tied with the best as well: its cell says so.
    """
    found: dict[tuple[int, str], Mark] = {}
    for column in table.columns:
        if column.direction is None:
            continue
        for kind in _RANKED:
            values = {
                index: value
                for index, row in enumerate(table.rows)
                if row.kind == kind and (value := row.cells[column.key].value) is not None
            }
            if len(values) < 2:
                continue
            ranking = sorted(set(values.values()), reverse=column.direction == "higher")
            mark_of: dict[float, Mark] = dict(zip(ranking, ("best", "second"), strict=False))
            found |= {(index, column.key): mark_of[v] for index, v in values.items() if v in mark_of}
            for index in values:
                if table.rows[index].cells[column.key].tied:
                    found.setdefault((index, column.key), "tied")
    return found


def groups(table: Table) -> list[tuple[str, list[int]]]:
    """Neighbouring rows of one group: (heading, row indices), in the table's order."""
    blocks: list[tuple[str, list[int]]] = []
    for index, row in enumerate(table.rows):
        if not blocks or blocks[-1][0] != row.group:
            blocks.append((row.group, []))
        blocks[-1][1].append(index)
    return blocks


def table2(published: paper.Published) -> Table:
    """The paper's own table: its rows under its groups, one group of columns per dataset."""
    columns = tuple(
        replace(column_of(metric, direction), key=f"{name}.{metric}", group=dataset.title)
        for name, dataset in published.datasets.items()
        for metric, direction in published.metrics.items()
    )
    rows = tuple(
        Row(
            label=row.method,
            group=GROUP_TITLES.get(row.group, row.group),
            kind="published",
            cells={
                f"{name}.{metric}": Cell(value)
                for name, scores in row.scores.items()
                for metric, value in scores.items()
            },
        )
        for row in published.rows
    )
    return Table(
        title=published.title,
        columns=columns,
        rows=rows,
        footnotes=(
            f"Source: {published.provenance}.",
            *(f"{dataset.title}: {dataset.note}." for dataset in published.datasets.values()),
            f"Protocol unknown; not stated: {'; '.join(published.unstated)}.",
        ),
        dataset=", ".join(dataset.title for dataset in published.datasets.values()),
    )


def column_of(metric: str, direction: Direction) -> Column:
    """A metric's column; one that the registry does not know stands under its own name."""
    if metric not in METRICS:
        return Column(metric, metric, direction, digits=4)
    known = METRICS[metric]
    return Column(metric, known.title, known.direction, known.digits, known.scale)

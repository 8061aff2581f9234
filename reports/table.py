"""The table: columns, rows and cells, which of them deserve a mark, and the notes that belong below."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bench.metrics import METRICS
from reports import paper
from shards.errors import UserError

Direction = Literal["higher", "lower"]
Kind = Literal["measured", "published", "floor"]
Mark = Literal["best", "second"]

PUBLISHED_BLOCK = "published (protocol unknown)"
BELOW_BASELINE = "below constant baseline: the mean training image scores higher in PSNR and in SSIM"

_RANKED: tuple[Kind, ...] = ("measured", "published")
_FAMILIES = ("control", "gan", "diffusion")
_GROUP_TITLES = {"control": "controls", "gan": "GAN"}
_REQUIRED = ("protocol", "dataset", "subset", "fingerprint", "n", "label", "family", "method", "metrics")


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
        interval: lower and upper end of the confidence interval, raw.

    Raises:
        ValueError: a number is not finite, or a missing value gives no reason.
    """

    value: float | None
    note: str = ""
    interval: tuple[float, float] | None = None

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
        kind: measured and published rows are ranked apart; floors are shown and never ranked.
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
    """Best and second of each column, by (row index, column key).

    Compared are the unrounded numbers, among measured rows and among published rows apart; floors are left out.
    Equal numbers share a mark. Where fewer than two rows have a number nothing is marked: nobody was beaten.
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
        replace(_column(metric, direction), key=f"{name}.{metric}", group=dataset.title)
        for name, dataset in published.datasets.items()
        for metric, direction in published.metrics.items()
    )
    rows = tuple(
        Row(
            label=row.method,
            group=_GROUP_TITLES.get(row.group, row.group),
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


def measured_table(records: Sequence[Mapping[str, Any]], published_column: str | None = None) -> Table:
    """A table of our own measurements, with the paper's numbers in a block of their own below.

    Args:
        records: documents of schema `ir500k.result/1`; within a family they keep their order.
        published_column: dataset of the paper's Table 2 to stand below ("m3fd" or "flir"), None for none.

    Raises:
        UserError: no records, a partial or malformed one, or records of different protocols, test subsets or
            numbers of pairs, which no table may mix.
    """
    _check(records)
    families = [*_FAMILIES, *dict.fromkeys(str(record["family"]) for record in records)]
    records = sorted(records, key=lambda record: families.index(record["family"]))
    columns = _measured_columns(records)
    shared = _shared_warnings(records)
    rows = [_measured_row(record, columns, records, shared) for record in records]
    remarks = list(shared)
    if published_column is not None:
        published = paper.load()
        rows += _published_rows(published, published_column, columns)
        remarks += [
            f"Published rows: {published.provenance}, {published.dataset(published_column).title}. Neither their "
            "protocol nor their test images are known to be those of the measured rows: compare orders of "
            "magnitude, not decimals.",
            f"Not stated there: {'; '.join(published.unstated)}.",
        ]
    first = records[0]
    return Table(
        title=f"{first['dataset']}, {first['subset']}",
        columns=columns,
        rows=tuple(rows),
        footnotes=tuple(remarks),
        protocol=first["protocol"],
        dataset=first["dataset"],
        fingerprint=first["fingerprint"],
        n=first["n"],
    )


def _check(records: Sequence[Mapping[str, Any]]) -> None:
    """Refuses what no table may hold."""
    if not records:
        raise UserError("there are no results to tabulate", "run: python -m bench run METHOD --dataset NAME")
    for record in records:
        label = record.get("label", "without a label")
        if record.get("schema") != "ir500k.result/1":
            raise UserError(
                f"result {label!r} has schema {record.get('schema')!r}, not 'ir500k.result/1'",
                "score the predictions again: python -m bench score",
            )
        if missing := [key for key in _REQUIRED if key not in record]:
            raise UserError(f"result {label!r} lacks {', '.join(missing)}", "score the predictions again")
        if record.get("partial"):
            raise UserError(
                f"result {label!r} is partial: it misses predictions",
                "predict the missing images and score again, or leave it out of the table",
            )
    for key, word in (("protocol", "protocols"), ("fingerprint", "test subsets"), ("n", "numbers of pairs")):
        labels = {record[key]: record["label"] for record in reversed(records)}
        if len(labels) > 1:
            seen = ", ".join(f"{str(value)[:16]} ({label})" for value, label in reversed(labels.items()))
            raise UserError(f"one table cannot mix {word}: {seen}", "make one table of each")


def _column(metric: str, direction: Direction) -> Column:
    """A metric's column; one that the registry does not know stands under its own name."""
    if metric not in METRICS:
        return Column(metric, metric, direction, digits=4)
    known = METRICS[metric]
    return Column(metric, known.title, known.direction, known.digits, known.scale)


def _measured_columns(records: Iterable[Mapping[str, Any]]) -> tuple[Column, ...]:
    """One column per metric that any record has: the registry's order first, then as they come."""
    directions = {metric: result["direction"] for record in records for metric, result in record["metrics"].items()}
    order = [metric for metric in METRICS if metric in directions]
    return tuple(_column(metric, directions[metric]) for metric in dict.fromkeys([*order, *directions]))


def _shared_warnings(records: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Warnings that every record carries are a remark on the table, not one footnote per row."""
    everywhere = [set(record.get("warnings", ())) for record in records]
    return tuple(w for w in dict.fromkeys(records[0].get("warnings", ())) if all(w in s for s in everywhere))


def _measured_row(
    record: Mapping[str, Any],
    columns: Sequence[Column],
    records: Sequence[Mapping[str, Any]],
    shared: Sequence[str],
) -> Row:
    control = record["family"] == "control"
    notes = [*record.get("notes", ()), *(w for w in record.get("warnings", ()) if w not in shared)]
    if not control and any(_is_below(record, other) for other in records if other["method"] == "mean"):
        notes.append(BELOW_BASELINE)
    return Row(
        label=record["label"],
        group=_GROUP_TITLES.get(record["family"], record["family"]),
        kind="floor" if control else "measured",
        cells={column.key: _measured_cell(record, column.key) for column in columns},
        notes=tuple(notes),
        n=record["n"],
    )


def _measured_cell(record: Mapping[str, Any], metric: str) -> Cell:
    result = record["metrics"].get(metric)
    if result is None:
        return Cell(None, "not measured for this row")
    if result["value"] is None:
        return Cell(None, result.get("reason") or "undefined; the result file gives no reason")
    defined = result.get("n_defined", record["n"])
    return Cell(
        value=float(result["value"]),
        note=f"mean over the {defined} of {record['n']} pairs where it is defined" if defined < record["n"] else "",
        interval=(float(interval[0]), float(interval[1])) if (interval := result.get("ci95")) else None,
    )


def _is_below(record: Mapping[str, Any], baseline: Mapping[str, Any]) -> bool:
    """Below the baseline in PSNR and in SSIM; a missing number proves nothing."""
    pairs = [
        (record["metrics"].get(metric, {}).get("value"), baseline["metrics"].get(metric, {}).get("value"))
        for metric in ("psnr", "ssim")
    ]
    return all(mine is not None and floor is not None and mine < floor for mine, floor in pairs)


def _published_rows(published: paper.Published, dataset: str, columns: Sequence[Column]) -> list[Row]:
    """The paper's rows for one dataset in one block; metrics that the paper lacks are missing with a reason."""
    absent = Cell(None, "not reported in the paper")
    test = published.dataset(dataset).test
    return [
        Row(
            label=f"{row.method} ({row.venue} {row.year})",
            group=PUBLISHED_BLOCK,
            kind="published",
            cells={c.key: Cell(row.scores[dataset][c.key]) if c.key in published.metrics else absent for c in columns},
            n=test,
        )
        for row in published.rows
    ]

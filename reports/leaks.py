"""Table 1: one method under a random split and under one between scenes, beside what the paper printed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bench.metrics import METRICS
from reports import paper
from reports.table import Cell, Row, Table, column_of

_SHOWN = ("fid", "psnr", "ssim", "kid", "swd")
_SPLITS = {"random": "random split (leaks)", "scene": "scenes apart"}
_ABSENT = Cell(None, "not reported in the paper")


def table1(studies: Sequence[Mapping[str, Any]]) -> Table:
    """The paper's two rows, and three for each study: both splits and the gap between them.

    Nothing is marked: the rows differ in their test images, and the better number is the one that leaked.

    Args:
        studies: documents of schema `ir500k.leak-study/1`, all of one protocol.
    """
    published = paper.load("table1")
    measured = {one["metric"] for study in studies for one in study["gaps"]}
    names = [name for name in _SHOWN if name in published.metrics or name in measured]
    columns = tuple(replace(column_of(name, METRICS[name].direction or "higher"), direction=None) for name in names)
    rows = [row for study in studies for row in _rows(study, names)]
    rows += [
        Row(
            label=row.method,
            group=f"{published.provenance} (protocol unknown)",
            kind="published",
            cells={name: Cell(row.scores["m3fd"][name]) if name in published.metrics else _ABSENT for name in names},
            n=published.datasets["m3fd"].test if row.group == "manual" else None,
        )
        for row in published.rows
    ]
    remarks = [f"Published rows: {published.datasets['m3fd'].note}. Not stated: {'; '.join(published.unstated)}."]
    if studies:
        how = dict.fromkeys(one["method"] for study in studies for one in study["gaps"] if one["method"])
        remarks = ["The gap is random minus scenes apart, with its 95 % interval.", *how, *remarks]
    return Table(
        title=published.title if not studies else "What a leaking split is worth",
        columns=columns,
        rows=tuple(rows),
        footnotes=tuple(remarks),
        protocol=studies[0]["protocol"] if studies else "unknown",
        dataset=", ".join(dict.fromkeys(str(study["source"]) for study in studies)),
    )


def _rows(study: Mapping[str, Any], names: Sequence[str]) -> list[Row]:
    gaps = {one["metric"]: one for one in study["gaps"]}
    steps = study["arms"]["scene"]["step"]
    group = f"{study['label']} on {study['source']}, {steps:,} steps each"
    rows = [
        Row(
            label=title,
            group=group,
            kind="measured",
            cells={name: _score(study["arms"][split]["result"]["metrics"].get(name)) for name in names},
            n=study["arms"][split]["result"]["n"],
        )
        for split, title in _SPLITS.items()
    ]
    rows.append(Row("gap", group, "measured", {name: _gap(gaps.get(name)) for name in names}))
    shared = max((one["images"] for one in gaps.values()), default=0)
    if shared:
        cells = {name: _shared(gaps.get(name)) for name in names}
        rows.append(Row(f"gap on the {shared} images tested in both", group, "measured", cells, n=shared))
    return rows


def _score(cell: Mapping[str, Any] | None) -> Cell:
    if cell is None:
        return Cell(None, "not part of this protocol")
    interval = cell.get("ci95")
    if cell["value"] is None:
        return Cell(None, cell["reason"])
    return Cell(cell["value"], interval=tuple(interval) if interval else None, method=cell.get("method", ""))


def _gap(one: Mapping[str, Any] | None) -> Cell:
    if one is None or one["difference"] is None:
        return Cell(None, (one or {}).get("reason") or "not part of this protocol")
    interval = one["interval"]
    note = "" if interval else one["reason"]
    return Cell(one["difference"], note, tuple(interval) if interval else None, one["method"])


def _shared(one: Mapping[str, Any] | None) -> Cell:
    if one is None or one["both"] is None:
        return Cell(None, (one or {}).get("reason") or "not part of this protocol")
    interval = one["both_interval"]
    return Cell(one["both"], one["reason"], tuple(interval) if interval else None, one["method"])

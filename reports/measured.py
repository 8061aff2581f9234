"""A table of our own measurements: rows, notes, evidence, and the published numbers in a block of their own."""

import re
from collections.abc import Iterable, Mapping, Sequence

from bench.metrics import METRICS
from bench.result import part_shown
from bench.statistics.ranking import ALPHA
from bench.statistics.scenes import FEW
from reports import paper
from reports.evidence import Candidate, Record, gather, is_ranked, ties
from reports.table import GROUP_TITLES, Cell, Column, Row, Table, column_of
from shards.errors import UserError

PUBLISHED_BLOCK = "published (protocol unknown)"
BELOW_BASELINE = "below constant baseline: the mean training image scores higher in PSNR and in SSIM"

_BROKEN = re.compile(r"E\d\d")
_FAMILIES = ("control", "gan", "diffusion")
_CONTROLS = ("grayscale", "inverted", "constant", "mean", "shuffled", "halves", "truth")
_REQUIRED = ("protocol", "dataset", "subset", "fingerprint", "n", "label", "family", "method", "metrics")


def measured_table(records: Sequence[Record], published_column: str | None = None, *, force: bool = False) -> Table:
    """A table of our own measurements, with the paper's numbers in a block of their own below.

    Runs that differ in their seed alone are one row. Per-image tables, where they lie beside the results, tell which
    rows are not significantly different from the best. Rows that break a rule of the checker, and rows that show
    another part of the frames than the others, stand unranked, each with a note.

    Args:
        records: documents of schema `ir500k.result/1`; within a family they keep their order.
        published_column: dataset of the paper's Table 2 to stand below ("m3fd" or "flir"), None for none.
        force: rows that are partial or of other test images than the first whole one stand in the table, unranked and
            each with a note.

    Raises:
        UserError: no records, a partial or malformed one, or records of different protocols, test subsets or
            numbers of pairs, which no table may mix.
    """
    _check_form(records)
    if not force:
        _check_alike(records)
    families = [*_FAMILIES, *dict.fromkeys(str(record["family"]) for record in records)]
    candidates = gather(sorted(records, key=lambda record: (families.index(record["family"]), _control(record))))
    records = [candidate.record for candidate in candidates]
    first = next((record for record in records if not record.get("partial")), records[0])
    forced = [_of_other_images(record, first) for record in records]
    strange = [why or _broken(record) for record, why in zip(records, forced, strict=True)]
    shown = _part_of_most([record for record, why in zip(records, strange, strict=True) if not why])
    strange = [why or _of_another_part(record, shown) for record, why in zip(records, strange, strict=True)]
    own = [candidate for candidate, why in zip(candidates, strange, strict=True) if not why]
    own_records = [candidate.record for candidate in own]
    columns = _columns(records)
    shared = _shared_warnings(records)
    tied = {column.key: ties(own, column.key, _best(own_records, column)) for column in columns}
    p_best = {id(own[i]): {key: p[i] for key, p in tied.items() if i in p} for i in range(len(own))}
    rows = [
        _row(candidate, columns, own_records, shared, p_best.get(id(candidate), {}), why)
        for candidate, why in zip(candidates, strange, strict=True)
    ]
    remarks = [*shared, *_remarks(own_records, [column for column in columns if tied[column.key]])]
    if any(forced):
        remarks.insert(0, "Rows of other test images were forced into this table: do not compare them with the rest.")
    if all(record["method"] != "mean" for record in records):
        remarks.append(f"No floor rows yet: `python -m bench run mean --dataset {first['dataset']}`.")
    if published_column is not None:
        published = paper.load()
        rows += _published_rows(published, published_column, columns)
        remarks += [
            f"Published rows: {published.provenance}, {published.dataset(published_column).title}. Neither their "
            "protocol nor their test images are known to be those of the measured rows: compare orders of "
            "magnitude, not decimals.",
            f"Not stated there: {'; '.join(published.unstated)}.",
        ]
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


def _control(record: Record) -> int:
    """The place of a control among controls, from floor to ceiling; other rows keep their order."""
    return _CONTROLS.index(record["method"]) if record["method"] in _CONTROLS else len(_CONTROLS)


def _check_form(records: Sequence[Record]) -> None:
    """Refuses what no table can show."""
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


def _check_alike(records: Sequence[Record]) -> None:
    """Refuses what no table may mix."""
    for record in records:
        if record.get("partial"):
            raise UserError(
                f"result {record['label']!r} is partial: it misses predictions",
                "predict the missing images and score again, or leave it out of the table",
            )
    for key, word in (("protocol", "protocols"), ("fingerprint", "test subsets"), ("n", "numbers of pairs")):
        labels = {record[key]: record["label"] for record in reversed(records)}
        if len(labels) > 1:
            seen = ", ".join(f"{str(value)[:16]} ({label})" for value, label in reversed(labels.items()))
            raise UserError(f"one table cannot mix {word}: {seen}", "make one table of each, or --force")


def _of_other_images(record: Record, first: Record) -> str:
    """Why a record's numbers are not those of the same images; empty where they are."""
    if record.get("partial"):
        return f"partial: scored on {record['n']:,} pairs"
    if record["protocol"] != first["protocol"]:
        return f"by protocol {record['protocol']}"
    if (record["fingerprint"], record["n"]) != (first["fingerprint"], first["n"]):
        return f"of other test images: {record['n']:,} pairs, fingerprint {record['fingerprint'][:12]}"
    return ""


def _broken(record: Record) -> str:
    """Which rule of the checker a record says that its predictions break; empty where none."""
    codes = {found[0] for warning in record.get("warnings", ()) if (found := _BROKEN.match(warning))}
    return f"not ranked: breaks {', '.join(sorted(codes))}" if codes else ""


def _part_of_most(records: Sequence[Record]) -> str | None:
    """What ranked rows show: whole frames (None) where one of them does, else what the first of them shows."""
    parts = [part_shown(record) for record in records if is_ranked(record)]
    return None if None in parts else next(iter(parts), None)


def _of_another_part(record: Record, shown: str | None) -> str:
    """Why a record cannot be ranked among others; floors are not ranked anyhow."""
    if not is_ranked(record) or part_shown(record) == shown:
        return ""
    return f"not ranked: {_share(record)}, other rows on {'all of it' if shown is None else 'another part'}"


def _share(record: Record) -> str:
    share = record.get("geometry", {}).get("share", 1.0)
    return f"compared on {100 * share:.3g} % of the frame" if share < 1 else ""


def _columns(records: Iterable[Record]) -> tuple[Column, ...]:
    """One column per headline metric that any record has, in the registry's order; then those it does not know."""
    directions = {metric: result["direction"] for record in records for metric, result in record["metrics"].items()}
    order = [name for name, metric in METRICS.items() if metric.headline and name in directions]
    return tuple(column_of(name, directions[name]) for name in [*order, *(n for n in directions if n not in METRICS)])


def _shared_warnings(records: Sequence[Record]) -> tuple[str, ...]:
    """Warnings that every record carries are a remark on the table, not one footnote per row."""
    everywhere = [set(record.get("warnings", ())) for record in records]
    return tuple(w for w in dict.fromkeys(records[0].get("warnings", ())) if all(w in s for s in everywhere))


def _best(records: Sequence[Record], column: Column) -> int | None:
    """The ranked row with the best value of a column, None where there is none."""
    values = {i: _value(record, column.key) for i, record in enumerate(records) if is_ranked(record)}
    known = {i: value for i, value in values.items() if value is not None}
    if column.direction is None or not known:
        return None
    return (max if column.direction == "higher" else min)(known, key=known.__getitem__)


def _remarks(records: Sequence[Record], tested: Sequence[Column]) -> list[str]:
    """How the table's marks and intervals were made, or why there are none."""
    cells = [cell for record in records for cell in record["metrics"].values() if "scenes" in cell]
    few = min((cell["scenes"] for cell in cells if cell["scenes"] < FEW), default=None)
    found = []
    if tested:
        found.append(
            f"≈: not significantly different from the best of its column (signs of whole scenes flipped, adjusted by "
            f"Holm over all pairs of ranked rows, alpha {ALPHA:g}). Tested: {', '.join(c.title for c in tested)}."
        )
    if few is not None:
        found.append(f"{few} scenes are too few for intervals and tests: the values of each scene are kept instead.")
    return found


def _row(
    candidate: Candidate,
    columns: Sequence[Column],
    records: Sequence[Record],
    shared: Sequence[str],
    p_best: Mapping[str, float],
    strange: str,
) -> Row:
    record = candidate.record
    notes = [strange] if strange else [_share(record)] if _share(record) else []
    notes += [*record.get("notes", ()), *(w for w in record.get("warnings", ()) if w not in shared)]
    if candidate.seeds > 1:
        notes.insert(0, f"mean of {candidate.seeds} seeds, ± their standard deviation")
    if (
        not strange
        and is_ranked(record)
        and any(_is_below(record, o) for o in records if o["method"] == "mean" and part_shown(o) == part_shown(record))
    ):
        notes.append(BELOW_BASELINE)
    return Row(
        label=record["label"],
        group=GROUP_TITLES.get(record["family"], str(record["family"])),
        kind="unranked" if strange else "measured" if is_ranked(record) else "floor",
        cells={column.key: _cell(record, column.key, p_best.get(column.key)) for column in columns},
        notes=tuple(notes),
        n=record["n"],
    )


def _cell(record: Record, metric: str, p_best: float | None) -> Cell:
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
        method=result.get("method", ""),
        per_scene=result.get("per_scene"),
        sd=result.get("sd"),
        p_best=p_best,
    )


def _value(record: Record, metric: str) -> float | None:
    found: float | None = record["metrics"].get(metric, {}).get("value")
    return found


def _is_below(record: Record, baseline: Record) -> bool:
    """Below the baseline in PSNR and in SSIM; a missing number proves nothing."""
    pairs = [(_value(record, metric), _value(baseline, metric)) for metric in ("psnr", "ssim")]
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

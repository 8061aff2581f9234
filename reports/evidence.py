"""What the per-image tables add to results: seeds of one method as one row, and who is tied with the best."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from bench import record as records_of
from bench.statistics.intervals import column, intervals, metric_names
from bench.statistics.ranking import all_pairs
from bench.statistics.scenes import FEW
from bench.statistics.seeds import spread

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Candidate:
    """A row of a table to be.

    Attributes:
        record: a result document; of several seeds their means, with `sd` beside each value.
        images: its per-image table, empty where none lies beside it; of several seeds the mean of each image.
        seeds: how many runs it stands for.
    """

    record: Record
    images: Sequence[Mapping[str, Any]] = ()
    seeds: int = 1


def gather(records: Sequence[Record]) -> list[Candidate]:
    """Results with their per-image tables; runs that differ in nothing but their seed become one, at the first's place.

    Args:
        records: result documents; those with a `folder` are read from there.
    """
    groups: dict[str, list[tuple[int, Record]]] = {}
    for index, record in enumerate(records):
        identity, seed = _identity(record)
        groups.setdefault(identity or f"{index}", []).append((seed, record))
    found = []
    for members in groups.values():
        alone = len({seed for seed, _ in members}) < len(members)  # twice the same seed is not a sample of seeds
        for group in ([member] for member in members) if alone else [members]:
            found.append(_merged([record for _, record in group]))
    return found


def ties(candidates: Sequence[Candidate], metric: str, best: int | None) -> dict[int, float]:
    """Adjusted p-values of ranked rows against the best of one column, by row.

    Args:
        candidates: the rows of a table.
        metric: of the per-image tables.
        best: the row with the best value; None where none is.

    Returns:
        Nothing where the column cannot be tested: a metric of sets, fewer than 8 scenes, or fewer than two rows.
    """
    ranked = [i for i, c in enumerate(candidates) if is_ranked(c.record) and metric in metric_names(c.images)]
    if best not in ranked or len(ranked) < 2:
        return {}
    scenes = [row["scene"] for row in candidates[ranked[0]].images]
    if len(set(scenes)) < FEW:
        return {}
    values = np.stack([column(candidates[i].images, metric) for i in ranked])
    place = ranked.index(best)
    return {ranked[i if j == place else j]: p for (i, j), p in all_pairs(values, scenes).items() if place in (i, j)}


def is_ranked(record: Record) -> bool:
    """Controls are floors and never ranked."""
    return bool(record["family"] != "control")


def _merged(records: Sequence[Record]) -> Candidate:
    tables = [_images(record) for record in records]
    if len(records) == 1:
        return Candidate(records[0], tables[0])
    images = _mean_images(tables) if all(tables) else []
    metrics = {name: _mean_cell([record["metrics"].get(name) for record in records]) for name in records[0]["metrics"]}
    for name, sure in intervals(images).items():
        if name in metrics:
            metrics[name] |= sure
    shared = {key: list(dict.fromkeys(n for r in records for n in r.get(key, ()))) for key in ("notes", "warnings")}
    return Candidate(dict(records[0]) | shared | {"metrics": metrics}, images, len(records))


def _mean_cell(cells: Sequence[Mapping[str, Any] | None]) -> dict[str, Any]:
    """One metric over seeds; missing where any seed lacks it."""
    known = [cell for cell in cells if cell is not None and cell["value"] is not None]
    if len(known) < len(cells):
        lacking = next(cell for cell in cells if cell is None or cell["value"] is None)
        reason = (lacking or {}).get("reason") or "not measured for every seed"
        return dict(cells[0] or {}) | {"value": None, "reason": reason, "ci95": None}
    over = spread([cell["value"] for cell in known])
    kept = {key: value for key, value in known[0].items() if key in ("direction", "unit", "version", "reason")}
    defined = [cell["n_defined"] for cell in known if "n_defined" in cell]
    return kept | {"value": over.mean, "sd": over.sd} | ({"n_defined": min(defined)} if defined else {})


def _mean_images(tables: Sequence[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """The mean of each image over seeds, undefined where it is for any of them."""
    names = [name for name in metric_names(tables[0]) if all(name in metric_names(table) for table in tables)]
    found = []
    for rows in zip(*tables, strict=True):
        values = {name: [row[name] for row in rows] for name in names}
        means = {name: None if None in known else fmean(known) for name, known in values.items()}
        found.append({"key": rows[0]["key"], "scene": rows[0]["scene"], **means})
    return found


def _images(record: Record) -> Sequence[Mapping[str, Any]]:
    if "folder" not in record:
        return ()
    return records_of.read(Path(record["folder"]), record["protocol"]).rows


def _identity(record: Record) -> tuple[str, int]:
    """Everything that made a run's predictions but the seed, and the seed; empty for folders that are not ours."""
    folder = Path(record.get("folder", ""))
    spec, submission = folder.parent.parent / "spec.json", folder / "submission.json"
    if "folder" not in record or not spec.is_file() or not submission.is_file():
        return "", 0
    stage = json.loads(spec.read_text())["spec"]
    about = json.loads(submission.read_text())
    sampling = [about.get("sampler", {}).get("settings"), about.get("conditions"), about.get("notes")]
    made = _without_seeds(stage, folder.parents[2])
    return json.dumps([made, sampling, record["subset"], record["label"]], sort_keys=True), int(stage["seed"])


def _without_seeds(stage: Mapping[str, Any], runs: Path) -> dict[str, Any]:
    """A stage's spec without its seed and those of its parents, whose ids hang on theirs."""
    parents: dict[str, Any] = {}
    for role, identity in stage.get("parents", {}).items():
        specs = list(runs.glob(f"*-{identity}/spec.json"))
        parents[role] = _without_seeds(json.loads(specs[0].read_text())["spec"], runs) if specs else identity
    return {key: value for key, value in stage.items() if key != "seed"} | {"parents": parents}

"""What a leak is worth: one method, one budget, trained on a random split and on a split between scenes.

The two test sets hold different images, so their scores differ for two reasons: the leak, and which images are harder.
The images that are tested under both splits separate them. There the same picture was once predicted by a method that
had seen its neighbours in time, and once by one that had not.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.journal import write_json
from bench.metrics import METRICS, Metric
from bench.protocol import Protocol
from bench.record import read
from bench.run import Bench, Request
from bench.stage import Stage
from bench.statistics.paired import paired
from bench.statistics.resampling import RESAMPLES, SEED, resample_counts
from bench.statistics.scenes import FEW, units
from bench.trainer import Limits
from shards import console
from shards.errors import UserError
from shards.home import Home
from splits.definition import names

SCHEMA = "ir500k.leak-study/1"
STRETCH = 25
"""Consecutive frames that are resampled together where there are too few scenes: about a second."""
_APART = ("scene", "manual")
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Gap:
    """One metric under both splits.

    Attributes:
        random, scene: on each split's own test images; None where missing.
        difference: random minus scene.
        interval: 95 %, both test sets resampled by themselves, for metrics of sets both jackknifed; None where a value
            is missing, or the results hold no standard error.
        both: mean difference over the images that are tested under both splits; None where there are none.
        both_interval: 95 % of it, the same images resampled.
        images: tested under both.
        method: how the intervals were made.
        reason: why something is missing.
    """

    metric: str
    random: float | None
    scene: float | None
    difference: float | None = None
    interval: tuple[float, float] | None = None
    both: float | None = None
    both_interval: tuple[float, float] | None = None
    images: int = 0
    method: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Place:
    """Where an image was taken: its scene, and within it the stretch of frames that look alike."""

    scene: str
    stretch: str


def datasets_of(source: str) -> tuple[str, str]:
    """The random and the scene split of a source, by name.

    Raises:
        UserError: there is no such pair; names the sources that have one.
    """
    known = set(names())
    pairs = {
        name.removesuffix("_random"): (name, f"{name.removesuffix('_random')}_{word}")
        for name in sorted(known)
        for word in _APART
        if name.endswith("_random") and f"{name.removesuffix('_random')}_{word}" in known
    }
    if source not in pairs:
        raise UserError(
            f"no random and scene split of {source!r}",
            f"--source is one of {', '.join(pairs)}; or add {source}_random.toml and {source}_scene.toml",
            code=2,
        )
    return pairs[source]


def study(source: str, request: Request, protocol: Protocol, home: Home, limits: Limits, *, quiet: bool) -> Path:
    """Trains and scores what is missing of both arms, and writes the study.

    Args:
        source: as `datasets_of` takes it.
        request: of which the dataset is replaced.
        protocol: by which both are scored.
        home: where all lies.
        limits: of each training; a stage that they cut is scored as it is, and both arms must end at one step.
        quiet: no progress.

    Returns:
        The file of the study, schema `ir500k.leak-study/1`.

    Raises:
        UserError: the arms ended at different steps.
    """
    arms: dict[str, dict[str, Any]] = {}
    tables: dict[str, list[Mapping[str, Any]]] = {}
    places: dict[str, Place] = {}
    for word, dataset in zip(("random", "scene"), datasets_of(source), strict=True):
        bench = Bench(home, _of_dataset(request, dataset), quiet=quiet)
        stage = bench.stage()
        reached, found = bench.train(stage, limits)
        if reached.id != stage.id:
            raise UserError(
                f"{reached.name} stopped at step {found.step:,} of {found.total:,}, before {stage.name} began",
                "the same command goes on; without --max-steps and --max-time it ends",
            )
        folder = bench.predict(stage, found)
        result = bench.score(folder, protocol)
        tables[word] = list(read(folder, protocol.id).rows)
        samples = bench.subset(dataset, request.subset)
        places |= {(facts := samples.facts(i))["key"]: _place(facts) for i in range(len(samples))}
        arms[word] = {"dataset": dataset, "stage": stage.name, "step": found.step, "total": found.total}
        arms[word] |= {"train": stage.fingerprint, "result": result, "folder": str(folder)}
    if arms["random"]["step"] != arms["scene"]["step"]:
        steps = f"{arms['random']['step']:,} and {arms['scene']['step']:,}"
        raise UserError(f"the two arms ended at steps {steps}", "the same command goes on with the shorter one")
    gaps = [
        gap(name, arms["random"]["result"], arms["scene"]["result"], tables["random"], tables["scene"], places)
        for name in protocol.metrics
        if METRICS[name].headline
    ]
    content = {
        "schema": SCHEMA,
        "source": source,
        "label": arms["scene"]["result"]["label"],
        "protocol": protocol.id,
        "arms": arms,
        "gaps": [asdict(one) for one in gaps],
    }
    path = home.runs / f"leak-study-{source}-{_identity(stage)}" / "study.json"
    write_json(path, content)
    return path


def gap(
    metric: str,
    random: Mapping[str, Any],
    scene: Mapping[str, Any],
    random_rows: Sequence[Mapping[str, Any]],
    scene_rows: Sequence[Mapping[str, Any]],
    places: Mapping[str, Place],
) -> Gap:
    """One metric under both splits.

    Args:
        metric: by name.
        random, scene: result documents.
        random_rows, scene_rows: their per-image tables.
        places: of every image.
    """
    cells = [result["metrics"].get(metric, {}) for result in (random, scene)]
    a, b = (cell.get("value") for cell in cells)
    if a is None or b is None:
        return Gap(
            metric, a, b, reason=next(c.get("reason") or "not measured" for c in cells if c.get("value") is None)
        )
    if metric not in random_rows[0]:
        return _of_sets(Gap(metric, a, b, a - b), cells)
    ours = [_column(rows, metric) for rows in (random_rows, scene_rows)]
    named = [_units_of(list(side), places) for side in ours]
    means = [
        _resampled_means(np.array([*side.values()]), labels, SEED + arm)
        for arm, (side, (labels, _)) in enumerate(zip(ours, named, strict=True))
    ]
    low, high = np.quantile(means[0] - means[1], (0.025, 0.975)).tolist()
    found = Gap(metric, a, b, a - b, (low, high), method=f"resampled: {named[0][1]}; {named[1][1]}")
    shared = sorted(ours[0].keys() & ours[1].keys())
    if not shared:
        return replace(found, reason="no image is tested under both splits")
    labels, word = _units_of(shared, places)
    first, second = (np.array([side[key] for key in shared]) for side in ours)
    same = paired(first, second, labels)
    ends = same.interval.low, same.interval.high
    return replace(
        found,
        both=same.effect,
        both_interval=None if ends[0] is None or ends[1] is None else (ends[0], ends[1]),
        images=len(shared),
        method=f"{found.method}; shared images: {word}",
        reason=f"{len(set(labels))} units are too few for an interval on shared images" if ends[0] is None else "",
    )


def text(content: Mapping[str, Any]) -> str:
    """A study as a terminal shows it."""
    rows = []
    for one in content["gaps"]:
        metric = METRICS[one["metric"]]

        def shown(value: float | None, interval: Sequence[float] | None = None, metric: Metric = metric) -> str:
            if value is None:
                return "--"
            ends = f" ({', '.join(map(metric.display, interval))})" if interval else ""
            return metric.display(value) + ends

        rows.append(
            [
                metric.title,
                shown(one["random"]),
                shown(one["scene"]),
                shown(one["difference"], one["interval"]),
                shown(one["both"], one["both_interval"]),
            ]
        )
    shared = max((one["images"] for one in content["gaps"]), default=0)
    arms = content["arms"]
    sizes = ", ".join(f"{arm['dataset']} {arm['result']['n']} test images" for arm in arms.values())
    steps = f"{arms['scene']['step']:,} steps each"
    headers = ["", "random split", "scenes apart", "gap (95 %)", f"on {shared} images tested in both (95 %)"]
    notes = dict.fromkeys(note for one in content["gaps"] for note in (one["method"], one["reason"]) if note)
    lines = [f"{content['label']}, {content['protocol']}, {steps}: {sizes}", console.table(headers, rows), *notes]
    return "\n".join(lines)


def studies(home: Home) -> list[dict[str, Any]]:
    """Every study of a home."""
    return [json.loads(path.read_text()) for path in sorted(home.runs.glob("leak-study-*/study.json"))]


def _of_dataset(request: Request, dataset: str) -> Request:
    return replace(request, dataset=dataset)


def _column(rows: Sequence[Mapping[str, Any]], metric: str) -> dict[str, float]:
    return {row["key"]: row[metric] for row in rows if row[metric] is not None}


def _units_of(keys: Sequence[str], places: Mapping[str, Place]) -> tuple[list[str], str]:
    """What is resampled, one name per key, and how it is called."""
    scenes = [places[key].scene for key in keys]
    if len(set(scenes)) >= FEW:
        return scenes, f"{len(set(scenes))} scenes"
    stretches = [places[key].stretch for key in keys]
    inside = f"{len(set(stretches))} stretches of {STRETCH} frames within {len(set(scenes))} scenes"
    return stretches, f"{inside}, which says nothing about other places"


def _of_sets(found: Gap, cells: Sequence[Mapping[str, Any]]) -> Gap:
    """The gap of a metric that is one number for all images, from the standard errors of both results.

    The two test sets count as independent, which makes the interval too wide where they share images.
    """
    from scipy.special import stdtrit

    told = "one number for all images"
    errors = [cell["se"] for cell in cells if cell.get("se") is not None]
    if found.difference is None or len(errors) < len(cells):
        return replace(found, reason=f"{told}: no interval, and none for shared images")
    reach = float(stdtrit(min(cell["scenes"] for cell in cells) - 1, 0.975) * np.hypot(*errors))
    interval = found.difference - reach, found.difference + reach
    return replace(
        found, interval=interval, method="jackknife of both test sets", reason=f"{told}: none for shared images"
    )


def _resampled_means(values: _Floats, labels: Sequence[str], seed: int) -> _Floats:
    by = units(labels)
    counts = resample_counts(seed, RESAMPLES, by.count)
    means: _Floats = (counts @ by.sums(values)) / (counts @ by.sizes)
    return means


def _place(facts: Mapping[str, Any]) -> Place:
    """Neighbours in time; a sample without a place in a recording is alone."""
    scene = str(facts["scene"])
    if facts["frame"] < 0:
        return Place(scene, str(facts["key"]))
    return Place(scene, f"{facts['sequence'] or scene}/{facts['frame'] // STRETCH}")


def _identity(stage: Stage) -> str:
    return f"{stage.method.card.name}-{stage.preset_name}-s{stage.seed}-{stage.id[:10]}"

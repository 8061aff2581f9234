"""A comparison of scored runs as a document and as text, with the images in which they differ most."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from bench.compare import Difference, show_other_parts
from bench.metrics import METRICS
from bench.record import Scored
from shards import console
from shards.errors import unknown

EXTREMES = 5


def document(scored: Sequence[Scored], differences: Sequence[Difference], metric: str = "") -> dict[str, Any]:
    """Everything as plain data, schema `ir500k.comparison/1`; runs are called A, B, ... in their order.

    Args:
        scored: the runs.
        differences: what `compare` found.
        metric: by which images are called best and worst; default the first of the per-image table that has a better
            side.

    Raises:
        UserError: the runs have no such metric per image.
    """
    known = [name for name in scored[0].metrics if METRICS[name].direction]
    metric = metric or next(iter(known), "")
    if any(metric not in run.metrics for run in scored) or metric not in known:
        raise unknown("metric per image with a better side", metric, known)
    first = scored[0].result
    names = _names(scored)
    return {
        "schema": "ir500k.comparison/1",
        **{key: first[key] for key in ("protocol", "dataset", "subset", "fingerprint", "n")},
        "scenes": len(set(scored[0].scenes)),
        "runs": [
            {"name": n, "label": run.label, "folder": str(run.folder)} for n, run in zip(names, scored, strict=True)
        ],
        "differences": [difference.record(names) for difference in differences],
        "images": [
            {"metric": metric, "first": names[i], "second": names[j], **extremes(scored[i], scored[j], metric)}
            for i, j in combinations(range(len(scored)), 2)
            if not show_other_parts(scored[i], scored[j])
        ],
    }


def text(found: Mapping[str, Any]) -> str:
    """What `bench compare` prints of its `document`."""
    head = f"{found['dataset']} {found['subset']} ({found['fingerprint'][:8]}), {found['n']} images"
    lines = [f"{head}, {found['scenes']} scenes, {found['protocol']}"]
    lines += [f"{run['name']}: {run['label']}  ({run['folder']})" for run in found["runs"]]
    headers = [
        "metric",
        "pair",
        "first",
        "second",
        "difference",
        "95 % interval",
        "p",
        "p (Holm)",
        "first is larger in",
    ]
    lines += ["", console.table(headers, [_line(row) for row in found["differences"]])]
    rows = found["differences"]
    lines += [f"{METRICS[row['metric']].title}: {row['reason']}" for row in rows if row["reason"]]
    methods = {row[key] for row in rows for key in ("interval_method", "test_method") if key in row}
    lines += [f"how: {'; '.join(sorted(methods))}"] if methods else []
    for pair in found["images"]:
        title, shown = METRICS[pair["metric"]].title, METRICS[pair["metric"]].display
        for end, than in (("best", "better"), ("worst", "worse")):
            table = [
                [image["key"], image["scene"], *(shown(image[k]) for k in ("first", "second", "difference"))]
                for image in pair[end]
            ]
            if table:
                lines += ["", f"images in which {pair['first']} is {than} than {pair['second']} by most {title}:"]
                lines.append(console.table(["image", "scene", pair["first"], pair["second"], "difference"], table))
    return "\n".join(lines)


def extremes(first: Scored, second: Scored, metric: str, count: int = EXTREMES) -> dict[str, list[dict[str, Any]]]:
    """The images in which the first run is best and worst, seen from the second.

    Args:
        first: a run.
        second: another, on the same images.
        metric: of the per-image table, with a better side.
        count: images at each end, fewer where not so many differ.

    Returns:
        `best` and `worst`, the most extreme first: key, scene, both values and their difference.
    """
    a, b = first.column(metric), second.column(metric)
    gain = (a - b) * (1.0 if METRICS[metric].direction == "higher" else -1.0)
    order = [int(i) for i in np.argsort(gain, kind="stable") if np.isfinite(gain[i])]

    def shown(index: int) -> dict[str, Any]:
        values = {"first": float(a[index]), "second": float(b[index]), "difference": float(a[index] - b[index])}
        return {"key": first.keys[index], "scene": first.scenes[index], **values}

    return {
        "best": [shown(i) for i in reversed(order[-count:]) if gain[i] > 0],
        "worst": [shown(i) for i in order[:count] if gain[i] < 0],
    }


def _line(row: Mapping[str, Any]) -> list[str]:
    """One line of the table of differences."""
    shown = METRICS[row["metric"]].display
    ends = row.get("ci95")
    return [
        METRICS[row["metric"]].title,
        f"{row['first']} - {row['second']}",
        *("--" if value is None else shown(value) for value in (*row["values"], row["effect"])),
        f"{shown(ends[0])} .. {shown(ends[1])}" if ends else "--",
        *(f"{row[key]:.4f}" if key in row else "--" for key in ("p", "p_holm")),
        f"{row['scenes_up']} of {len(row['per_scene'])} scenes" if "per_scene" in row else "--",
    ]


def _names(scored: Sequence[Scored]) -> list[str]:
    """A, B, ..., Z, A1, B1, ...: labels need not differ."""
    return [chr(ord("A") + i % 26) + (str(i // 26) if i >= 26 else "") for i in range(len(scored))]

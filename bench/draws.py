"""Several predictions of one input, `KEY__s0.png`, `KEY__s1.png` and so on: their mean, and how far they scatter.

Generative methods give another picture for every draw of noise. Numbers of single images are averaged over the draws;
metrics of whole sets see the first draw alone, since a set of N images with K draws each is not a set of N K images.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from bench.metrics import METRICS
from bench.result import Scores, cell, per_scene
from bench.statistics.intervals import intervals
from bench.statistics.seeds import spread


def mean_of(draws: Sequence[Scores]) -> Scores:
    """One result of several draws for the same inputs.

    Args:
        draws: their scores by one protocol, two at least; the first has the metrics of sets.
    """
    first = draws[0]
    rows = [_mean_row(same) for same in zip(*(one.rows for one in draws), strict=True)]
    cells = dict(first.result["metrics"])
    for name in [name for name in cells if METRICS[name].kind != "set"]:
        values = [one.result["metrics"][name]["value"] for one in draws]
        known = [value for value in values if value is not None]
        if len(known) < 2:
            continue
        over = spread(known)
        defined = min(one.result["metrics"][name]["n_defined"] for one in draws)
        cells[name] = cell(METRICS[name], over.mean, defined) | {"sd": over.sd}
    for name, sure in intervals(rows).items():
        if name in cells:
            cells[name] |= sure
    digests = "".join(one.result["submission_sha256"] for one in draws)
    note = f"mean of {len(draws)} draws per image, ± their standard deviation; metrics of sets on the first alone"
    facts = {
        "metrics": cells,
        "draws": len(draws),
        "submission_sha256": hashlib.sha256(digests.encode()).hexdigest(),
        "notes": [*first.result["notes"], note],
        "per_scene": per_scene(rows),
    }
    return Scores(first.result | facts, rows)


def _mean_row(same: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One image's numbers, each the mean of the draws where it is defined."""
    row = {"key": same[0]["key"], "scene": same[0]["scene"]}
    for name in (name for name in same[0] if name not in row):
        known = [one[name] for one in same if one[name] is not None]
        row[name] = sum(known) / len(known) if known else None
    return row

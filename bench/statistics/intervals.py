"""The intervals of one scored set of predictions: of every per-image metric, and of FID and KID by their features."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.metrics import METRICS
from bench.statistics import distances
from bench.statistics.means import mean_interval, too_few
from bench.statistics.scenes import FEW, units

LEFT_OUT = {"fid": distances.frechet_left_out, "kid": distances.kid_left_out}
"""Metrics of sets of features: the function of (references, predictions, units) that leaves scenes out."""


def intervals(
    rows: Sequence[Mapping[str, Any]],
    features: tuple[npt.NDArray[np.generic], npt.NDArray[np.generic]] | None = None,
) -> dict[str, dict[str, Any]]:
    """How sure each number is: fields to stand beside `value` in a result's `metrics`.

    Args:
        rows: one per image: `key`, `scene`, and a number per metric, None where it is undefined.
        features: N x d of the predictions and of the references, both in the order of `rows`; None leaves FID and KID
            out.

    Returns:
        By metric: `ci95` ([low, high], or None with fewer than 8 scenes), `se`, `method`, `scenes`; for means also
        `design_effect`, and with few scenes `per_scene` with the mean of each. A metric that is undefined everywhere
        is left out.

    >>> rows = [{"key": f"k{i}", "scene": f"s{i // 2}", "psnr": 10.0 + i % 2} for i in range(20)]
    >>> intervals(rows)["psnr"]["ci95"]
    [10.5, 10.5]
    """
    found = {}
    for metric in metric_names(rows):
        values = column(rows, metric)
        defined = np.isfinite(values)
        if defined.any():
            scenes = [row["scene"] for row, known in zip(rows, defined.tolist(), strict=True) if known]
            found[metric] = mean_interval(values[defined], scenes).record()
    if features is not None:
        predictions, references = features
        by = units([row["scene"] for row in rows], most=distances.most_groups(len(rows)))
        for metric, left_out in LEFT_OUT.items():
            few = by.scenes < FEW
            sure = too_few(by) if few else distances.interval(left_out(references, predictions, by), by)
            found[metric] = within(metric, sure.record())
    return found


def metric_names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The metrics of a per-image table, in the registry's order."""
    return [name for name, metric in METRICS.items() if metric.kind == "image" and rows and name in rows[0]]


def column(rows: Sequence[Mapping[str, Any]], metric: str) -> npt.NDArray[np.float64]:
    """One metric of a per-image table, NaN where it is undefined."""
    return np.array([np.nan if row[metric] is None else row[metric] for row in rows], np.float64)


def within(metric: str, record: dict[str, Any]) -> dict[str, Any]:
    """The record with the ends of its interval inside the metric's range: no FID lies below zero."""
    if record["ci95"] is not None:
        record["ci95"] = np.clip(record["ci95"], *METRICS[metric].range).tolist()
    return record

"""Scores a folder of predictions, ours or anybody's, by one protocol or several in one pass over the pictures."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import numpy as np

from bench import features as network_features
from bench.check import judge, lines, no_weights, refuse, told
from bench.draws import mean_of
from bench.features import FeatureStore
from bench.measure import Measured, Task, measure
from bench.protocol import Protocol
from bench.references import Elsewhere, References
from bench.result import Scores, cell, document, merged, per_scene, read, write
from bench.statistics.intervals import intervals
from bench.submission import Submission, match
from shards.home import Home

__all__ = ["Scores", "Submission", "match", "merged", "read", "score", "score_all", "write"]

_SHOWN = 5  # warnings of one code in a result
_NO_WEIGHTS = "the Inception weights are missing: `python -m bench weights fetch inception`"
_ONE_IMAGE = "a distance between sets needs two images at least"
_NO_VISIBLE = "the references have no visible images"
_NOWHERE = "undefined for every image"


def score(
    submission: Submission, references: References, protocol: Protocol, home: Home, *, quiet: bool = False
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The result document and the per-image rows of one protocol; see `score_all`."""
    scores = score_all(submission, references, [protocol], home, quiet=quiet)[protocol.id]
    return scores.result, scores.rows


def score_all(
    submission: Submission,
    references: References,
    protocols: Sequence[Protocol],
    home: Home,
    *,
    only: Mapping[str, Collection[str]] | None = None,
    elsewhere: Elsewhere | None = None,
    quiet: bool = False,
) -> dict[str, Scores]:
    """Scores by several protocols, each picture decoded once.

    Args:
        submission: as `match` found it.
        references: what it is held against.
        protocols: at least one.
        home: its cache keeps reference pictures and features.
        only: by protocol, the metrics to compute; None for all.
        elsewhere: the dataset's other subsets. Where it is given, predictions that are copies of each other, of their
            references or of its images are refused; else such findings become warnings.
        quiet: no progress.

    Returns:
        By protocol.

    Raises:
        UserError: a rule is broken; names the first pictures with their codes.
    """
    if submission.more:
        return _score_draws(submission, references, protocols, home, only, elsewhere, quiet)
    refuse(submission.findings, submission)
    tasks = [
        Task(protocol, [name for name in protocol.metrics if only is None or name in only[protocol.id]])
        for protocol in protocols
    ]
    needs_network = len(submission.files) > 1 and any(task.wants(needs="inception") for task in tasks)
    network = network_features.inception(home, quiet=quiet) if needs_network else None
    with nullcontext() if network is None else FeatureStore(home, network) as store:
        measured = measure(submission, references, tasks, home, store, quiet=quiet)
        refuse(measured.refused, submission)
        findings = [finding for finding in submission.findings if not finding.breaks_a_rule]
        findings += told(judge(measured.seen, elsewhere or Elsewhere()), submission)
        if elsewhere is not None:
            refuse(findings, submission)
        if needs_network and network is None:
            findings.append(no_weights())
        shared = document(submission, references, measured.seen, lines(findings, most=_SHOWN))
        return {task.protocol.id: _scores(task, measured, references, shared, store) for task in tasks}


def _score_draws(
    submission: Submission,
    references: References,
    protocols: Sequence[Protocol],
    home: Home,
    only: Mapping[str, Collection[str]] | None,
    elsewhere: Elsewhere | None,
    quiet: bool,
) -> dict[str, Scores]:
    """Each draw by itself, metrics of sets on the first alone, and their mean."""
    wanted = {p.id: [name for name in p.metrics if only is None or name in only[p.id]] for p in protocols}
    per_image = {p.id: [name for name in wanted[p.id] if p.metrics[name].metric.kind != "set"] for p in protocols}
    found = [
        score_all(replace(one, more=()), references, protocols, home, only=asked, elsewhere=elsewhere, quiet=quiet)
        for one, asked in [(submission, wanted), *((other, per_image) for other in submission.more)]
    ]
    return {protocol.id: mean_of([scores[protocol.id] for scores in found]) for protocol in protocols}


def _scores(
    task: Task,
    measured: Measured,
    references: References,
    shared: Mapping[str, Any],
    store: FeatureStore | None,
) -> Scores:
    """One protocol's result, from what the pass over the pictures found."""
    protocol, values = task.protocol, measured.values.get(task.protocol.id, {})
    result = dict(shared) | {"protocol": protocol.id}
    features = None
    if store is not None and task.wants(needs="inception"):
        predictions, truths = measured.features[protocol.id]
        features = store.rows(predictions), store.rows(truths)
        result["features"] = {"predictions": store.keep(predictions), "references": store.keep(truths)}
        result["weights"] = {store.network.file: store.network.sha256}
    rows: list[dict[str, Any]] = [{"key": key, "scene": references.scenes[key]} for key in measured.keys]
    cells = {}
    for name in task.metrics:
        metric = protocol.metrics[name].metric
        if metric.kind == "set":
            cells[name] = _of_set(task, name, measured, features)
            continue
        defined = [value for value in values.get(name, ()) if value is not None]
        if not defined:
            cells[name] = cell(metric, None, 0, _NOWHERE if name in values else _NO_VISIBLE)
        elif metric.kind == "pooled":
            cells[name] = cell(metric, protocol.pool(name, defined), len(defined))
        else:
            cells[name] = cell(metric, float(np.mean(defined)), len(defined))
        if metric.kind == "image" and name in values:
            for row, value in zip(rows, values[name], strict=True):
                row[name] = value
    for name, sure in intervals(rows, features).items():
        if name in cells:
            cells[name] |= sure
    return Scores(result | {"metrics": cells, "per_scene": per_scene(rows)}, rows)


def _of_set(task: Task, name: str, measured: Measured, features: tuple[Any, Any] | None) -> dict[str, Any]:
    """The cell of a metric of all pictures at once."""
    protocol, count = task.protocol, len(measured.keys)
    metric = protocol.metrics[name].metric
    if count < 2:
        return cell(metric, None, 0, _ONE_IMAGE)
    if metric.needs == "inception":
        if features is None:
            return cell(metric, None, 0, _NO_WEIGHTS)
        return cell(metric, protocol.measure(name, *features), count)
    predictions, truths = (np.stack(side) for side in measured.pictures[protocol.view])
    return cell(metric, protocol.measure(name, predictions, truths), count)

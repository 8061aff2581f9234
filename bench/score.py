"""Scores a folder of predictions, ours or anybody's, by one protocol or several in one pass over the pictures."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import numpy as np

from bench.check import judge, lines, no_weights, refuse, told
from bench.draws import mean_of
from bench.features import FeatureStore
from bench.measure import Measured, Networks, Task, measure
from bench.networks import PAIRS, SETS, missing, pair_network, set_network
from bench.protocol import Protocol
from bench.references import Elsewhere, References
from bench.result import Scores, cell, document, merged, per_scene, read, write
from bench.statistics.intervals import intervals
from bench.submission import Submission, match
from shards.home import Home

__all__ = ["Scores", "Submission", "match", "merged", "read", "score", "score_all", "write"]

_SHOWN = 5  # warnings of one code in a result
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
    with ExitStack() as open_stores:
        networks = _networks(tasks, home, open_stores, sets=len(submission.files) > 1, quiet=quiet)
        measured = measure(submission, references, tasks, home, networks, quiet=quiet)
        refuse(measured.refused, submission)
        findings = [finding for finding in submission.findings if not finding.breaks_a_rule]
        findings += told(judge(measured.seen, elsewhere or Elsewhere()), submission)
        if elsewhere is not None:
            refuse(findings, submission)
        wants_fid = len(submission.files) > 1 and any(task.wants(needs="inception") for task in tasks)
        if wants_fid and "inception" not in networks.stores:
            findings.append(no_weights())
        shared = document(submission, references, measured.seen, lines(findings, most=_SHOWN))
        return {task.protocol.id: _scores(task, measured, references, shared, networks) for task in tasks}


def _networks(tasks: Sequence[Task], home: Home, stores: ExitStack, *, sets: bool, quiet: bool) -> Networks:
    """The networks that the tasks want and whose weights are here; features are kept when `stores` is left."""
    wanted = {task.protocol.metrics[name].metric.needs for task in tasks for name in task.metrics}
    found = {name: set_network(name, home, quiet=quiet) for name in SETS if sets and name in wanted}
    pairs = {name: pair_network(name, home, quiet=quiet) for name in PAIRS if name in wanted}
    return Networks(
        {
            name: stores.enter_context(FeatureStore(home, network))
            for name, network in found.items()
            if network is not None
        },
        {name: compare for name, compare in pairs.items() if compare is not None},
    )


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
    networks: Networks,
) -> Scores:
    """One protocol's result, from what the pass over the pictures found."""
    protocol, values = task.protocol, measured.values.get(task.protocol.id, {})
    result = dict(shared) | {"protocol": protocol.id, "features": {}, "weights": {}}
    features: dict[str, tuple[Any, Any]] = {}
    for network, store in networks.stores.items():
        if (protocol.id, network) in measured.features:
            predictions, truths = measured.features[protocol.id, network]
            features[network] = store.rows(predictions), store.rows(truths)
            result["features"][network] = {"predictions": store.keep(predictions), "references": store.keep(truths)}
            result["weights"][store.network.file] = store.network.sha256
    for network, compare in networks.pairs.items():
        if task.wants(needs=network):
            result["weights"][compare.file] = compare.sha256
    rows: list[dict[str, Any]] = [{"key": key, "scene": references.scenes[key]} for key in measured.keys]
    cells = {}
    for name in task.metrics:
        metric = protocol.metrics[name].metric
        if metric.kind == "set":
            cells[name] = _of_set(task, name, measured, features)
            continue
        defined = [value for value in values.get(name, ()) if value is not None]
        if not defined:
            absent = missing(metric.network) if metric.network else _NO_VISIBLE
            cells[name] = cell(metric, None, 0, _NOWHERE if name in values else absent)
        elif metric.kind == "pooled":
            cells[name] = cell(metric, protocol.pool(name, defined), len(defined))
        else:
            cells[name] = cell(metric, float(np.mean(defined)), len(defined))
        if metric.kind == "image" and name in values:
            for row, value in zip(rows, values[name], strict=True):
                row[name] = value
    for name, sure in intervals(rows, features.get("inception")).items():
        if name in cells:
            cells[name] |= sure
    return Scores(result | {"metrics": cells, "per_scene": per_scene(rows)}, rows)


def _of_set(task: Task, name: str, measured: Measured, features: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    """The cell of a metric of all pictures at once."""
    protocol, count = task.protocol, len(measured.keys)
    metric = protocol.metrics[name].metric
    if count < 2:
        return cell(metric, None, 0, _ONE_IMAGE)
    if metric.network:
        if metric.network not in features:
            return cell(metric, None, 0, missing(metric.network))
        return cell(metric, protocol.measure(name, *features[metric.network]), count)
    predictions, truths = (np.stack(side) for side in measured.pictures[protocol.view])
    return cell(metric, protocol.measure(name, predictions, truths), count)

"""Adds missing metrics and protocols to predictions that are there. No method is imported, and no picture is made."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import splits
from bench import external, references
from bench.networks import has_weights
from bench.protocol import Protocol
from bench.provenance import write_scoring
from bench.result import Scores, merged, read, require_same_pictures, write
from bench.score import score_all
from bench.submission import match
from shards.console import Stopwatch
from shards.errors import UserError, unknown
from shards.home import Home


@dataclass(frozen=True)
class Added:
    """What was added to one set of predictions under one protocol.

    Attributes:
        metrics: that have a value now and had none; none where none was missing.
        missing: why others have no value still, by metric.
    """

    folder: Path
    protocol: str
    metrics: Sequence[str]
    missing: Mapping[str, str]


def rescore(
    run: str, protocols: Sequence[Protocol], home: Home, *, dataset: str | None = None, quiet: bool = False
) -> list[Added]:
    """Scores every set of predictions of a run by what its records lack, and completes the records.

    Args:
        run: a run's folder name in the home, the path of one, or a folder of predictions that was scored.
        protocols: to complete.
        home: where runs, shards and weights lie.
        dataset: what the predictions are held against; None for what the run says.
        quiet: no progress.

    Raises:
        UserError: there is no such run, it has no predictions, what they were made for is not known, or they have
            changed since they were scored.
    """
    found = [place for place in (home.runs / run, Path(run)) if place.is_dir()]
    if not found:
        raise unknown("run", run, (path.name for path in home.runs.glob("*")), hint="`python -m bench list`")
    places = [path for path in sorted(found[0].glob("predictions/*")) if _source(path)]
    places = places or external.places_for(found[0], home)
    if not places:
        raise UserError(f"{found[0]} has no predictions", "`python -m bench predict METHOD --dataset NAME` makes them")
    return [added for place in places for added in _complete(place, protocols, home, dataset, quiet=quiet)]


def lacking(protocol: Protocol, kept: Scores | None, home: Home, *, quiet: bool = False) -> list[str]:
    """The metrics that a record does not hold, or holds in another version, and those whose weights came since."""
    names = []
    for name, use in protocol.metrics.items():
        cell = kept.result["metrics"].get(name) if kept else None
        is_new = cell is None or cell["version"] != use.metric.version
        network = use.metric.network
        is_missing = cell is not None and cell["value"] is None and network
        if is_new or (is_missing and has_weights(network, home, quiet=quiet)):
            names.append(name)
    return names


def _complete(
    place: Path, protocols: Sequence[Protocol], home: Home, dataset: str | None, *, quiet: bool
) -> list[Added]:
    kept = {protocol.id: _kept(place, protocol) for protocol in protocols}
    only = {protocol.id: lacking(protocol, kept[protocol.id], home, quiet=quiet) for protocol in protocols}
    wanted = [protocol for protocol in protocols if only[protocol.id]]
    if wanted:
        source, watch = _source(place), Stopwatch()
        samples = splits.load(
            dataset or source["dataset"], source["subset"], home=home, captions="none", maps="none", partial=True
        )
        truth = references.of_dataset(samples, source["subset"])
        others = references.elsewhere(dataset or source["dataset"], source["subset"], home, partial=True)
        asked = {name: source[name] for name in ("suffix", "allow_missing")}
        submission = match(Path(source["folder"]), truth, others, **asked)
        anybodys = bool(external.source(place))  # of our own predictions it is told what is wrong, as `run` tells it
        found = score_all(
            submission, truth, wanted, home, only=only, elsewhere=others if anybodys else None, quiet=quiet
        )
        seconds = watch.seconds
        complete = {name: merged(before, found[name]) if (before := kept[name]) else found[name] for name in found}
        for scores in found.values():
            require_same_pictures(place / "scores", scores.result)
        for name, scores in complete.items():
            write(place / "scores" / name, scores.result, scores.rows)
            write_scoring(place / "scores" / name, seconds, scores.result["n"], scores.result["weights"])
    return [_added(place, protocol, only[protocol.id]) for protocol in protocols]


def _added(place: Path, protocol: Protocol, names: Sequence[str]) -> Added:
    """What became of the metrics that a record lacked."""
    scores = read(place / "scores" / protocol.id)
    cells = scores.result["metrics"] if scores else {}
    return Added(
        place,
        protocol.id,
        [name for name in names if cells[name]["value"] is not None],
        {name: cells[name]["reason"] for name in protocol.metrics if name in cells and cells[name]["value"] is None},
    )


def _kept(place: Path, protocol: Protocol) -> Scores | None:
    """The record to complete; one that does not say which pictures it is of is made anew."""
    found = read(place / "scores" / protocol.id)
    return found if found is not None and "submission_sha256" in found.result else None


def _source(place: Path) -> Mapping[str, Any]:
    """Where the pictures lie and what they were made for; {} where nothing says so."""
    if noted := external.source(place):
        return noted
    if not (place / "submission.json").is_file():
        return {}
    about = json.loads((place / "submission.json").read_text())
    spec = place.parent.parent / "spec.json"
    asked = json.loads(spec.read_text())["about"].get("dataset") if spec.is_file() else None
    made_for = {"dataset": asked or about["dataset"], "subset": about["split"]}
    return {"folder": str(place), **made_for, "suffix": "", "allow_missing": False}

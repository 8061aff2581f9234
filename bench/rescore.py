"""Adds missing metrics and protocols to predictions that are there. No method is imported, and no picture is made."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import splits
from bench import references
from bench.journal import write_json
from bench.networks import has_weights
from bench.protocol import Protocol
from bench.result import Scores, merged, read, write
from bench.score import score_all
from bench.submission import match
from shards.errors import UserError, unknown
from shards.home import Home

_SOURCE = "source.json"


@dataclass(frozen=True)
class Added:
    """What was added to one set of predictions under one protocol; no metrics where none was missing."""

    folder: Path
    protocol: str
    metrics: Sequence[str]


def rescore(
    run: str, protocols: Sequence[Protocol], home: Home, *, dataset: str | None = None, quiet: bool = False
) -> list[Added]:
    """Scores every set of predictions of a run by what its records lack, and completes the records.

    Args:
        run: a run's folder name in the home, or the path of one.
        protocols: to complete.
        home: where runs, shards and weights lie.
        dataset: what the predictions are held against; None for what the run says.
        quiet: no progress.

    Raises:
        UserError: there is no such run, it has no predictions, or what they were made for is not known.
    """
    found = [place for place in (home.runs / run, Path(run)) if place.is_dir()]
    if not found:
        raise unknown("run", run, (path.name for path in home.runs.glob("*")), hint="`python -m bench list`")
    places = [path for path in sorted(found[0].glob("predictions/*")) if _source(path)]
    if not places:
        raise UserError(f"{found[0]} has no predictions", "`python -m bench predict METHOD --dataset NAME` makes them")
    return [added for place in places for added in _complete(place, protocols, home, dataset, quiet=quiet)]


def write_source(place: Path, folder: Path, dataset: str, subset: str, *, suffix: str, allow_missing: bool) -> None:
    """Notes beside the scores of somebody's folder where its pictures lie and what they were held against."""
    known = str(Path(dataset).resolve()) if Path(dataset).is_file() else dataset
    source = {"folder": str(folder.resolve()), "dataset": known, "subset": subset}
    write_json(place / _SOURCE, source | {"suffix": suffix, "allow_missing": allow_missing})


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
        source = _source(place)
        samples = splits.load(
            dataset or source["dataset"], source["subset"], home=home, captions="none", maps="none", partial=True
        )
        truth = references.of_dataset(samples, source["subset"])
        others = references.elsewhere(dataset or source["dataset"], source["subset"], home, partial=True)
        asked = {name: source[name] for name in ("suffix", "allow_missing")}
        submission = match(Path(source["folder"]), truth, others, **asked)
        for name, scores in score_all(submission, truth, wanted, home, only=only, quiet=quiet).items():
            before = kept[name]
            complete = merged(before, scores) if before else scores
            write(place / "scores" / name, complete.result, complete.rows)
    return [Added(place, protocol.id, only[protocol.id]) for protocol in protocols]


def _kept(place: Path, protocol: Protocol) -> Scores | None:
    """The record to complete; one that does not say which pictures it is of is made anew."""
    found = read(place / "scores" / protocol.id)
    return found if found is not None and "submission_sha256" in found.result else None


def _source(place: Path) -> Mapping[str, Any]:
    """Where the pictures lie and what they were made for; {} where nothing says so."""
    if (place / _SOURCE).is_file():
        noted: dict[str, Any] = json.loads((place / _SOURCE).read_text())
        return noted
    if not (place / "submission.json").is_file():
        return {}
    about = json.loads((place / "submission.json").read_text())
    spec = place.parent.parent / "spec.json"
    asked = json.loads(spec.read_text())["about"].get("dataset") if spec.is_file() else None
    made_for = {"dataset": asked or about["dataset"], "subset": about["split"]}
    return {"folder": str(place), **made_for, "suffix": "", "allow_missing": False}

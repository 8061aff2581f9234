"""Scores a folder of predictions, ours or anybody's, by a protocol."""

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench import weights
from bench.features import inception_features
from bench.journal import write_json
from bench.metrics import METRICS
from bench.protocol import BadImage, Geometry, Protocol, check_geometry, decode_grey, fit
from bench.references import References, image_files
from shards.atomic import replacing
from shards.console import progress
from shards.errors import UserError
from shards.home import Home

_SHOWN = 20


@dataclass(frozen=True)
class Submission:
    """A folder of predictions matched with the references.

    Attributes:
        files: prediction by key.
        rule: which names matched: key, publisher's id, raw stem.
        about: the folder's submission.json, {} where it has none.
    """

    folder: Path
    files: Mapping[str, Path]
    rule: str
    about: Mapping[str, Any] = field(default_factory=dict)

    def geometry(self, key: str) -> Geometry | None:
        """What the submission declares for one prediction."""
        declared = self.about.get("geometry")
        if declared is None:
            return None
        box = declared.get("boxes", {}).get(key, declared.get("box"))
        return Geometry(declared["kind"], None if box is None else tuple(box))


def match(folder: Path, references: References, *, suffix: str = "") -> Submission:
    """Matches files by key, else by the publisher's id, else by raw stem: one rule for the whole folder.

    Args:
        folder: predictions.
        references: what they are to be held against.
        suffix: an ending of the stems that is not part of the name, e.g. `_fake_B`.

    Raises:
        UserError: ids missing, or files that belong to nothing (codes E01, E02); lists up to 20.
    """
    files = {stem.removesuffix(suffix): path for stem, path in image_files(folder).items() if stem.endswith(suffix)}
    rules = {
        rule: {key: files[name] for name, key in names.items() if name in files}
        for rule, names in references.names.items()
    }
    rule = max(rules, key=lambda r: len(rules[r]))
    found = rules[rule]
    missing = sorted(set(references.keys) - found.keys())
    if missing:
        there = f"; {folder} holds {', '.join(sorted(files)[:3])}, ..." if len(missing) == len(references.keys) else ""
        raise UserError(
            f"E01: {len(missing)} of {len(references.keys)} predictions are missing: {_some(missing)}{there}",
            f"files are named by {', '.join(references.names)}; --suffix cuts an ending",
        )
    extra = sorted(files.keys() - {name for name, key in references.names[rule].items() if key in found})
    if extra:
        raise UserError(f"E02: {len(extra)} files belong to no sample: {_some(extra)}", "remove them")
    about = folder / "submission.json"
    return Submission(folder, found, rule, json.loads(about.read_text()) if about.is_file() else {})


def score(
    submission: Submission, references: References, protocol: Protocol, home: Home, *, quiet: bool = False
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The result document `ir500k.result/1`, and the per-image rows.

    Raises:
        UserError: pictures that the protocol refuses; lists up to 20 with their codes.
    """
    predictions, truths = _fitted(submission, references, protocol, quiet=quiet)
    per_image: dict[str, list[float]] = {}
    metrics: dict[str, dict[str, Any]] = {}
    for name in protocol.metrics:
        if METRICS[name].kind == "image":
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                per_image[name] = list(pool.map(partial(protocol.measure, name), predictions, truths))
            metrics[name] = _cell(name, float(np.mean(per_image[name])), len(truths))
    metrics |= _set_metrics(predictions, truths, protocol, home, quiet=quiet)
    rows = [
        {"key": key, "scene": references.scenes[key], **{n: values[i] for n, values in per_image.items()}}
        for i, key in enumerate(references.keys)
    ]
    model = submission.about.get("model", {})
    result = {
        "schema": "ir500k.result/1",
        "protocol": protocol.id,
        "dataset": references.title,
        "subset": references.subset,
        "fingerprint": references.fingerprint,
        "n": len(references.keys),
        "partial": references.partial,
        "label": model.get("label", submission.folder.resolve().name),
        "family": model.get("family", "other"),
        "method": model.get("name", ""),
        "preset": model.get("preset", ""),
        "matched_by": submission.rule,
        "metrics": {name: metrics[name] for name in protocol.metrics},
        "warnings": _warnings(submission, references),
        "notes": list(submission.about.get("notes", [])),
    }
    return result, rows


def write(folder: Path, result: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Path:
    """result.json and per_image.parquet; equal scores make equal bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with replacing(folder / "per_image.parquet") as temporary:
        pq.write_table(pa.Table.from_pylist(list(rows)), temporary, compression="zstd")
    write_json(folder / "result.json", result)
    return folder / "result.json"


def _fitted(
    submission: Submission, references: References, protocol: Protocol, *, quiet: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Both sides at the protocol's size, in key order; every refused picture is named, not only the first."""

    def one(key: str) -> tuple[np.ndarray, np.ndarray] | str:
        try:
            truth = references.image(key)
            prediction = decode_grey(submission.files[key], allow_colour=submission.about.get("colour") == "rgb")
            sizes = [(a.shape[1], a.shape[0]) for a in (prediction, truth)]
            box = check_geometry(sizes[0], sizes[1], submission.geometry(key), size=protocol.size)
            return fit(prediction, protocol.size), fit(truth, protocol.size, box)
        except BadImage as bad:
            return f"{bad.code} {submission.files[key].name}: {bad.message}"

    with progress(len(references.keys), "pictures", quiet=quiet) as shown, ThreadPoolExecutor(os.cpu_count()) as pool:
        found = []
        for pair in pool.map(one, references.keys):
            found.append(pair)
            shown.advance()
    refused = [pair for pair in found if isinstance(pair, str)]
    if refused:
        raise UserError(f"{len(refused)} predictions are refused: {'; '.join(refused[:3])}", _mend(refused))
    pairs = [pair for pair in found if not isinstance(pair, str)]
    return np.stack([p for p, _ in pairs]), np.stack([t for _, t in pairs])


def _set_metrics(
    predictions: np.ndarray, truths: np.ndarray, protocol: Protocol, home: Home, *, quiet: bool
) -> dict[str, dict[str, Any]]:
    names = [name for name in protocol.metrics if METRICS[name].kind == "set"]
    file = None
    if len(truths) > 1 and any(METRICS[n].needs for n in names):
        file = weights.find_or_fetch("inception", home, quiet=quiet)
    cells = {}
    for name in names:
        if len(truths) < 2:
            cells[name] = _cell(name, None, 0, "a distance between sets needs two images at least")
        elif METRICS[name].needs is None:
            cells[name] = _cell(name, protocol.measure(name, predictions, truths), len(truths))
        elif file is None:
            reason = "the Inception weights are missing: `python -m bench weights add inception FILE`"
            cells[name] = _cell(name, None, 0, reason)
        else:
            sides = [inception_features(side, home, file) for side in (predictions, truths)]
            cells[name] = _cell(name, protocol.measure(name, *sides), len(truths))
    return cells


def _cell(name: str, value: float | None, count: int, reason: str | None = None) -> dict[str, Any]:
    metric = METRICS[name]
    return {
        "value": value,
        "direction": metric.direction,
        "unit": metric.unit,
        "version": metric.version,
        "n_defined": count,
        "reason": reason,
    }


def _warnings(submission: Submission, references: References) -> list[str]:
    warnings = []
    if any(path.suffix.lower() != ".png" for path in submission.files.values()):
        warnings.append("W01: predictions in a lossy form")
    if len(references.keys) < 2048:
        warnings.append(f"W06: {len(references.keys)} images; FID and KID of so few are biased and noisy")
    return warnings


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")


def _mend(refused: Sequence[str]) -> str:
    codes = {line.split()[0] for line in refused}
    if "E05" in codes:
        return "declare `geometry` in the folder's submission.json, or predict the whole frame"
    if "W02" in codes:
        return "save one channel, or declare `colour: rgb` in the folder's submission.json"
    return "write 8-bit grey PNGs"

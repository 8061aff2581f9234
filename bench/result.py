"""The result document `ir500k.result/1`: what a protocol said about a folder of predictions, and how it is kept."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.journal import write_json
from bench.metrics import Metric
from shards.atomic import replacing
from shards.errors import UserError

if TYPE_CHECKING:  # they load networks' libraries, which who only reads results does without
    from bench.check import Seen
    from bench.references import References
    from bench.submission import Submission

_NEARLY_ALL = 0.8
_SAME = ("fingerprint", "submission_sha256", "n", "geometry")
"""What records of the same pictures agree on."""
_PACKAGES = ("numpy", "opencv-python-headless", "pillow", "torch")


@dataclass(frozen=True)
class Scores:
    """What one protocol said.

    Attributes:
        result: the document.
        rows: one per image in key order: `key`, `scene` and every metric of kind "image", None where undefined.
    """

    result: dict[str, Any]
    rows: list[dict[str, Any]]


def document(
    submission: "Submission", references: "References", seen: Sequence["Seen"], warnings: Sequence[str]
) -> dict[str, Any]:
    """What the results of all protocols share.

    Args:
        submission: what was scored.
        references: what it was held against.
        seen: its pictures, in key order.
        warnings: lines of the checker.
    """
    model = submission.model
    lines = "".join(f"{one.key}\t{one.sha256}\n" for one in seen)
    missing = len(references.keys) - len(seen)
    return {
        "schema": "ir500k.result/1",
        "dataset": references.title,
        "subset": references.subset,
        "fingerprint": references.fingerprint,
        "split_fingerprint": references.fingerprint,
        "per_image": "per_image.parquet",
        "submission_sha256": hashlib.sha256(lines.encode()).hexdigest(),
        "n": len(seen),
        "missing": missing,
        "partial": references.partial or missing > 0,
        "label": model.get("label", submission.folder.resolve().name),
        "family": model.get("family", "other"),
        "method": model.get("name", ""),
        "preset": model.get("preset", ""),
        "matched_by": submission.rule,
        "geometry": _geometry(submission, references, [one.key for one in seen]),
        "warnings": list(warnings),
        "notes": list(submission.about.get("notes", [])),
        "environment": _environment(),
    }


def cell(metric: Metric, value: float | None, count: int, reason: str | None = None) -> dict[str, Any]:
    """One metric's place in a result.

    Args:
        metric: the registry's.
        value: raw; None where missing.
        count: images behind it.
        reason: why it is missing.
    """
    return {
        "value": value,
        "direction": metric.direction,
        "unit": metric.unit,
        "version": metric.version,
        "n_defined": count,
        "reason": reason,
        "ci95": None,
        "se": None,
        "method": "",
    }


def per_scene(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Means of each scene; nothing where every image is a scene of its own, which the rows tell already."""
    scenes: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        scenes.setdefault(row["scene"], []).append(row)
    if len(scenes) == len(rows):
        return {}
    found: dict[str, dict[str, Any]] = {}
    for scene, members in sorted(scenes.items()):
        found[scene] = {"n": len(members)}
        for name in (name for name in members[0] if name not in ("key", "scene")):
            defined = [member[name] for member in members if member[name] is not None]
            found[scene][name] = float(np.mean(defined)) if defined else None
    return found


def merged(old: Scores, new: Scores) -> Scores:
    """A record with metrics that were computed later on the same pictures.

    Raises:
        UserError: the pictures are not the same.
    """
    _require_same(old.result, new.result)
    result = old.result | new.result | {name: old.result[name] for name in ("label", "notes")}
    for name in ("metrics", "weights", "features"):
        if name in result:
            result[name] = old.result.get(name, {}) | new.result.get(name, {})
    rows = [before | after for before, after in zip(old.rows, new.rows, strict=True)]
    return Scores(result | {"per_scene": per_scene(rows)}, rows)


def part_shown(result: Mapping[str, Any]) -> str | None:
    """Which part of the frames a result compared, by the digest of its boxes; None for all or nearly all of them.

    What a working size in multiples of 64 px cuts off (9 % of DiffV2IR's 640 x 512) leaves a result comparable.
    """
    geometry = result.get("geometry", {"share": 1.0, "boxes": None})
    found: str | None = None if geometry["share"] >= _NEARLY_ALL else geometry["boxes"]
    return found


def of_other_pictures(scores: Path, result: Mapping[str, Any]) -> list[Path]:
    """The records beside a result that say that they are of other pictures.

    Args:
        scores: the folder that holds one folder for each protocol.
        result: a document of the pictures as they are now.
    """
    paths = sorted(scores.glob("*/result.json"))
    return [path.parent for path in paths if _differing(json.loads(path.read_text()), result)]


def require_same_pictures(scores: Path, result: Mapping[str, Any]) -> None:
    """Nothing, where all records beside a result are of its pictures.

    Raises:
        UserError: one is not.
    """
    for folder in of_other_pictures(scores, result):
        _require_same(json.loads((folder / "result.json").read_text()), result)


def write(folder: Path, result: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Path:
    """result.json, and before it per_image.parquet and the flat scores.json; equal scores make equal bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = [(name, pa.string() if name in ("key", "scene") else pa.float64()) for name in rows[0]]
    with replacing(folder / "per_image.parquet") as temporary:
        pq.write_table(pa.Table.from_pylist(list(rows), pa.schema(columns)), temporary, compression="zstd")
    values = {name: found["value"] for name, found in result["metrics"].items()}
    write_json(folder / "scores.json", {name: value for name, value in values.items() if value is not None})
    write_json(folder / "result.json", result)
    return folder / "result.json"


def read(folder: Path) -> Scores | None:
    """What `write` wrote into a folder; None where it holds no result."""
    import pyarrow.parquet as pq

    path = folder / "result.json"
    if not path.is_file():
        return None
    return Scores(json.loads(path.read_text()), pq.read_table(folder / "per_image.parquet").to_pylist())


def _geometry(submission: "Submission", references: "References", keys: Sequence[str]) -> dict[str, Any]:
    """Which part of the references' frames was compared: its share of their pixels, and a digest of the boxes."""
    lines, shown, whole = [], 0.0, 0
    for key in keys:
        width, height = references.size(key)
        declared = submission.geometry(key)
        box = declared.box if declared is not None and declared.box is not None else (0.0, 0.0, width, height)
        lines.append(f"{key}\t{' '.join(str(float(edge)) for edge in box)}\n")
        shown += (box[2] - box[0]) * (box[3] - box[1])
        whole += width * height
    if shown == whole:
        return {"kind": "whole", "share": 1.0, "boxes": None}
    return {"kind": "crop", "share": shown / whole, "boxes": hashlib.sha256("".join(lines).encode()).hexdigest()}


def _require_same(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Raises UserError where two records are not of the same pictures."""
    if differing := _differing(old, new):
        raise UserError(
            f"{new['label']}: its {differing[0].replace('_', ' ')} is no longer that of its scores",
            "the pictures have changed: score the folder anew with `python -m bench score`",
        )


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [key for key in _SAME if key in old and old[key] != new[key]]


def _environment() -> dict[str, str]:
    """Versions on which a digit may depend."""
    from PIL import features

    versions = {name: metadata.version(name) for name in _PACKAGES}
    return versions | {"libjpeg-turbo": str(features.version_feature("libjpeg_turbo"))}

"""Predictions of a trained stage on a subset: one PNG per sample, and how they were made."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from bench import journal, provenance
from bench.checkpoint import Checkpoint, load_weights
from bench.stage import Stage, digest, plain
from bench.trainer import build_method, weight_digests
from bench.views import buckets, prediction_batch, to_pixels
from models.method import Geometry, Method
from shards.atomic import replacing
from shards.console import Stopwatch, progress
from shards.dataset import SampleDataset
from shards.home import Home


def predict(
    stage: Stage, found: Checkpoint, samples: SampleDataset, subset: str, home: Home, *, quiet: bool = False
) -> Path:
    """Makes what is missing of a subset's predictions; returns their folder.

    KEY.png is 8-bit grey at the method's working size; submission.json, written last, tells the geometry. The
    folder's name hashes the sampling settings, the checkpoint and the subset, so that a sweep over sampling
    settings never trains and never mixes.
    """
    identity = {
        "sample": plain(stage.preset.sample),
        "checkpoint": dict(found.digests),
        "fingerprint": samples.fingerprint,
        "seed": stage.seed,
    }
    folder = stage.folder(home) / "predictions" / f"{samples.title}-{subset}-{digest(identity)[:10]}"
    if (folder / "submission.json").is_file():
        return folder
    with journal.locked(stage.folder(home)):
        method = build_method(stage, home, None)
        load_weights(method, found.weights())
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        method.to(device).eval()
        folder.mkdir(parents=True, exist_ok=True)
        watch = Stopwatch()
        rows = [samples.facts(i) for i in range(len(samples))]
        geometries = [method.geometry(row["ir_width"], row["ir_height"]) for row in rows]
        todo = [i for i, row in enumerate(rows) if not (folder / f"{row['key']}.png").is_file()]
        with progress(len(rows), "predictions", quiet=quiet) as shown:
            shown.advance(len(rows) - len(todo))
            for geometry, batch in buckets([geometries[i] for i in todo], stage.method.card.predict_batch):
                places = [todo[i] for i in batch]
                _predict_batch(method, stage, samples, places, geometry, folder, device)
                shown.advance(len(places))
        record = provenance.cost(watch.seconds, len(todo), device)
        used = weight_digests(stage, home)
        journal.write_json(folder / "run.json", record | {"environment": provenance.environment(used)})
        journal.write_json(folder / "submission.json", _submission(stage, found, samples, subset, rows, geometries))
    return folder


@torch.no_grad()
def translate(
    method: Method,
    stage: Stage,
    samples: SampleDataset,
    places: Sequence[int],
    geometry: Geometry,
    device: torch.device,
) -> list[Any]:
    """Pictures of some samples that share a geometry, HW uint8 each."""
    batch = prediction_batch(
        [samples[i] for i in places], geometry, stage.preset.train.data.resample, stage.seed, stage.conditions
    )
    return [to_pixels(picture) for picture in method.translate(batch.to(device))]


def _predict_batch(
    method: Method,
    stage: Stage,
    samples: SampleDataset,
    places: Sequence[int],
    geometry: Geometry,
    folder: Path,
    device: torch.device,
) -> None:
    keys = [samples.facts(i)["key"] for i in places]
    for key, pixels in zip(keys, translate(method, stage, samples, places, geometry, device), strict=True):
        with replacing(folder / f"{key}.png") as temporary:
            Image.fromarray(pixels).save(temporary, format="PNG", compress_level=3)


def _submission(
    stage: Stage,
    found: Checkpoint,
    samples: SampleDataset,
    subset: str,
    rows: Sequence[dict[str, Any]],
    geometries: Sequence[Geometry],
) -> dict[str, Any]:
    whole = all(g.box == (0, 0, r["ir_width"], r["ir_height"]) for g, r in zip(geometries, rows, strict=True))
    geometry: dict[str, Any] = {"kind": "squash"} if whole else {"kind": "crop"}
    if not whole:
        geometry["boxes"] = {r["key"]: list(g.box) for g, r in zip(geometries, rows, strict=True)}
    notes = [] if found.done else [f"stopped at step {found.step:,} of {found.total:,}"]
    if stage.partial or samples.partial:
        notes.append("partial dataset")
    return {
        "schema": "ir500k.submission/1",
        "model": {
            "name": stage.method.card.name,
            "label": stage.label,
            "family": stage.method.card.family,
            "preset": stage.preset_name,
            "stage": stage.id,
            "weights": dict(found.digests),
        },
        "dataset": samples.title,
        "split": subset,
        "split_fingerprint": samples.fingerprint,
        "train_fingerprint": stage.fingerprint,
        "n": len(rows),
        "geometry": geometry,
        "colour": "grey",
        "sampler": {"settings": plain(stage.preset.sample), "seed": stage.seed},
        "conditions": sorted(stage.conditions),
        "notes": notes,
    }

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
from models.method import Geometry, Method, stream
from shards.atomic import replacing
from shards.console import Stopwatch, progress
from shards.dataset import SampleDataset
from shards.home import Home


def predict(
    stage: Stage,
    found: Checkpoint,
    samples: SampleDataset,
    subset: str,
    home: Home,
    *,
    draws: int = 1,
    quiet: bool = False,
) -> Path:
    """Makes what is missing of a subset's predictions; returns their folder.

    KEY.png is 8-bit grey at the method's working size; submission.json, written last, tells the geometry. The
    folder's name hashes the sampling settings, the checkpoint and the subset, so that a sweep over sampling
    settings never trains and never mixes. Of several draws per input the first equals the picture of a single one;
    they are called KEY__s0.png, KEY__s1.png and so on.
    """
    identity: dict[str, Any] = {
        "sample": plain(stage.preset.sample),
        "checkpoint": dict(found.digests),
        "fingerprint": samples.fingerprint,
        "seed": stage.seed,
    } | ({"draws": draws} if draws > 1 else {})
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
        made = 0
        with progress(len(rows) * draws, "predictions", quiet=quiet) as shown:
            for draw in range(draws):
                suffix = f"__s{draw}" if draws > 1 else ""
                todo = [i for i, row in enumerate(rows) if not (folder / f"{row['key']}{suffix}.png").is_file()]
                shown.advance(len(rows) - len(todo))
                for geometry, batch in buckets([geometries[i] for i in todo], stage.method.card.predict_batch):
                    places = [todo[i] for i in batch]
                    seed = stage.seed if draw == 0 else stream(stage.seed, "draw", draw)
                    pictures = translate(method, stage, samples, places, geometry, device, seed=seed)
                    _keep([f"{rows[i]['key']}{suffix}" for i in places], pictures, folder)
                    shown.advance(len(places))
                made += len(todo)
        record = provenance.cost(watch.seconds, made, device)
        used = weight_digests(stage, home)
        journal.write_json(folder / "run.json", record | {"environment": provenance.environment(used)})
        journal.write_json(
            folder / "submission.json", _submission(stage, found, samples, subset, rows, geometries, draws)
        )
    return folder


@torch.no_grad()
def translate(
    method: Method,
    stage: Stage,
    samples: SampleDataset,
    places: Sequence[int],
    geometry: Geometry,
    device: torch.device,
    *,
    seed: int,
) -> list[Any]:
    """Pictures of some samples that share a geometry, HW uint8 each; `seed` decides the noise."""
    batch = prediction_batch(
        [samples[i] for i in places], geometry, stage.preset.train.data.resample, seed, stage.conditions
    )
    return [to_pixels(picture) for picture in method.translate(batch.to(device))]


def _keep(names: Sequence[str], pictures: Sequence[Any], folder: Path) -> None:
    for name, pixels in zip(names, pictures, strict=True):
        with replacing(folder / f"{name}.png") as temporary:
            Image.fromarray(pixels).save(temporary, format="PNG", compress_level=3)


def _submission(
    stage: Stage,
    found: Checkpoint,
    samples: SampleDataset,
    subset: str,
    rows: Sequence[dict[str, Any]],
    geometries: Sequence[Geometry],
    draws: int,
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
        "sampler": {"settings": plain(stage.preset.sample), "seed": stage.seed}
        | ({"draws": draws} if draws > 1 else {}),
        "conditions": sorted(stage.conditions),
        "notes": notes,
    }

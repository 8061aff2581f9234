"""Pairs for a page: visible, infrared and every run's prediction, with the scores of each."""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from reports.page import Entry, Grid
from shards.dataset import SampleDataset
from shards.image import to_uint8

_LARGEST_SIDE = 512
_FAMILIES = ("control", "other", "gan", "diffusion")  # the page opens on the last


def gallery(results: Sequence[Mapping[str, Any]], samples: SampleDataset, *, count: int = 12) -> Grid:
    """A grid of pairs spread evenly over the subset in key order, so that nobody picked them.

    Args:
        results: result documents with `folder`, as `bench.run.results` gives them.
        samples: the subset that was predicted.
        count: pairs to show.
    """
    results = sorted(results, key=lambda r: _FAMILIES.index(r["family"]) if r["family"] in _FAMILIES else 1)
    places = np.unique(np.linspace(0, len(samples) - 1, min(count, len(samples))).round().astype(int))
    scores = {str(r["label"]): _per_image(Path(r["folder"]), r["protocol"]) for r in results}
    entries = [_entry(results, samples, int(i), scores) for i in places]
    note = f"{len(places)} of {len(samples)} pairs, evenly spread in the order of their keys"
    return Grid(f"{samples.title}, test pairs", note, entries)


def full_frame(prediction: Image.Image, box: Sequence[float], size: tuple[int, int]) -> Image.Image:
    """A prediction of a cropped input where it lies on its frame; what it does not show is mid-grey."""
    frame = Image.new("L", size, 128)
    left, top, right, bottom = (round(edge) for edge in box)
    frame.paste(prediction.resize((right - left, bottom - top), Image.Resampling.BICUBIC), (left, top))
    return frame


def _entry(
    results: Sequence[Mapping[str, Any]],
    samples: SampleDataset,
    place: int,
    scores: Mapping[str, Mapping[str, Mapping[str, float]]],
) -> Entry:
    sample = samples[place]
    predictions = {}
    for result in results:
        found = _prediction(Path(result["folder"]), sample.key, sample.size)
        if found is not None:
            predictions[str(result["label"])] = _encoded(found)
    infrared = Image.fromarray(to_uint8(sample.infrared))
    return Entry(
        sample.key,
        _encoded(Image.fromarray(sample.visible)),
        _encoded(infrared),
        predictions,
        {label: scores[label].get(sample.key, {}) for label in predictions},
    )


def _prediction(folder: Path, key: str, size: tuple[int, int]) -> Image.Image | None:
    """A picture by its key; folders that match by other names have none here."""
    path = next((path for path in (folder / f"{key}.png", folder / f"{key}__s0.png") if path.is_file()), None)
    if path is None:
        return None
    about = folder / "submission.json"
    geometry: dict[str, Any] = json.loads(about.read_text())["geometry"] if about.is_file() else {"kind": "squash"}
    with Image.open(path) as opened:
        picture = opened.convert("L")
    return picture if geometry["kind"] == "squash" else full_frame(picture, geometry["boxes"][key], size)


def _per_image(folder: Path, protocol: str) -> dict[str, dict[str, float]]:
    import pyarrow.parquet as pq

    rows = pq.read_table(folder / "scores" / protocol / "per_image.parquet").to_pylist()
    return {row["key"]: {k: v for k, v in row.items() if isinstance(v, float)} for row in rows}


def _encoded(picture: Image.Image) -> bytes:
    """JPEG bytes, at most 512 pixels wide or high, so that a page of a dozen pairs stays small."""
    picture.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()

"""One shard: reads the raw files of its plan, proves them whole, and writes tar, layers and part."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ingest.plan import Planned, ShardPlan
from ingest.source import Layout, Source
from ingest.template import printable
from shards import hashing, image, layer, part, schema, tar
from shards.atomic import replacing
from shards.home import Home

CODEC_RESIDUE = 3
"""Grey infrared may differ by this much between channels after JPEG or MPEG (measured on KAIST and M3SVD)."""

RAW_DATA = "raw data"
"""Who made a layer that lay beside the raw images; `made_by` in its settings."""


@dataclass(frozen=True)
class Task:
    """All that a worker needs; paths and rows cross process borders, never pixels."""

    home: Home
    raw: Path
    source: Source
    layout: Layout
    shard: ShardPlan


@dataclass(frozen=True)
class Report:
    """What came of a shard: rows by status."""

    shard: str
    statuses: Mapping[str, int]


class _Failed(Exception):
    """A sample that becomes a failed row."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(status, reason)
        self.status, self.reason = status, reason


@dataclass(frozen=True)
class _Side:
    """One image of a sample, read and proven."""

    data: bytes
    passed: bool
    header: image.Header
    pixels: np.ndarray
    grey: np.ndarray


def encode(task: Task) -> Report:
    """Writes the shard of a task; equal raw files make equal bytes. Memory holds one sample's pixels."""
    folder = task.home.shards / task.source.name
    path = folder / f"{task.shard.name}.parquet"
    folder.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # without its part the old tar does not exist while the new one is written
    rows: list[dict[str, Any]] = []
    kept: dict[str, dict[str, Any]] = {name: {} for name in task.layout.layers}
    parsed: dict[str, Any] = {}
    with replacing(path.with_suffix(".tar")) as temporary, open(temporary, "wb") as file:
        writer = tar.TarWriter(file)
        for planned in task.shard.samples:
            rows.append(_add(task, planned, writer, kept, parsed))
        digest, size = writer.close()
    if not any(row["status"] == "ok" for row in rows):
        digest, size = "none", 0
        path.with_suffix(".tar").unlink()
    for name, values in kept.items():
        place = task.home.annotations / name / task.source.name / f"{task.shard.name}.parquet"
        layer.write(place, task.layout.layers[name].kind, values, {"made_by": RAW_DATA, "source": task.source.name})
    part.write(path, rows, part.Mark(task.shard.id, digest, size))
    return Report(task.shard.name, Counter(row["status"] for row in rows))


def _add(
    task: Task, planned: Planned, writer: tar.TarWriter, kept: dict[str, dict[str, Any]], parsed: dict[str, Any]
) -> dict[str, Any]:
    """The row of one sample, which is in the tar where the row is ok."""
    row = schema.row(
        key=planned.key,
        source=task.source.name,
        subset=task.shard.subset,
        scene=planned.scene,
        sequence=planned.sequence,
        frame=planned.frame,
        shard=task.shard.name,
        band=task.source.band,
        view=task.source.view,
        licence=task.source.licence,
        vis_path=printable(planned.visible or ""),
        ir_path=printable(planned.infrared or ""),
    )
    try:
        visible, infrared = _sides(task, planned)
        annotations = {name: _annotation(task, name, planned, parsed) for name in planned.layers}
        row |= _facts("ir", infrared, task.shard.suffixes[1])
        if visible is not None:
            row |= _facts("vis", visible, task.shard.suffixes[0])
        row["boxes"] = _boxes(task, planned)
    except _Failed as failure:
        return row | {"status": failure.status, "reason": failure.reason}
    begin = writer.size
    if visible is not None:
        _member(writer, row, "vis", visible.data)
    _member(writer, row, "ir", infrared.data)
    facts = schema.facts_json(row)
    stored = writer.add(f"{planned.key}.json", facts)
    row |= {"json_offset": stored.offset, "json_size": stored.size, "json_sha256": hashing.sha256(facts)}
    for name, value in annotations.items():
        if value is not None:
            kept[name][planned.key] = value
    return row | {"offset": begin, "size": writer.size - begin}


def _sides(task: Task, planned: Planned) -> tuple[_Side | None, _Side]:
    """Both images, each whole, and fit to be a pair."""
    if planned.infrared is None or (planned.visible is None and task.layout.visible is not None):
        lacking = "infrared" if planned.infrared is None else "visible"
        raise _Failed("missing_pair", f"has no {lacking} side")
    infrared = _side(task, "infrared", planned.infrared, planned.infrared_size, task.shard.suffixes[1])
    spread = image.channel_spread(infrared.pixels)
    if spread > CODEC_RESIDUE:
        raise _Failed("pseudocolour", f"infrared channels differ by up to {spread} levels: not a grey infrared image")
    if planned.visible is None:
        return None, infrared
    visible = _side(task, "visible", planned.visible, planned.visible_size, task.shard.suffixes[0])
    if visible.data == infrared.data:
        raise _Failed("same_file", "both sides are the same file")
    sizes = [(s.pixels.shape[1], s.pixels.shape[0]) for s in (visible, infrared)]
    if task.source.same_size and sizes[0] != sizes[1]:
        raise _Failed("size_mismatch", "visible is {} x {}, infrared {} x {}".format(*sizes[0], *sizes[1]))
    return visible, infrared


def _side(task: Task, side: str, raw: str, size: int, suffix: Literal["jpg", "png"]) -> _Side:
    """Reads, decodes to the end, and re-encodes where the stored form asks for it."""
    path = printable(raw)
    if size < 0:
        raise _Failed("not_a_file", f"{side}: {path} bears an image's name and is no file")
    try:
        data = (task.raw / raw).read_bytes()
        header = image.header(data)
        pixels = image.decode(data)
    except OSError as error:
        raise _Failed("unreadable", f"{side}: {path}: {error.strerror}") from None
    except image.BadImage as bad:
        raise _Failed(bad.reason, f"{side}: {path}: {bad}") from None
    passed = header.format == {"jpg": "jpeg", "png": "png"}[suffix] and _is_plain(header)
    if not passed:
        if suffix == "jpg":
            form = f"{header.format} {header.mode}, orientation {header.orientation}"
            raise _Failed("format", f"{side}: {path} is {form}, not a plain JPEG: ingest with --store png")
        pixels = _upright(_without_alpha(pixels), header.orientation)
        data = image.encode_png(pixels)
    return _Side(data, passed, header, pixels, image.to_grey(pixels))


def _is_plain(header: image.Header) -> bool:
    """Readers of every kind show these bytes alike."""
    return header.orientation == 1 and (header.mode in {"L", "RGB"} or header.mode.startswith("I;16"))


def _without_alpha(pixels: np.ndarray) -> np.ndarray:
    return pixels if pixels.ndim == 2 else pixels[..., :3]


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Applies EXIF tag 274 (mirror, then quarter turns)."""
    if orientation in {2, 4, 5, 7}:
        pixels = pixels[:, ::-1]
    turns = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(orientation, 0)
    return np.ascontiguousarray(np.rot90(pixels, turns))


def _facts(prefix: str, side: _Side, suffix: str) -> dict[str, Any]:
    canonical = side.grey if prefix == "ir" else image.to_rgb(side.pixels)
    facts = {
        "width": side.pixels.shape[1],
        "height": side.pixels.shape[0],
        "mode": side.header.mode,
        "bits": side.pixels.dtype.itemsize * 8,
        "stored": suffix,
        "passed": side.passed,
        "sha256": hashing.sha256(side.data),
        "pixels": hashing.pixel_digest(canonical),
        "hash64": hashing.perceptual(side.grey, 8),
        "hash256": hashing.perceptual(side.grey, 16),
        "flat": hashing.is_flat(side.grey),
    }
    return {f"{prefix}_{name}": value for name, value in facts.items()}


def _member(writer: tar.TarWriter, row: dict[str, Any], prefix: str, data: bytes) -> None:
    member = writer.add(f"{row['key']}.{prefix}.{row[f'{prefix}_stored']}", data)
    row[f"{prefix}_offset"], row[f"{prefix}_size"] = member.offset, member.size


def _boxes(task: Task, planned: Planned) -> list[dict[str, Any]]:
    if planned.boxes is None or task.layout.boxes is None:
        return []
    try:
        return task.layout.boxes.read((task.raw / planned.boxes).read_bytes())
    except (OSError, ValueError) as error:
        raise _Failed("bad_annotation", f"{printable(planned.boxes)}: {error}") from None


def _annotation(task: Task, name: str, planned: Planned, parsed: dict[str, Any]) -> Any:
    """The raw value of a layer; a file that serves many samples is parsed once for the shard."""
    files, path = task.layout.layers[name], planned.layers[name]
    try:
        if files.template.fields:
            return files.pick(files.parse((task.raw / path).read_bytes()), planned.fields)
        if path not in parsed:
            parsed[path] = files.parse((task.raw / path).read_bytes())
        return files.pick(parsed[path], planned.fields)
    except (OSError, ValueError) as error:
        raise _Failed("bad_annotation", f"{printable(path)}: {error}") from None

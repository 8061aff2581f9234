"""One shard: reads the raw files of its plan, proves them whole, and writes tar, layers and part."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ingest import normalise
from ingest.plan import Planned, Registration, ShardPlan, Suffix
from ingest.readers import Side
from ingest.registration import register
from ingest.source import Layout, Source
from ingest.template import printable
from ingest.tree import Raw
from shards import hashing, image, layer, part, schema, tar
from shards.atomic import replacing
from shards.home import Home

SAME_FILE = "both sides are the same file"
RAW_DATA = "raw data"
"""Who made a layer that lay beside the raw images; `made_by` in its settings."""


@dataclass(frozen=True)
class Task:
    """All that a worker needs; paths and rows cross process borders, never pixels."""

    home: Home
    raw: Raw
    source: Source
    layout: Layout
    shard: ShardPlan
    registration: Registration


@dataclass(frozen=True)
class Report:
    """What came of a shard: rows by status."""

    shard: str
    statuses: Mapping[str, int]


class _Failed(Exception):
    """A sample that becomes a failed row.

    Attributes:
        facts: what its row should hold all the same.
    """

    def __init__(self, status: str, reason: str, facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(status, reason)
        self.status, self.reason, self.facts = status, reason, dict(facts or {})


@dataclass(frozen=True)
class _Image:
    """One side of a sample, proven whole.

    Attributes:
        data: bytes as they lie in the raw data; empty where pixels come out of a video or a channel.
        form: what they are; also where they are no file of their own.
        mode: of the raw pixels.
        plain: whether every reader shows these bytes alike, and nothing was done to the pixels.
        pixels: as they are to be stored.
        raw_size: width and height before the border was cut and the side resampled.
    """

    data: bytes
    form: str
    mode: str
    plain: bool
    pixels: np.ndarray
    raw_size: tuple[int, int]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def black(self) -> int:
        """The highest level of a black area."""
        return 0 if self.form.startswith("png") else normalise.LOSSY_BLACK

    @cached_property
    def grey_and_spread(self) -> tuple[np.ndarray, int]:
        """HW, and the largest difference between the channels of a pixel."""
        return image.grey_and_spread(self.pixels)

    @cached_property
    def grey(self) -> np.ndarray:
        """HW."""
        return self.grey_and_spread[0] if "grey_and_spread" in self.__dict__ else image.to_grey(self.pixels)


class _Shard:
    """A shard in the making: its tar, what files said that serve many samples, and open videos."""

    def __init__(self, task: Task, writer: tar.TarWriter) -> None:
        self.task, self.writer = task, writer
        self.layers: dict[str, dict[str, Any]] = {name: {} for name in task.layout.layers}
        self.parsed: dict[Any, Any] = {}
        self.pixels = task.layout.read.open(task.raw) if task.layout.read else None

    def close(self) -> None:
        """Lets go of files."""
        if self.pixels is not None:
            self.pixels.close()


def encode(task: Task) -> Report:
    """Writes the shard of a task; equal raw files make equal bytes. Memory holds one sample's pixels."""
    folder = task.home.shards / task.source.name
    path = folder / f"{task.shard.name}.parquet"
    folder.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # without its part the old tar does not exist while the new one is written
    with replacing(path.with_suffix(".tar")) as temporary, open(temporary, "wb") as file:
        writer = tar.TarWriter(file)
        with closing(_Shard(task, writer)) as shard:
            rows = [_add(shard, planned) for planned in task.shard.samples]
        digest, size = writer.close()
    if not any(row["status"] == "ok" for row in rows):
        digest, size = "none", 0
        path.with_suffix(".tar").unlink()
    for name, values in shard.layers.items():
        place = task.home.annotations / name / task.source.name / f"{task.shard.name}.parquet"
        layer.write(place, task.layout.layers[name].kind, values, {"made_by": RAW_DATA, "source": task.source.name})
    part.write(path, rows, part.Mark(task.shard.id, digest, size))
    return Report(task.shard.name, Counter(row["status"] for row in rows))


def _add(shard: _Shard, planned: Planned) -> dict[str, Any]:
    """The row of one sample, which is in the tar where the row is ok."""
    task, writer = shard.task, shard.writer
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
        visible, infrared = _sides(shard, planned)
        annotations = _annotations(shard, planned)
        row["boxes"] = _boxes(shard, planned, visible, infrared)
        if visible is not None:
            row |= _registration(task, visible, infrared)
        data = {"ir": _stored(infrared, "infrared", planned.infrared, task.shard.suffixes[1])}
        row |= _facts("ir", infrared, data["ir"], task.shard.suffixes[1])
        if visible is not None:
            data["vis"] = _stored(visible, "visible", planned.visible, task.shard.suffixes[0])
            row |= _facts("vis", visible, data["vis"], task.shard.suffixes[0])
        row |= _seen(task.source, visible, infrared)
    except _Failed as failure:
        return row | failure.facts | {"status": failure.status, "reason": failure.reason}
    begin = writer.size
    for prefix in sorted(data, reverse=True):
        member = writer.add(f"{planned.key}.{prefix}.{row[f'{prefix}_stored']}", data[prefix])
        row[f"{prefix}_offset"], row[f"{prefix}_size"] = member.offset, member.size
    facts = schema.facts_json(row)
    stored = writer.add(f"{planned.key}.json", facts)
    row |= {"json_offset": stored.offset, "json_size": stored.size, "json_sha256": hashing.sha256(facts)}
    for name, value in annotations.items():
        shard.layers[name][planned.key] = value
    return row | {"offset": begin, "size": writer.size - begin}


def _sides(shard: _Shard, planned: Planned) -> tuple[_Image | None, _Image]:
    """Both images, each whole, brought to one geometry where the source says so, and fit to be a pair."""
    source, layout = shard.task.source, shard.task.layout
    if planned.failure:
        status, reason = planned.failure
        raise _Failed(status, reason)
    if planned.infrared is None or (planned.visible is None and layout.visible is not None):
        lacking = "infrared" if planned.infrared is None else "visible"
        raise _Failed("missing_pair", f"has no {lacking} side")
    infrared = _image(shard, "infrared", planned, planned.infrared, planned.infrared_size)
    if source.grey and infrared.grey_and_spread[1] > image.CODEC_RESIDUE:
        if _is_visible_file(shard, planned, infrared):
            raise _Failed("same_file", SAME_FILE)
        told = f"infrared channels differ by up to {infrared.grey_and_spread[1]} levels"
        raise _Failed("pseudocolour", f"{told}: not a grey infrared image")
    if planned.visible is None:
        return None, infrared
    visible = _image(shard, "visible", planned, planned.visible, planned.visible_size)
    if visible.data and visible.data == infrared.data:
        raise _Failed("same_file", SAME_FILE)
    if _same(visible.grey, infrared.grey):
        raise _Failed("same_file", "both sides show the same pixels")
    if source.resize == "visible":
        visible = _resampled(visible, infrared.size)
    elif source.resize == "infrared":
        infrared = _resampled(infrared, visible.size)
    if source.same_size and visible.size != infrared.size:
        raise _Failed("size_mismatch", "visible is {} x {}, infrared {} x {}".format(*visible.size, *infrared.size))
    return visible, infrared


def _is_visible_file(shard: _Shard, planned: Planned, infrared: _Image) -> bool:
    """Whether the visible side has the bytes of the infrared one; it is read where their numbers agree."""
    if planned.visible is None or not infrared.data or planned.visible_size != len(infrared.data):
        return False
    try:
        return shard.task.raw.read(planned.visible) == infrared.data
    except OSError:
        return False


def _same(first: np.ndarray, second: np.ndarray) -> bool:
    """Equal pixels; one row tells nearly always that they are not."""
    alike = first.shape == second.shape and first.dtype == second.dtype
    return alike and np.array_equal(first[0], second[0]) and np.array_equal(first, second)


def _image(shard: _Shard, side: Side, planned: Planned, raw: str, size: int) -> _Image:
    """Reads one side and decodes it to the end; upright, without alpha and without the source's border."""
    path = printable(raw)
    if size < 0:
        raise _Failed("not_a_file", f"{side}: {path} bears an image's name and is no file")
    try:
        if shard.pixels is None:
            data = shard.task.raw.read(raw)
            header = image.header(data)
            pixels = image.decode(data, header)
            form, mode, orientation, plain = form_of(header), header.mode, header.orientation, is_plain(header)
        else:
            pixels, mode = shard.pixels.read(side, raw, planned.fields)
            data, orientation, plain = b"", 1, False
            form = f"{shard.task.layout.read.name} {mode}"  # type: ignore[union-attr]
        raw_size = pixels.shape[1], pixels.shape[0]
        pixels = normalise.upright(normalise.without_alpha(pixels), orientation)
        pixels = normalise.without_border(pixels, shard.task.source.border_of(raw_size))
    except OSError as error:
        raise _Failed("unreadable", f"{side}: {path}: {error.strerror}") from None
    except image.BadImage as bad:
        raise _Failed(bad.reason, f"{side}: {path}: {bad}") from None
    except ValueError as error:
        raise _Failed("too_small", f"{side}: {path}: {error}") from None
    return _Image(data, form, mode, plain and not shard.task.source.border, pixels, raw_size)


def form_of(header: image.Header) -> str:
    """What an image is, in words."""
    return f"{header.format} {header.mode}, orientation {header.orientation}"


def is_plain(header: image.Header) -> bool:
    """Whether every reader shows these bytes alike."""
    return header.orientation == 1 and (header.mode in {"L", "RGB"} or header.mode.startswith("I;16"))


def _resampled(side: _Image, size: tuple[int, int]) -> _Image:
    if side.size == size:
        return side
    return replace(side, pixels=normalise.resampled(side.pixels, *size), plain=False)


def _stored(side: _Image, name: Side, raw: str | None, suffix: Suffix) -> bytes:
    """The bytes to be stored: those of the raw data wherever nothing is to be done, else a PNG."""
    if side.plain and side.form.startswith({"jpg": "jpeg", "png": "png"}[suffix]):
        return side.data
    if told := refused(side.form, side.plain, suffix):
        raise _Failed("format", f"{name}: {printable(raw or '')} {told}")
    return image.encode_png(side.pixels)


def refused(form: str, plain: bool, suffix: Suffix) -> str:
    """Why an image cannot be stored in the form that its shard has, and what helps; empty where it can.

    A PNG can be made of any image. A JPEG cannot without losing some of it, so bytes must pass as they are.
    """
    if suffix == "png" or (plain and form.startswith("jpeg")):
        return ""
    return f"is {form}, not a plain JPEG: ingest with --store png"


def _facts(prefix: str, side: _Image, data: bytes, suffix: Suffix) -> dict[str, Any]:
    canonical = side.grey if prefix == "ir" else image.to_rgb(side.pixels)
    hash64, hash256, flat = hashing.perceptuals(side.grey)
    facts = {
        "width": side.pixels.shape[1],
        "height": side.pixels.shape[0],
        "mode": side.mode,
        "bits": side.pixels.dtype.itemsize * 8,
        "stored": suffix,
        "passed": data is side.data,
        "sha256": hashing.sha256(data),
        "pixels": hashing.pixel_digest(canonical),
        "hash64": hash64,
        "hash256": hash256,
        "flat": flat,
    }
    return {f"{prefix}_{name}": value for name, value in facts.items()}


def _registration(task: Task, visible: _Image, infrared: _Image) -> dict[str, Any]:
    """Verdict of the registration check, where it is asked for."""
    if not task.registration.check:
        return {}
    found = register(visible.grey, infrared.grey)
    row = {
        "registration": found.verdict,
        "registration_dx": found.dx,
        "registration_dy": found.dy,
        "registration_score": found.score,
    }
    least = task.registration.least
    if least is not None and (found.verdict == "shifted" or found.score < least):
        told = f"{found.verdict} with a score of {found.score:g}, by {found.dx:g}, {found.dy:g} px"
        raise _Failed("not_registered", f"{told}; asked for is {least:g}", row)
    return row


def _seen(source: Source, visible: _Image | None, infrared: _Image) -> dict[str, Any]:
    """What is found in the pixels: display window, valid area, and what deserves a warning."""
    row: dict[str, Any] = {}
    if infrared.pixels.dtype == np.uint16:
        name, low, high = normalise.display_window(infrared.grey, source.window)
        row |= {"ir_window": name, "ir_low": low, "ir_high": high}
    sides = [side for side in (visible, infrared) if side is not None]
    if source.valid_area and len({side.size for side in sides}) == 1:
        box = normalise.valid_box([(side.pixels, side.black) for side in sides])
        row |= dict(zip(("valid_x0", "valid_y0", "valid_x1", "valid_y1"), box, strict=True))
    warnings = []
    for name, side in (("visible", visible), ("infrared", infrared)):
        if side is not None and side.data and (more := image.trailing_bytes(side.data)):
            warnings.append(f"{name}: {more:,} bytes after the end of the image")
    return row | {"warnings": warnings}


def _boxes(shard: _Shard, planned: Planned, visible: _Image | None, infrared: _Image) -> list[dict[str, Any]]:
    """Boxes in pixels of the stored images; a file that serves many samples is parsed once for the shard."""
    boxes = []
    for number, (files, path) in enumerate(zip(shard.task.layout.boxes, planned.boxes, strict=True)):
        if path is None:
            continue
        side = visible if files.side == "visible" and visible is not None else infrared
        with _annotating(path):
            content = _parsed(shard, number, path, files.parse)
            border = shard.task.source.border_of(side.raw_size)
            boxes += files.of(content, planned.fields, side.size, raw_size=side.raw_size, border=border)
    return boxes


def _annotations(shard: _Shard, planned: Planned) -> dict[str, Any]:
    """The raw value of each layer that has one for this sample."""
    found = {}
    for (name, files), path in zip(shard.task.layout.layers.items(), planned.layers, strict=True):
        if path is None:
            continue
        with _annotating(path):
            value = files.pick(_parsed(shard, name, path, files.parse), planned.fields)
        if value is not None:
            found[name] = value
    return found


def _parsed(shard: _Shard, what: int | str, path: str, parse: Callable[[bytes], Any]) -> Any:
    """The content of an annotation file, parsed once for the shard."""
    if (what, path) not in shard.parsed:
        shard.parsed[what, path] = parse(shard.task.raw.read(path))
    return shard.parsed[what, path]


@contextmanager
def _annotating(path: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        raise _Failed("bad_annotation", f"{printable(path)}: {error}") from None

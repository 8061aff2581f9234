"""Complete tars for sharing and streaming: pixels, facts and annotations of each sample side by side."""

import glob
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from shards import tar
from shards.atomic import replacing
from shards.errors import UserError, unknown
from shards.home import Home
from shards.layer import Kind, LayerReader, layers
from shards.reader import Reader
from shards.sample import Sample
from shards.schema import facts_json

ORDER = "vis_stored, ir_stored, key"
"""Order of the rows to export: readers expect one set of members in a tar, so suffixes must not mix."""


def export(
    home: Home,
    rows: Iterable[Mapping[str, Any]],
    sources: Iterable[str],
    names: Sequence[str],
    folder: Path,
    *,
    stem: str,
    per_tar: int = 1000,
) -> list[Path]:
    """Writes samples with the named layers as FOLDER/<stem>-00000.tar and on.

    Members of a sample, in this order: `vis.*`, `ir.*`, `seg.png` (maps), `txt` (first caption), `json`. Only
    samples that every named layer covers are written, so that all samples of a tar have the same members. Tars
    of that stem from an earlier export are removed. Memory holds one tar's rows and one sample.

    Args:
        home: where the shards lie.
        rows: rows of parts in `ORDER`; those that are not ok are left out.
        sources: every source among the rows.
        names: layers.
        folder: where the tars go.
        stem: first part of their names.
        per_tar: samples in a tar.

    Raises:
        UserError: a layer does not exist, two are of one kind, or the folder holds shards.
    """
    if any(folder.glob("*.parquet")):
        raise UserError(f"{folder} holds shards with their parts", "give another folder: an export is a copy", code=2)
    readers = _readers(home, names, sources)
    pixels = Reader(home, captions=readers.get("captions"), maps=readers.get("maps"))
    usable = (row for row in rows if row["status"] == "ok" and all(row["key"] in r for r in readers.values()))
    written = []
    for number, group in enumerate(_alike(usable, per_tar)):
        path = folder / f"{stem}-{number:05d}.tar"
        with replacing(path) as temporary, open(temporary, "wb") as file:
            writer = tar.TarWriter(file)
            for row in group:
                _add(writer, pixels.read(row))
            writer.close()
        written.append(path)
    for path in set(folder.glob(f"{glob.escape(stem)}-[0-9][0-9][0-9][0-9][0-9].tar")) - set(written):
        path.unlink()
    return written


def _readers(home: Home, names: Sequence[str], sources: Iterable[str]) -> dict[Kind, LayerReader]:
    known = {layer.name for layer in layers(home)}
    readers: dict[Kind, LayerReader] = {}
    sources = list(sources)
    for name in names:
        if name not in known:
            raise unknown("layer", name, known, hint="`python -m shards stats` lists them")
        reader = LayerReader(home, name, sources)
        if reader.kind in readers:
            raise UserError(f"{' and '.join(names)} hold two layers of {reader.kind}", "export one of them", code=2)
        readers[reader.kind] = reader
    return readers


def _add(writer: tar.TarWriter, sample: Sample) -> None:
    key, facts = sample.key, sample.facts
    if sample.visible_bytes is not None:
        writer.add(f"{key}.vis.{facts['vis_stored']}", sample.visible_bytes)
    writer.add(f"{key}.ir.{facts['ir_stored']}", sample.infrared_bytes)
    if sample.map_bytes is not None:
        writer.add(f"{key}.seg.png", sample.map_bytes)
    if sample.captions:
        writer.add(f"{key}.txt", sample.captions[0].encode())
    writer.add(f"{key}.json", facts_json(facts))


def _alike(rows: Iterable[Mapping[str, Any]], size: int) -> Iterator[list[Mapping[str, Any]]]:
    """Cuts rows into runs of one form, `size` at most."""
    for _, run in itertools.groupby(rows, key=lambda row: (row["vis_stored"], row["ir_stored"])):
        while group := list(itertools.islice(run, size)):
            yield group

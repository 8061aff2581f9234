"""Complete tars for sharing and streaming: pixels, facts and annotations of each sample side by side."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from shards import tar
from shards.atomic import replacing
from shards.errors import unknown
from shards.home import Home
from shards.layer import LayerReader, layers
from shards.reader import Reader
from shards.schema import facts_json

_MEMBER = {"captions": "txt", "maps": "seg.png"}


def export(
    home: Home, rows: Iterable[Mapping[str, Any]], names: Sequence[str], folder: Path, *, stem: str, per_tar: int = 1000
) -> list[Path]:
    """Writes `rows` with the named layers as FOLDER/<stem>-00000.tar and on.

    Members of a sample, in this order: `vis.*`, `ir.*`, `seg.png` (maps), `txt` (first caption), `json`. Only
    samples that every named layer covers are written, so that all samples of a tar have the same members.
    Memory holds one sample.

    Raises:
        UserError: a layer does not exist.
    """
    rows = [row for row in rows if row["status"] == "ok"]
    sources = {row["source"] for row in rows}
    known = {layer.name for layer in layers(home)}
    readers: dict[str, LayerReader] = {}
    for name in names:
        if name not in known:
            raise unknown("layer", name, known, hint="`python -m shards stats` lists them")
        reader = LayerReader(home, name, sources)
        readers[reader.kind] = reader
        rows = [row for row in rows if row["key"] in reader]
    shards = Reader(home, captions=readers.get("captions"), maps=readers.get("maps"))
    groups = _alike(rows, per_tar)
    written = []
    for number, group in enumerate(groups):
        path = folder / f"{stem}-{number:05d}.tar"
        with replacing(path) as temporary, open(temporary, "wb") as file:
            writer = tar.TarWriter(file)
            for row in group:
                sample = shards.read(row)
                key = sample.key
                if sample.visible_bytes is not None:
                    writer.add(f"{key}.vis.{row['vis_stored']}", sample.visible_bytes)
                writer.add(f"{key}.ir.{row['ir_stored']}", sample.infrared_bytes)
                if sample.map_bytes is not None:
                    writer.add(f"{key}.{_MEMBER['maps']}", sample.map_bytes)
                if sample.captions:
                    writer.add(f"{key}.{_MEMBER['captions']}", sample.captions[0].encode())
                writer.add(f"{key}.json", facts_json(row))
            writer.close()
        written.append(path)
    return written


def _alike(rows: Sequence[Mapping[str, Any]], size: int) -> list[list[Mapping[str, Any]]]:
    """Cuts rows into runs that share their members' suffixes: readers expect one set of members in a tar."""
    groups: list[list[Mapping[str, Any]]] = []
    for row in sorted(rows, key=lambda r: (r["vis_stored"], r["ir_stored"], r["key"])):
        form = (row["vis_stored"], row["ir_stored"])
        if not groups or len(groups[-1]) == size or (groups[-1][0]["vis_stored"], groups[-1][0]["ir_stored"]) != form:
            groups.append([])
        groups[-1].append(row)
    return groups

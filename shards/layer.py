"""Layers: captions, maps or embeddings for a source's samples, joined by key, made by one model with one setting."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from shards.atomic import replacing
from shards.errors import UserError
from shards.home import Home

Kind = Literal["captions", "maps", "vectors"]

_ROWS_PER_GROUP = 32  # small groups, so that one sample can be read without the rest


def write(path: Path, kind: Kind, values: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Writes one part of a layer atomically.

    Args:
        path: ANNOTATIONS/<layer>/<source>/<subset>-00000.parquet.
        kind: `captions` (each value a list of texts), `maps` (each value PNG bytes) or `vectors` (each value the bytes
            of little-endian float16 numbers).
        values: by sample key, in the order in which they are to lie.
        settings: what made them (model, digest, options); kept in the file's metadata.

    Raises:
        ValueError: a sample's value is empty: what has none has no row.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    for key, value in values.items():
        if not value:
            raise ValueError(f"{key} has an empty value")
    value_type = pa.list_(pa.string()) if kind == "captions" else pa.binary()
    metadata = {
        b"ir500k.kind": kind.encode(),
        b"ir500k.settings": json.dumps(settings, sort_keys=True).encode(),
    }
    columns = pa.schema([("key", pa.string()), (kind, value_type)], metadata=metadata)
    table = pa.table({"key": list(values), kind: list(values.values())}, schema=columns)
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", row_group_size=_ROWS_PER_GROUP, write_page_checksum=True)


@dataclass(frozen=True)
class LayerInfo:
    """A layer as it lies in a home: which sources it covers, and with what."""

    name: str
    kind: Kind
    sources: tuple[str, ...]
    settings: Mapping[str, Any]


def layers(home: Home) -> list[LayerInfo]:
    """Every layer of a home, by name.

    Raises:
        UserError: a file among them is no part of a layer.
    """
    found = []
    for folder in sorted(p for p in home.annotations.glob("*") if p.is_dir()):
        paths = sorted(folder.glob("*/*.parquet"))
        if paths:
            kind, settings = about(paths[0])
            found.append(LayerInfo(folder.name, kind, tuple(sorted({p.parent.name for p in paths})), settings))
    return found


def about(path: Path) -> tuple[Kind, Mapping[str, Any]]:
    """Kind and settings of one part of a layer.

    Raises:
        UserError: the file is none.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_schema(path).metadata or {}
        name, settings = metadata[b"ir500k.kind"].decode(), json.loads(metadata[b"ir500k.settings"])
        kind: Kind = next(known for known in get_args(Kind) if known == name)
    except (StopIteration, OSError, pa.ArrowException, KeyError, ValueError):
        raise UserError(f"{path} is no part of a layer", "delete it and make the layer again") from None
    return kind, settings


class LayerReader:
    """Values of one layer by key; knows where they lie, reads them when asked, and travels to other processes."""

    def __init__(self, home: Home, name: str, sources: Iterable[str]) -> None:
        self.name = name
        self._places: dict[str, tuple[Path, int, int]] = {}
        self.kind: Kind = "captions"
        for source in sorted(set(sources)):
            for path in sorted((home.annotations / name / source).glob("*.parquet")):
                self._index(path)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def __getitem__(self, key: str) -> Any:
        """The value: a list of texts, or bytes.

        Raises:
            KeyError: the layer has nothing for this sample.
        """
        return _group(*self._places[key])[key]

    def covers(self, keys: Sequence[str]) -> bool:
        """True where every key has a value."""
        return all(key in self._places for key in keys)

    def _index(self, path: Path) -> None:
        import pyarrow.parquet as pq

        self.kind, _ = about(path)
        written = path.stat().st_mtime_ns  # a file that is written anew is another file
        file = pq.ParquetFile(path)
        for group in range(file.num_row_groups):
            place = (path, written, group)
            self._places |= dict.fromkeys(file.read_row_group(group, columns=["key"])["key"].to_pylist(), place)


@lru_cache(maxsize=64)
def _group(path: Path, written: int, group: int) -> dict[str, Any]:
    import pyarrow.parquet as pq

    keys, values = pq.ParquetFile(path).read_row_group(group).columns
    return dict(zip(keys.to_pylist(), values.to_pylist(), strict=True))

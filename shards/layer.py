"""Layers: captions or maps for a source's samples, joined by key, made by one model with one setting."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from shards.atomic import replacing
from shards.home import Home

Kind = Literal["captions", "maps"]

_ROWS_PER_GROUP = 32  # small groups, so that one sample can be read without the rest


def write(path: Path, kind: Kind, values: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Writes one part of a layer atomically.

    Args:
        path: ANNOTATIONS/<layer>/<source>/<subset>-00000.parquet.
        kind: `captions` (each value a list of texts) or `maps` (each value PNG bytes).
        values: by sample key, in the order in which they are to lie.
        settings: what made them (model, digest, options); kept in the file's metadata.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    value_type = pa.list_(pa.string()) if kind == "captions" else pa.binary()
    metadata = {
        b"ir500k.kind": kind.encode(),
        b"ir500k.settings": json.dumps(settings, sort_keys=True).encode(),
    }
    columns = pa.schema([("key", pa.string()), (kind, value_type)], metadata=metadata)
    table = pa.table({"key": list(values), kind: list(values.values())}, schema=columns)
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", row_group_size=_ROWS_PER_GROUP)


@dataclass(frozen=True)
class LayerInfo:
    """A layer as it lies in a home: which sources it covers, and with what."""

    name: str
    kind: Kind
    sources: tuple[str, ...]
    settings: Mapping[str, Any]


def layers(home: Home) -> list[LayerInfo]:
    """Every layer of a home, by name."""
    found = []
    for folder in sorted(p for p in home.annotations.glob("*") if p.is_dir()):
        sources = sorted({p.parent.name for p in folder.glob("*/*.parquet")})
        if sources:
            first = next(iter(sorted(folder.glob("*/*.parquet"))))
            metadata = _metadata(first)
            kind: Kind = "maps" if metadata[b"ir500k.kind"] == b"maps" else "captions"
            found.append(LayerInfo(folder.name, kind, tuple(sources), json.loads(metadata[b"ir500k.settings"])))
    return found


class LayerReader:
    """Values of one layer by key; opens files when first asked, and travels to other processes."""

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
        """The value: a list of texts, or PNG bytes.

        Raises:
            KeyError: the layer has nothing for this sample.
        """
        path, group, row = self._places[key]
        return _group(path, group)[row]

    def covers(self, keys: Sequence[str]) -> bool:
        """True where every key has a value."""
        return all(key in self._places for key in keys)

    def _index(self, path: Path) -> None:
        import pyarrow.parquet as pq

        file = pq.ParquetFile(path)
        self.kind = "maps" if file.schema_arrow.metadata[b"ir500k.kind"] == b"maps" else "captions"
        for group in range(file.num_row_groups):
            for row, key in enumerate(file.read_row_group(group, columns=["key"])["key"].to_pylist()):
                self._places[key] = (path, group, row)


@lru_cache(maxsize=64)
def _group(path: Path, group: int) -> list[Any]:
    import pyarrow.parquet as pq

    values: list[Any] = pq.ParquetFile(path).read_row_group(group).column(1).to_pylist()
    return values


def _metadata(path: Path) -> Mapping[bytes, bytes]:
    import pyarrow.parquet as pq

    metadata: Mapping[bytes, bytes] = pq.read_schema(path).metadata
    return metadata

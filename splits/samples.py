"""The columns of samples that groups and audits look at, and the pictures behind them."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from shards import image
from shards.home import Home
from shards.manifest import Manifest
from shards.reader import Reader

SIDES = ("vis", "ir")
_READ = ("key", "source", "shard", "offset", "size", *(f"{s}_{c}" for s in SIDES for c in ("offset", "size", "stored")))
_COLUMNS = ("key", "scene", "sequence", "frame", *(f"{s}_{c}" for s in SIDES for c in ("sha256", "pixels", "flat")))
_HASHES = tuple(f"{side}_hash{bits}" for side in SIDES for bits in (64, 256))


class Picture(Hashable, Protocol):
    """One side of a sample; travels to other processes and tells equal pictures by `==`."""

    def grey(self) -> np.ndarray:
        """HW uint8."""


class Pictures(Protocol):
    """Where the pictures of samples are."""

    def find(self, keys: Sequence[str], side: str) -> list[Picture]:
        """The pictures of one side of some samples, in their order."""


@dataclass(frozen=True)
class Samples:
    """N samples, as columns.

    Attributes:
        keys: unique.
        scenes: as their source declares it, with the source before it; empty where it declares none.
        sequences: the recording, with the source before it; empty where none is declared.
        frames: N int64, number within the sequence; -1 where there is none.
        files: by side N int64: equal where files are equal, -1 where the side is missing.
        pixels: by side N int64: equal where decoded pixels are equal, -1 where the side is missing.
        hashes: by side N x 8 and N x 32 uint8 by their number of bits.
        structured: by side N flags: the side is there and has enough structure for hashes to mean anything.
        vectors: by side N x d float32 embeddings of length 1, zeros where there is none; {} where none were asked for.
    """

    keys: Sequence[str]
    scenes: Sequence[str]
    sequences: Sequence[str]
    frames: np.ndarray
    files: Mapping[str, np.ndarray]
    pixels: Mapping[str, np.ndarray]
    hashes: Mapping[str, Mapping[int, np.ndarray]]
    structured: Mapping[str, np.ndarray]
    vectors: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.keys)


def of_sources(manifest: Manifest, sources: Sequence[str]) -> Samples:
    """All good samples of some sources, in key order."""
    return _of_table(manifest, "list_contains($1, source)", list(sources))


def of_keys(manifest: Manifest, keys: Sequence[str]) -> Samples:
    """Some good samples, in key order; keys that are not ingested are left out."""
    return _of_table(manifest, "key in (select unnest($1))", list(keys))


def _of_table(manifest: Manifest, condition: str, parameter: list[str]) -> Samples:
    columns = ", ".join(("source", *_COLUMNS, *_HASHES))
    table = manifest.table(
        f"select {columns} from samples where status = 'ok' and {condition} order by key", [parameter]
    )
    column = {name: table[name].to_pylist() for name in ("source", "key", "scene", "sequence", *_HASHES)}
    sources = column["source"]
    return Samples(
        keys=column["key"],
        scenes=[f"{source}/{scene}" if scene else "" for source, scene in zip(sources, column["scene"], strict=True)],
        sequences=[
            f"{source}/{name}" if name else "" for source, name in zip(sources, column["sequence"], strict=True)
        ],
        frames=np.array(table["frame"].to_pylist(), np.int64),
        files={side: _codes(table[f"{side}_sha256"]) for side in SIDES},
        pixels={side: _codes(table[f"{side}_pixels"]) for side in SIDES},
        hashes={side: {bits: _hashes(column[f"{side}_hash{bits}"], bits) for bits in (64, 256)} for side in SIDES},
        structured={
            side: np.array([len(hashed) > 0 for hashed in column[f"{side}_hash256"]], bool)
            & ~np.array(table[f"{side}_flat"].to_pylist(), bool)
            for side in SIDES
        },
    )


def _codes(column: Any) -> np.ndarray:
    """A number for each distinct text; -1 for the empty one."""
    encoded = column.combine_chunks().dictionary_encode()
    codes = np.asarray(encoded.indices, np.int64)
    empty = [number for number, text in enumerate(encoded.dictionary.to_pylist()) if not text]
    return np.where(np.isin(codes, empty), -1, codes)


def _hashes(column: Sequence[bytes], bits: int) -> np.ndarray:
    missing = bytes(bits // 8)
    return np.frombuffer(b"".join(hashed or missing for hashed in column), np.uint8).reshape(-1, bits // 8)


@dataclass(frozen=True)
class Stored:
    """A side of a sample in a shard; `facts` are the row's columns that tell where."""

    home: Home
    side: str
    facts: tuple[tuple[str, Any], ...]

    def grey(self) -> np.ndarray:
        """HW uint8.

        Raises:
            UserError: the shard is not the one that the row was written with.
        """
        sample = Reader(self.home).read(dict(self.facts))
        pixels = sample.infrared if self.side == "ir" else sample.visible
        return image.to_uint8(image.to_grey(pixels))


@dataclass(frozen=True)
class InShards:
    """The pictures of a home's samples."""

    home: Home
    manifest: Manifest

    def find(self, keys: Sequence[str], side: str) -> list[Picture]:
        """The pictures of one side of some samples, in their order."""
        columns = ", ".join(f'"{column}"' for column in _READ)
        query = f"select {columns} from samples where status = 'ok' and key in (select unnest($1))"
        rows = {row["key"]: tuple(row.items()) for row in self.manifest.stream(query, [sorted(set(keys))])}
        return [Stored(self.home, side, rows[key]) for key in keys]


@dataclass(frozen=True)
class OnDisk:
    """An image file."""

    path: Path

    def grey(self) -> np.ndarray:
        """HW uint8."""
        return image.to_uint8(image.to_grey(image.decode(self.path.read_bytes())))

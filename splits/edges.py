"""Why two samples belong together: edges between them, each with its kind and distance, and how they are kept."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from shards.atomic import replacing
from splits.confirm import Verdict
from splits.near import VARIANTS, Pairs

KINDS: dict[str, str] = {
    "file": "the same file",
    "pixels": "the same pixels",
    "near": "near-duplicates",
    "flipped": "near-duplicates in other polarity or mirrored",
    "time": "neighbours in time",
    "scene": "the same scene",
    "kin": "the same picture in another source",
}
"""Every kind of edge, the strongest first, in words."""


@dataclass(frozen=True)
class Edges:
    """Pairs of samples, as columns of equal length.

    Attributes:
        first: number of a sample, int64.
        second: likewise.
        kind: a key of KINDS.
        side: `vis` or `ir` where pictures were compared, else empty.
        variant: of the second picture, one of VARIANTS.
        distance: bits of 256 for `near` and `flipped`, frames for `time`, else 0.
        measure: how a near-duplicate was confirmed, `features` or `correlation`; else empty.
        score: what the measure gave; else 0.
    """

    first: np.ndarray
    second: np.ndarray
    kind: np.ndarray
    side: np.ndarray
    variant: np.ndarray
    distance: np.ndarray
    measure: np.ndarray
    score: np.ndarray

    def __len__(self) -> int:
        return len(self.first)

    def __getitem__(self, rows: np.ndarray) -> "Edges":
        return Edges(*(getattr(self, field.name)[rows] for field in fields(self)))

    @staticmethod
    def of(
        first: np.ndarray,
        second: np.ndarray,
        kind: Any,
        *,
        side: Any = "",
        variant: Any = VARIANTS[0],
        distance: Any = 0,
        measure: Any = "",
        score: Any = 0.0,
    ) -> "Edges":
        """Edges of these pairs; whatever is given once holds for all."""
        shape = np.shape(first)
        texts = (np.broadcast_to(np.asarray(value, object), shape) for value in (kind, side, variant, measure))
        kinds, sides, variants, measures = texts
        distances = np.broadcast_to(np.asarray(distance, np.int64), shape)
        scores = np.broadcast_to(np.asarray(score, np.float64), shape)
        return Edges(np.asarray(first), np.asarray(second), kinds, sides, variants, distances, measures, scores)

    @staticmethod
    def concatenate(parts: Sequence["Edges"]) -> "Edges":
        """All rows, one after the other."""
        none = np.zeros(0, np.int64)
        every = [Edges.of(none, none, ""), *parts]
        return Edges(*(np.concatenate([getattr(part, field.name) for part in every]) for field in fields(Edges)))

    def write(self, path: Path, keys: Sequence[str]) -> None:
        """A parquet file whose `first` and `second` are the keys of the samples."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns: dict[str, Any] = {
            name: pa.array([keys[number] for number in getattr(self, name)], pa.string())
            for name in ("first", "second")
        }
        columns |= {name: pa.array(getattr(self, name), pa.string()) for name in ("kind", "side", "variant", "measure")}
        columns |= {"distance": pa.array(self.distance, pa.int64()), "score": pa.array(self.score, pa.float64())}
        with replacing(path) as temporary:
            pq.write_table(pa.table(columns), temporary, compression="zstd")


def edges_of(pairs: Pairs, side: str, verdicts: Sequence[Verdict]) -> Edges:
    """The edges of those pairs of one side's pictures whose verdict is that they show the same place."""
    same = [number for number, verdict in enumerate(verdicts) if verdict.same]
    pairs = pairs[np.array(same, np.int64)]
    return Edges.of(
        pairs.first,
        pairs.second,
        np.where(pairs.variant == 0, "near", "flipped").astype(object),
        side=side,
        variant=np.array(VARIANTS, object)[pairs.variant],
        distance=pairs.distance,
        measure=np.array([verdicts[n].measure for n in same], object),
        score=np.array([verdicts[n].score for n in same], np.float64),
    )

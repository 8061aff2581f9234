"""Embeddings of pictures that `bench embed` has made: they propose near-duplicates that hashes miss, such as crops."""

from collections.abc import Mapping, Sequence

import numpy as np

from shards import layer
from shards.errors import UserError
from shards.home import Home
from splits.samples import SIDES


def read(home: Home, name: str, keys: Sequence[str]) -> Mapping[str, np.ndarray]:
    """A layer's embeddings of some samples.

    Args:
        home: where the layer lies.
        name: of the layer, as of the network that made it.
        keys: of the samples.

    Returns:
        By side N x d float32 of length 1; zeros where a sample has none.

    Raises:
        UserError: there is no such layer, it holds something else, or nothing for these samples.
    """
    import pyarrow.parquet as pq

    remedy = f"`python -m bench embed SOURCE --network {name}` makes it"
    row_of = {key: row for row, key in enumerate(keys)}
    found: np.ndarray | None = None
    for path in sorted((home.annotations / name).glob("*/*.parquet")):
        kind, _ = layer.about(path)
        if kind != "vectors":
            raise UserError(f"layer {name} holds {kind}, not embeddings", remedy)
        table = pq.read_table(path)
        known = [(row_of[key], value) for key, value in zip(*map(_listed, table.columns), strict=True) if key in row_of]
        if not known:
            continue
        values = np.frombuffer(b"".join(value for _, value in known), "<f2").astype(np.float32)
        values = values.reshape(len(known), len(SIDES), -1)
        if found is None:
            found = np.zeros((len(keys), *values.shape[1:]), np.float32)
        if found.shape[1:] != values.shape[1:]:
            raise UserError(f"{path} has embeddings of another length than the rest of {name}", "make the layer anew")
        found[[row for row, _ in known]] = values
    if found is None:
        raise UserError(f"there are no embeddings {name!r} of these images in {home.annotations}", remedy)
    return {side: np.ascontiguousarray(found[:, place]) for place, side in enumerate(SIDES)}


def _listed(column: object) -> list[object]:
    return column.to_pylist()  # type: ignore[attr-defined, no-any-return]

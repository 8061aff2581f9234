"""Embeddings of a source's pictures by a pretrained network, as a layer: they help `splits` to find near-duplicates."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bench.network_input import PREPARATIONS
from bench.networks import SETS, missing, set_network
from shards import layer
from shards.console import progress
from shards.errors import UserError, unknown
from shards.home import Home
from shards.manifest import Manifest
from splits.samples import SIDES, InShards, Picture

NETWORKS = tuple(name for name, (_, preparation) in SETS.items() if preparation)
"""Those that say themselves how pictures are prepared for them."""

_ROWS = """
select key, shard, vis_size > 0 as vis from samples where status = 'ok' and source = $1 order by shard, key
"""


def embed(source: str, network: str, home: Home, *, quiet: bool = False) -> int:
    """Writes the layer HOME/annotations/NETWORK/SOURCE, a part for each shard; parts that are there stay.

    Each value is both sides' embedding of length 1 in float16, the visible side first; zeros where a side is missing.

    Args:
        source: an ingested one.
        network: one of NETWORKS.
        home: where shards and weights lie.
        quiet: no progress.

    Returns:
        Samples that were embedded.

    Raises:
        UserError: the source is not ingested, or the weights are missing.
    """
    if network not in NETWORKS:
        raise unknown("network", network, NETWORKS)
    with Manifest.open(home) as manifest:
        rows = list(manifest.stream(_ROWS, [source]))
    if not rows:
        raise UserError(f"{source} is not ingested in {home.root}", f"`python -m ingest {source} RAW`")
    loaded = set_network(network, home, quiet=quiet)
    if loaded is None:
        what, _, remedy = missing(network).partition(": ")
        raise UserError(what, remedy)
    prepare = PREPARATIONS[loaded.preparation]

    def vectors(pictures: Sequence[Picture]) -> Any:
        made = loaded.extract(np.stack([prepare(picture.grey()) for picture in pictures])).astype(np.float32)
        return made / np.linalg.norm(made, axis=1, keepdims=True).clip(1e-12)

    done = 0
    with Manifest.open(home) as manifest:
        pictures = InShards(home, manifest)
        settings = {"made_by": loaded.file, "sha256": loaded.sha256, "sides": list(SIDES)}
        with progress(len(rows), "samples", quiet=quiet) as shown:
            for shard in dict.fromkeys(row["shard"] for row in rows):
                inside = [row for row in rows if row["shard"] == shard]
                path = home.annotations / network / source / f"{shard}.parquet"
                if not path.is_file():
                    layer.write(path, "vectors", _values(inside, pictures, vectors), settings)
                    done += len(inside)
                shown.advance(len(inside))
    return done


def _values(rows: Sequence[dict[str, Any]], pictures: InShards, vectors: Any) -> dict[str, bytes]:
    """By key; a batch of pictures at a time."""
    found: dict[str, bytes] = {}
    for start in range(0, len(rows), 32):
        batch = rows[start : start + 32]
        keys = [row["key"] for row in batch]
        infrared = vectors(pictures.find(keys, "ir"))
        visible = np.zeros_like(infrared)
        if seen := [row["key"] for row in batch if row["vis"]]:
            visible[[bool(row["vis"]) for row in batch]] = vectors(pictures.find(seen, "vis"))
        for key, *sides in zip(keys, visible, infrared, strict=True):
            found[key] = np.concatenate(sides).astype("<f2").tobytes()
    return found

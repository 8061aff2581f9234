"""Random access: a sample's bytes by offset, straight from its shard."""

import os
from collections.abc import Mapping
from typing import Any

from shards import tar
from shards.errors import UserError
from shards.home import Home
from shards.layer import LayerReader
from shards.sample import Sample


class Reader:
    """Reads samples named by rows of parts; holds no open files, so it travels to other processes."""

    def __init__(self, home: Home, *, captions: LayerReader | None = None, maps: LayerReader | None = None) -> None:
        self._home = home
        self._captions = captions
        self._maps = maps

    def read(self, facts: Mapping[str, Any]) -> Sample:
        """The sample of one row: one read, since the members of a sample lie side by side.

        Raises:
            UserError: the tar is not the one that the row was written with.
        """
        key = facts["key"]
        path = self._home.shards / facts["source"] / f"{facts['shard']}.tar"
        try:
            with open(path, "rb", buffering=0) as file:
                span = os.pread(file.fileno(), facts["size"], facts["offset"])
            visible = None if facts["vis_size"] == 0 else _member(span, facts, "vis")
            infrared = _member(span, facts, "ir")
        except (OSError, ValueError):
            raise UserError(
                f"{path} does not hold {key} where its part says", "`python -m shards verify` tells more"
            ) from None
        captions = self._captions[key] if self._captions is not None and key in self._captions else ()
        map_bytes = self._maps[key] if self._maps is not None and key in self._maps else None
        return Sample(key, facts, infrared, visible, tuple(captions), map_bytes)


def _member(span: bytes, facts: Mapping[str, Any], side: str) -> bytes:
    """One member out of a sample's bytes; its header proves that the tar is the row's."""
    at, size = facts[f"{side}_offset"] - facts["offset"], facts[f"{side}_size"]
    name, length = tar.parse_header(span[at - tar.BLOCK : at], facts["offset"] + at - tar.BLOCK)
    data = span[at : at + size]
    if name != f"{facts['key']}.{side}.{facts[f'{side}_stored']}" or not len(data) == length == size:
        raise ValueError(f"no {side} side of {facts['key']}")
    return data

"""Random access: a sample's bytes by offset, straight from its shard."""

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from shards import tar
from shards.errors import UserError
from shards.home import Home
from shards.layer import LayerReader
from shards.sample import Sample


class Reader:
    """Reads samples named by rows of parts; holds open files of its own process only."""

    def __init__(self, home: Home, *, captions: LayerReader | None = None, maps: LayerReader | None = None) -> None:
        self._home = home
        self._captions = captions
        self._maps = maps

    def read(self, facts: Mapping[str, Any]) -> Sample:
        """The sample of one row.

        Raises:
            UserError: the tar is not the one that the row was written with.
        """
        path = self._home.shards / facts["source"] / f"{facts['shard']}.tar"
        key = facts["key"]
        captions = self._captions[key] if self._captions is not None and key in self._captions else ()
        map_bytes = self._maps[key] if self._maps is not None and key in self._maps else None
        visible = None if facts["vis_size"] == 0 else self._member(path, facts, "vis")
        return Sample(key, facts, self._member(path, facts, "ir"), visible, tuple(captions), map_bytes)

    def _member(self, path: Path, facts: Mapping[str, Any], side: str) -> bytes:
        offset, size = facts[f"{side}_offset"], facts[f"{side}_size"]
        try:
            found = os.pread(_descriptor(path, os.getpid()), tar.BLOCK + size, offset - tar.BLOCK)
            name, length = tar.parse_header(found[: tar.BLOCK], offset - tar.BLOCK)
        except (OSError, ValueError, IndexError):
            name, length = "", -1
        if length != size or not name.startswith(f"{facts['key']}.{side}."):
            raise UserError(
                f"{path} does not hold {facts['key']} where its part says",
                "`python -m shards verify` tells more",
            )
        return found[tar.BLOCK :]


@lru_cache(maxsize=64)
def _descriptor(path: Path, process: int) -> int:
    """One open descriptor per shard and process; `process` keeps a forked child from sharing its parent's."""
    return os.open(path, os.O_RDONLY)

"""Samples as a map-style torch dataset, and a sampler whose whole state is one integer."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from torch.utils.data import Dataset, Sampler

from shards.reader import Reader
from shards.sample import Sample


class SampleDataset(Dataset[Sample]):
    """Samples in the order of a table of part rows.

    Attributes:
        title: name of the dataset.
        fingerprint: of this subset.
        groups: group by key; a group never stands on two sides of a split.
        partial: images of its lists are missing.
        captions, maps: the layer that gives every sample one, or empty.
    """

    def __init__(
        self,
        reader: Reader,
        table: Any,
        *,
        title: str = "",
        fingerprint: str = "",
        groups: Mapping[str, str] | None = None,
        partial: bool = False,
        captions: str = "",
        maps: str = "",
    ) -> None:
        self._reader = reader
        self._table = table
        self.title = title
        self.fingerprint = fingerprint
        self.groups = groups or {}
        self.partial = partial
        self.captions = captions
        self.maps = maps

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __getitem__(self, index: int) -> Sample:
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._reader.read(self.facts(index))

    def facts(self, index: int) -> dict[str, Any]:
        """The part's row of one sample, without touching its pixels."""
        facts: dict[str, Any] = self._table.slice(index % len(self), 1).to_pylist()[0]
        return facts

    @property
    def pixels(self) -> int:
        """Sum of the infrared sides' widths times heights."""
        import pyarrow.compute as pc

        return int(pc.sum(pc.multiply(self._table["ir_width"], self._table["ir_height"])).as_py() or 0)

    @property
    def keys(self) -> list[str]:
        """Sample keys in order."""
        keys: list[str] = self._table["key"].to_pylist()
        return keys


class ElasticSampler(Sampler[tuple[int, int]]):
    """An endless deterministic order that any number of ranks share.

    Position p of the global stream is sample `order(seed, p // n)[p % n]`; rank r takes position consumed + r
    and every ranks-th from there on. Its state is `consumed`, the number of positions that all ranks together
    have used: a run may go on with another number of ranks.

    Yields:
        (position, index).
    """

    def __init__(self, n: int, seed: int, *, consumed: int = 0, rank: int = 0, ranks: int = 1) -> None:
        if n < 1:
            raise ValueError("a sampler needs at least one sample")
        self._n, self._seed, self._rank, self._ranks = n, seed, rank, ranks
        self.consumed = consumed

    def __iter__(self) -> Iterator[tuple[int, int]]:
        position = self.consumed + self._rank
        epoch, order = -1, np.empty(0, np.int64)
        while True:
            if position // self._n != epoch:
                epoch = position // self._n
                order = np.random.Generator(np.random.Philox(key=[self._seed, epoch])).permutation(self._n)
            yield position, int(order[position % self._n])
            position += self._ranks

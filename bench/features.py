"""Network features of pictures, kept by content: each picture goes through a network once per weights, ever.

The cache holds one file of features per set of pictures (`SET.npy`, N x d, and the pictures' names in `SET.txt`), so
that statistics find a whole set by its name, and a set that shares pictures with another computes only the rest.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from bench.decode import Pixels
from bench.network_input import PREPARATIONS, Input
from bench.networks import BATCH, Features, Network
from shards.atomic import replacing, write_text
from shards.errors import UserError
from shards.home import Home


class FeatureStore:
    """The features of one network in a home's cache; what is new is kept when its context is left, also by an error.

    Attributes:
        network: whose features they are.
    """

    def __init__(self, home: Home, network: Network) -> None:
        self._folder = home.cache / "features"
        self.network = network
        self._sets = {name: path for path in sorted(self._folder.glob("*.txt")) for name in _names(path)}
        self._rows: dict[str, Features] = {}
        self._waiting: dict[str, Input] = {}
        self._unkept: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._unkept:
            self.keep(self._unkept)

    def name(self, preparation: str, pixels: Pixels) -> str:
        """What a picture's features are kept by: a digest of the weights, the preparation and the pixels."""
        digest = hashlib.sha256(f"{self.network.sha256}|{preparation}|{pixels.shape}|".encode())
        digest.update(np.ascontiguousarray(pixels).data)
        return digest.hexdigest()

    def prepared(self, name: str, preparation: str, pixels: Pixels) -> Input | None:
        """The network's input for a picture; None where its features are known or on their way."""
        if name in self._sets or name in self._rows or name in self._waiting:
            return None
        return PREPARATIONS[preparation](pixels)

    def add(self, name: str, prepared: Input | None) -> None:
        """Queues a picture; a full batch goes through the network."""
        if prepared is not None and name not in self._rows:
            self._waiting[name] = prepared
            if len(self._waiting) == BATCH:
                self._extract()

    def rows(self, names: Sequence[str]) -> Features:
        """Features of pictures that are known or were added, N x d in the order of the names."""
        if self._waiting:
            self._extract()
        for path in sorted({self._sets[name] for name in names if name not in self._rows}):
            self._rows |= dict(zip(_names(path), _load(path.with_suffix(".npy")), strict=True))
        return np.stack([self._rows[name] for name in names])

    def keep(self, names: Sequence[str]) -> str:
        """Writes the features of a set of pictures; returns the set's name."""
        digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
        path = self._folder / f"{digest}.txt"
        if not path.is_file():
            with replacing(path.with_suffix(".npy")) as temporary, open(temporary, "wb") as file:
                np.save(file, self.rows(names), allow_pickle=False)
            write_text(path, "\n".join(names) + "\n")
        done = set(names)
        self._unkept = [name for name in self._unkept if name not in done]
        return digest

    def _extract(self) -> None:
        names = list(self._waiting)
        made = self.network.extract(_stacked([self._waiting[name] for name in names]))
        self._rows |= dict(zip(names, made, strict=True))
        self._unkept += names
        self._waiting.clear()


def _stacked(pictures: Sequence[Input]) -> Input:
    """N x 3 x S x S; where all are grey, one plane of each is kept and shown three times."""
    if all(picture.strides[0] == 0 for picture in pictures):
        planes = np.stack([picture[0] for picture in pictures])
        count, rows, columns = planes.strides
        return np.lib.stride_tricks.as_strided(planes, (len(planes), *pictures[0].shape), (count, 0, rows, columns))
    return np.stack(pictures)


def _names(path: Path) -> list[str]:
    return path.read_text().split()


def _load(path: Path) -> Features:
    try:
        found: Features = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        raise UserError(
            f"{path} is damaged or missing", "`python -m bench clean cache --yes`; it is made again"
        ) from None
    return found

"""Network features of pictures, kept by content: each picture goes through a network once per weights, ever.

The cache holds one file of features per set of pictures (`SET.npy`, N x d, and the pictures' names in `SET.txt`), so
that statistics find a whole set by its name, and a set that shares pictures with another computes only the rest.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from bench import weights
from bench.decode import Pixels
from bench.network_input import PREPARATIONS, Input
from shards.atomic import replacing, write_text
from shards.errors import UserError
from shards.home import Home

if TYPE_CHECKING:
    from models.inception import FIDInception

BATCH = 32
"""Fixed by the protocols: on some devices the last digits depend on it."""

Features = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Network:
    """What turns prepared pictures into features.

    Attributes:
        file: name of the weights file, as results record it.
        sha256: of the weights.
        extract: N x 3 x 299 x 299 to N x d.
    """

    file: str
    sha256: str
    extract: Callable[[Input], Features]


def inception(home: Home, *, quiet: bool = False) -> Network | None:
    """The FID Inception network on the fastest device here; None where its weights are not to be had.

    Raises:
        UserError: the weights file is damaged or of another network.
    """
    file = weights.find_or_fetch("inception", home, quiet=quiet)
    if file is None:
        return None
    import torch

    from models import inception as module

    network = folded(module.load(file)).to("cuda" if torch.cuda.is_available() else "cpu")
    entry = weights.get("inception")

    def extract(inputs: Any) -> Features:
        return module.features(network, inputs, prepare=_as_it_is, batch=BATCH)

    return Network(entry.file, entry.sha256, extract)


def folded(network: "FIDInception") -> "FIDInception":
    """The network with batch norms folded into convolutions, channels last in memory; it is changed in place.

    Twice the images per second on a CPU; features move within 1e-6 of their length, as between two processors.
    """
    import torch
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    units: Any = network.modules()
    for unit in units:
        if isinstance(getattr(unit, "bn", None), torch.nn.BatchNorm2d):
            unit.conv = fuse_conv_bn_eval(unit.conv, unit.bn)
            unit.bn = torch.nn.Identity()
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _as_it_is(inputs: Any) -> Any:
    """Pictures come to the network prepared."""
    return inputs


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
        made = self.network.extract(np.stack([self._waiting[name] for name in names]))
        self._rows |= dict(zip(names, made, strict=True))
        self._unkept += names
        self._waiting.clear()


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

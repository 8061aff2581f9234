"""Moving averages of a method's networks."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


def ema_decay(updates: int, cap: float) -> float:
    """min(cap, (1 + k) / (10 + k)) after k updates, k from 1 (LDM, ldm/modules/ema.py).

    >>> ema_decay(1, 0.9999), ema_decay(100_000, 0.9999)
    (0.18181818181818182, 0.9999)
    """
    return min(cap, (1 + updates) / (10 + updates))


class MovingAverages:
    """Shadows of the trained parameters of some networks, by full parameter name.

    Attributes:
        shadow: the averages.
        updates: how often they moved.
    """

    def __init__(self, method: nn.Module, caps: Mapping[str, float]) -> None:
        self._caps = {
            name: caps[name.split(".")[0]]
            for name, parameter in method.named_parameters()
            if name.split(".")[0] in caps and parameter.requires_grad
        }
        self._parameters = {name: p for name, p in method.named_parameters() if name in self._caps}
        self.shadow = {name: p.detach().clone() for name, p in self._parameters.items()}
        self.updates = 0

    @torch.no_grad()
    def update(self) -> None:
        """Shadow moves by (1 - decay) towards the weights."""
        self.updates += 1
        for name, parameter in self._parameters.items():
            self.shadow[name].lerp_(parameter, 1 - ema_decay(self.updates, self._caps[name]))

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The averages stand in the networks; afterwards the raw weights again."""
        raw = {name: parameter.data for name, parameter in self._parameters.items()}
        try:
            for name, parameter in self._parameters.items():
                parameter.data = self.shadow[name]
            yield
        finally:
            for name, parameter in self._parameters.items():
                parameter.data = raw[name]

    @torch.no_grad()
    def load(self, shadow: Mapping[str, Tensor], updates: int) -> None:
        """Takes the averages of a checkpoint."""
        for name, value in shadow.items():
            self.shadow[name].copy_(value)
        self.updates = updates

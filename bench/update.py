"""How a step's losses become changed weights: backward, accumulation, clipping, and the optimisers' steps."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer


class TrainerUpdate:
    """The `models.method.Update` of the trainer.

    Gradients of a named optimiser are zeroed before its first backward of each optimiser step, and averaged over
    ranks just before it steps.
    """

    def __init__(
        self, accelerator: Any, optimizers: Mapping[str, Optimizer], *, accumulate: int, clip: float | None
    ) -> None:
        self._accelerator = accelerator
        self._optimizers = optimizers
        self._accumulate = accumulate
        self._clip = clip
        self._micro = 0
        self._zeroed: set[str] = set()

    def begin(self, micro: int) -> None:
        """The micro-batch with this number within its optimiser step comes next."""
        self._micro = micro
        if micro == 0:
            self._zeroed.clear()

    def __call__(self, loss: Tensor, *names: str) -> None:
        """Backward, then step."""
        self.backward(loss, *names)
        self.step(*names)

    def backward(self, loss: Tensor, *names: str) -> None:
        """Gradients of `loss`, a share of the accumulation."""
        for name in names or self._optimizers:
            if name not in self._zeroed:
                self._optimizers[name].zero_grad(set_to_none=True)
                self._zeroed.add(name)
        self._accelerator.backward(loss / self._accumulate)

    def step(self, *names: str) -> None:
        """Steps the named optimisers once the accumulation is full."""
        if self._micro + 1 < self._accumulate:
            return
        for name in names or self._optimizers:
            parameters = list(_parameters(self._optimizers[name]))
            if self._accelerator.num_processes > 1:
                for parameter in parameters:
                    if parameter.grad is not None:
                        parameter.grad = self._accelerator.reduce(parameter.grad, "mean")
            if self._clip is not None:
                self._accelerator.clip_grad_norm_(parameters, self._clip)
            self._optimizers[name].step()


def set_learning_rate(optimizer: Optimizer, factor: float) -> float:
    """Every group's base rate times `factor`; the first group's rate."""
    for group in optimizer.param_groups:
        group.setdefault("base_lr", group["lr"])
        group["lr"] = group["base_lr"] * factor
    return float(optimizer.param_groups[0]["lr"])


def _parameters(optimizer: Optimizer) -> Iterator[torch.nn.Parameter]:
    for group in optimizer.param_groups:
        yield from group["params"]

"""Checkpoints: one folder per saved step, safetensors only, renamed into place when whole."""

import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor
from torch.optim import Optimizer

from bench.ema import MovingAverages
from models.method import Method
from shards.errors import UserError

_KEPT = 2


@dataclass(frozen=True)
class Checkpoint:
    """A saved step.

    Attributes:
        step: optimiser steps done.
        total: steps of the whole stage.
        digests: sha256 of each file, the checkpoint's identity.
    """

    folder: Path
    step: int
    total: int
    digests: Mapping[str, str]

    @property
    def done(self) -> bool:
        """The stage is at its end."""
        return self.step >= self.total

    def weights(self, *, averaged: bool = True) -> dict[str, Tensor]:
        """Weights by name, moving averages in place of the raw ones where there are any."""
        from safetensors.torch import load_file

        weights: dict[str, Tensor] = load_file(self.folder / "model.safetensors")
        if averaged and "ema.safetensors" in self.digests:
            weights |= load_file(self.folder / "ema.safetensors")
        return weights


def save(
    folder: Path,
    method: Method,
    optimizers: Mapping[str, Optimizer],
    averages: MovingAverages,
    *,
    step: int,
    total: int,
    stage: str,
) -> Checkpoint:
    """Writes checkpoints/step-NNNNNNNN; keeps the last two."""
    from safetensors.torch import save_file

    place = folder / "checkpoints"
    place.mkdir(parents=True, exist_ok=True)
    for left in place.glob(".step-*"):
        shutil.rmtree(left)
    temporary = place / f".step-{step:08d}.{os.getpid()}-{secrets.token_hex(4)}.tmp"
    temporary.mkdir()
    tensors, scalars = _optimizer_state(optimizers)
    files = {"model": _plain(method.state()), "ema": averages.shadow, "optimizers": tensors}
    for name, content in files.items():
        if content or name == "model":
            save_file({k: v.contiguous() for k, v in content.items()}, temporary / f"{name}.safetensors")
    digests = {p.name: _sha256(p) for p in sorted(temporary.glob("*.safetensors"))}
    state = {
        "stage": stage,
        "step": step,
        "total": total,
        "ema_updates": averages.updates,
        "optimizers": scalars,
        "digests": digests,
    }
    (temporary / "state.json").write_text(json.dumps(state, indent=1, sort_keys=True) + "\n")
    final = place / f"step-{step:08d}"
    shutil.rmtree(final, ignore_errors=True)
    os.replace(temporary, final)
    for old in _all(folder)[:-_KEPT]:
        shutil.rmtree(old)
    return Checkpoint(final, step, total, digests)


def latest(folder: Path, stage: str) -> Checkpoint | None:
    """The newest checkpoint of a run folder, or None.

    Raises:
        UserError: it belongs to another stage.
    """
    found = _all(folder)
    if not found:
        return None
    state = _state(found[-1])
    if state["stage"] != stage:
        raise UserError(
            f"{found[-1]} was written by another stage ({state['stage']}, not {stage})",
            "move that folder away, or remove it with `python -m bench clean`",
        )
    return Checkpoint(found[-1], state["step"], state["total"], state["digests"])


def resume(
    checkpoint: Checkpoint, method: Method, optimizers: Mapping[str, Optimizer], averages: MovingAverages
) -> None:
    """Brings method, optimisers and averages to the saved step, to the bit."""
    from safetensors.torch import load_file

    state = _state(checkpoint.folder)
    load_weights(method, checkpoint.weights(averaged=False))
    if "ema.safetensors" in checkpoint.digests:
        averages.load(load_file(checkpoint.folder / "ema.safetensors"), state["ema_updates"])
    tensors = {}
    if "optimizers.safetensors" in checkpoint.digests:
        tensors = load_file(checkpoint.folder / "optimizers.safetensors")
    for name, optimizer in optimizers.items():
        saved = optimizer.state_dict()
        found: dict[int, dict[str, Any]] = {}
        for key, value in tensors.items():
            owner, index, slot = key.split("/")
            if owner == name:
                found.setdefault(int(index), {})[slot] = value
        for index, slots in state["optimizers"][name]["scalars"].items():
            found.setdefault(int(index), {}).update(slots)
        groups = [
            {**now, **then, "params": now["params"]}
            for now, then in zip(saved["param_groups"], state["optimizers"][name]["groups"], strict=True)
        ]
        optimizer.load_state_dict({"state": found, "param_groups": groups})


def load_weights(method: Method, weights: Mapping[str, Tensor]) -> None:
    """Loads what `Method.state` saved; frozen networks stay as they are.

    Raises:
        UserError: names or shapes differ.
    """
    own = method.state()
    wrong = sorted(own.keys() ^ weights.keys()) or [n for n in own if own[n].shape != weights[n].shape]
    if wrong:
        raise UserError(
            f"the weights do not fit {method.card.title}: {wrong[0]} and {len(wrong) - 1} more",
            "they come from another preset or method",
        )
    method.load_state_dict(dict(weights), strict=False)


def _optimizer_state(optimizers: Mapping[str, Optimizer]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    tensors: dict[str, Tensor] = {}
    scalars: dict[str, Any] = {}
    for name, optimizer in optimizers.items():
        saved = optimizer.state_dict()
        plain: dict[str, dict[str, Any]] = {}
        for index, slots in saved["state"].items():
            for slot, value in slots.items():
                if isinstance(value, Tensor):
                    tensors[f"{name}/{index}/{slot}"] = value.detach().cpu()
                else:
                    plain.setdefault(str(index), {})[slot] = value
        groups = [{k: v for k, v in g.items() if k != "params"} for g in saved["param_groups"]]
        scalars[name] = {"scalars": plain, "groups": groups}
    return tensors, scalars


def _plain(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Detached copies on the CPU; tensors that share memory are told apart, as safetensors demands."""
    return {name: value.detach().cpu().clone() for name, value in state.items()}


def _all(folder: Path) -> list[Path]:
    return sorted(p for p in (folder / "checkpoints").glob("step-*") if (p / "state.json").is_file())


def _state(folder: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads((folder / "state.json").read_text())
        return state
    except (OSError, ValueError):
        raise UserError(
            f"{folder} is not a whole checkpoint", "remove that folder; the one before it is used"
        ) from None


def _sha256(path: Path) -> str:
    import hashlib

    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

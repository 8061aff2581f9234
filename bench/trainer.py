"""The one trainer: brings a stage from where it is to its end, or to the limit that the user set."""

import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader

from bench import checkpoint, journal
from bench.checkpoint import Checkpoint
from bench.ema import MovingAverages
from bench.grid import draw_grid
from bench.stage import Stage, plain, weights_file
from bench.update import TrainerUpdate, set_learning_rate
from bench.views import TrainingViews, training_batch
from models.method import Batch, Context, Method, stream
from shards.console import Progress, Stopwatch, progress
from shards.dataset import ElasticSampler, SampleDataset
from shards.home import Home


@dataclass(frozen=True)
class Limits:
    """Where to stop early. Never part of a stage's id; the same command goes on from there.

    Attributes:
        max_steps: the last optimiser step of a stage.
        max_seconds: time for training in this command.
    """

    max_steps: int | None = None
    max_seconds: float | None = None


def train(
    stage: Stage, samples: SampleDataset, home: Home, limits: Limits, watch: Stopwatch, *, quiet: bool = False
) -> Checkpoint:
    """Trains one stage whose parents are done; returns its newest checkpoint, which may be its last.

    Every step's random numbers come from (seed, step), so a run that was killed and started again ends with the
    same bits as one that was not (same machine, same number of ranks).
    """
    folder = stage.folder(home)
    done = checkpoint.latest(folder, stage.id)
    if done is not None and (done.done or (limits.max_steps is not None and done.step >= limits.max_steps)):
        return done
    with journal.locked(folder):
        journal.write_spec(folder, stage.spec(), _about(stage))
        journal.write_json(folder / "env.json", journal.environment())
        return _run(stage, samples, home, limits, watch, quiet=quiet)


def build_method(stage: Stage, home: Home, train: SampleDataset | None) -> Method:
    """The method of a stage with its parents' weights, before its own are loaded."""
    context = Context(
        seed=stage.seed,
        conditions=stage.conditions,
        parents={role: parent_weights(parent, home) for role, parent in stage.parents.items()},
        weights=_needed_weights(stage, home),
    )
    torch.manual_seed(stream(stage.seed, "build"))
    method = stage.method(stage.preset, context)
    method.build(train)
    return method


def parent_weights(parent: Stage | Path, home: Home) -> Mapping[str, torch.Tensor]:
    """Weights of a parent, moving averages applied."""
    from safetensors.torch import load_file

    if isinstance(parent, Stage):
        found = checkpoint.latest(parent.folder(home), parent.id)
        if found is None or not found.done:
            raise RuntimeError(f"{parent.name} is not trained yet")
        return found.weights()
    file = weights_file(parent)
    weights: dict[str, torch.Tensor] = load_file(file)
    averaged = file.with_name("ema.safetensors")
    return weights | load_file(averaged) if file.name == "model.safetensors" and averaged.is_file() else weights


def total_steps(stage: Stage, count: int) -> int:
    """Optimiser steps of a stage on `count` training samples."""
    part = stage.preset.train
    if not stage.method.card.trains:
        return 0
    if part.steps is not None:
        return part.steps
    return math.ceil((part.epochs or 0) * count / (part.batch * part.accumulate))


def _run(
    stage: Stage, samples: SampleDataset, home: Home, limits: Limits, watch: Stopwatch, *, quiet: bool
) -> Checkpoint:
    from accelerate import Accelerator

    part, folder = stage.preset.train, stage.folder(home)
    total = total_steps(stage, len(samples))
    last = min(total, limits.max_steps if limits.max_steps is not None else total)
    accelerator = Accelerator(mixed_precision=part.precision if torch.cuda.is_available() else "no")
    method = build_method(stage, home, samples).to(accelerator.device)
    raw_optimizers = method.optimizers()
    averages = MovingAverages(method, part.ema)
    step = 0
    if (found := checkpoint.latest(folder, stage.id)) is not None:
        checkpoint.resume(found, method, raw_optimizers, averages)
        step = found.step
    journal.cut_log(folder / "log.jsonl", step)
    optimizers = {name: accelerator.prepare(optimizer) for name, optimizer in raw_optimizers.items()}
    update = TrainerUpdate(accelerator, optimizers, accumulate=part.accumulate, clip=part.clip)

    def save() -> Checkpoint:
        saved = checkpoint.save(folder, method, raw_optimizers, averages, step=step, total=total, stage=stage.id)
        journal.draw_curves(folder / "log.jsonl", folder / "curves.png", stage.name)
        if stage.method.card.trains and stage.method.card.stands_alone:
            draw_grid(stage, method, averages, samples, folder / "grid.png")
        return saved

    if step >= last:
        return save() if found is None else found
    batches = _batches(stage, samples, step * part.accumulate, accelerator)
    method.train()
    saved_at = -1
    with progress(last, "steps", quiet=quiet) as shown, open(folder / "log.jsonl", "a") as log:
        shown.advance(step)
        while step < last:
            entry = _step(stage, method, optimizers, averages, update, batches, step, len(samples), accelerator)
            step += 1
            if step % part.log_every == 0 or step == last:
                _log(log, shown, entry | {"step": step, "seconds": round(watch.seconds, 2)})
            shown.advance()
            late = limits.max_seconds is not None and watch.seconds > limits.max_seconds
            if (step % part.save_every == 0 or late) and step < last:
                save()
                saved_at = step
            if late:
                break
    found = checkpoint.latest(folder, stage.id)
    return found if saved_at == step and found is not None else save()


def _step(
    stage: Stage,
    method: Method,
    optimizers: Mapping[str, Any],
    averages: MovingAverages,
    update: TrainerUpdate,
    batches: Iterator[Batch],
    step: int,
    count: int,
    accelerator: Any,
) -> dict[str, Any]:
    """One optimiser step: all its micro-batches, then the averages."""
    part = stage.preset.train
    epoch = step * part.accumulate * part.batch * accelerator.num_processes / count
    rates = {n: set_learning_rate(o, method.learning_rate(n, step, epoch)) for n, o in optimizers.items()}
    losses: dict[str, float] = {}
    for micro in range(part.accumulate):
        batch = next(batches)
        # After the loader, which may draw from the global generator when it starts.
        torch.manual_seed(stream(stage.seed, step, micro, accelerator.process_index))
        update.begin(micro)
        with accelerator.autocast():
            parts = method.step(batch, update)
        for name, value in parts.items():
            losses[name] = losses.get(name, 0.0) + float(value.detach()) / part.accumulate
        if part.ema_every == "microbatch":
            averages.update()
    if part.ema_every == "step":
        averages.update()
    return {"epoch": round(epoch, 4), "losses": losses, "rates": rates}


def _batches(stage: Stage, samples: SampleDataset, micro: int, accelerator: Any) -> Iterator[Batch]:
    """Micro-batches from number `micro` on, without end."""
    part, ranks = stage.preset.train, accelerator.num_processes
    views = TrainingViews(samples, part.data, stage.seed, stage.conditions)
    sampler = ElasticSampler(
        len(samples), stage.seed, consumed=micro * part.batch * ranks, rank=accelerator.process_index, ranks=ranks
    )
    # Pictures that stay in memory are cut here; others are decoded by workers that start from a clean process.
    workers = 0 if views.kept else min(4, os.cpu_count() or 1)
    loader = DataLoader(
        views,
        batch_sampler=_Batches(sampler, part.batch),
        collate_fn=list,
        num_workers=workers,
        multiprocessing_context="spawn" if workers else None,
    )
    for found in loader:
        yield training_batch(found, stage.seed).to(accelerator.device)


class _Batches:
    """Batches of sampler places; DataLoader wants an object that it can iterate."""

    def __init__(self, sampler: ElasticSampler, size: int) -> None:
        self._sampler, self._size = sampler, size

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        places = iter(self._sampler)
        while True:
            yield [next(places) for _ in range(self._size)]


def _log(file: Any, shown: Progress, entry: dict[str, Any]) -> None:
    wrong = [name for name, value in entry["losses"].items() if not math.isfinite(value)]
    if wrong:
        raise FloatingPointError(f"loss {wrong[0]} is {entry['losses'][wrong[0]]} at step {entry['step']}")
    file.write(json.dumps(entry, sort_keys=True) + "\n")
    file.flush()
    shown.advance(0, " ".join(f"{n} {v:.3g}" for n, v in entry["losses"].items()))


def _about(stage: Stage) -> dict[str, Any]:
    return {
        "name": stage.name,
        "label": stage.label,
        "dataset": stage.dataset,
        "preset": stage.preset_name,
        "family": stage.method.card.family,
        "title": stage.method.card.title,
        "sample": plain(stage.preset.sample),
        "partial": stage.partial,
    }


def _needed_weights(stage: Stage, home: Home) -> dict[str, Path]:
    from bench import weights

    return {name: weights.require(name, home) for name in stage.preset.needs}

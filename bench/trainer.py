"""The one trainer: brings a stage from where it is to its end, or to the limit that the user set."""

import atexit
import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.optim import Optimizer
from torch.utils.data import DataLoader

from bench import checkpoint, journal, provenance
from bench.checkpoint import Checkpoint
from bench.ema import MovingAverages
from bench.grid import draw_grid
from bench.stage import Stage, plain, weights_file
from bench.update import TrainerUpdate, set_learning_rate
from bench.views import TrainingViews, training_batch
from models.method import Batch, Context, Method, stream
from shards.console import Stopwatch, progress
from shards.dataset import ElasticSampler, SampleDataset
from shards.errors import UserError
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
    same bits as one that was not (same machine, same number of ranks). Under `accelerate launch` each rank takes
    its share of every batch, and rank 0 alone writes.
    """
    folder = stage.folder(home)
    done = checkpoint.latest(folder, stage.id)
    if done is not None and (done.done or (limits.max_steps is not None and done.step >= limits.max_steps)):
        return done
    if int(os.environ.get("RANK", "0")) > 0:
        return _train(stage, samples, home, limits, watch, quiet=True)
    with journal.locked(folder):
        journal.write_spec(folder, stage.spec(), _about(stage))
        journal.write_json(folder / "env.json", provenance.environment(weight_digests(stage, home)))
        begin = watch.seconds
        reached = _train(stage, samples, home, limits, watch, quiet=quiet)
        _note_cost(stage, folder, (done.step if done else 0, reached.step), watch.seconds - begin)
        return reached


def build_method(stage: Stage, home: Home, train: SampleDataset | None) -> Method:
    """The method of a stage with its parents' weights, before its own are loaded."""
    from bench import weights

    context = Context(
        seed=stage.seed,
        conditions=stage.conditions,
        parents={role: parent_weights(parent, home) for role, parent in stage.parents.items()},
        weights={name: weights.require(name, home) for name in stage.preset.needs},
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


def weight_digests(stage: Stage, home: Home) -> dict[str, str]:
    """sha256 of the downloaded weights that a stage starts from, by name."""
    from bench import weights
    from shards.download import digest

    return {name: digest(weights.require(name, home)) for name in stage.preset.needs}


def total_steps(stage: Stage, count: int) -> int:
    """Optimiser steps of a stage on `count` training samples."""
    part = stage.preset.train
    if not stage.method.card.trains:
        return 0
    if part.steps is not None:
        return part.steps
    return math.ceil((part.epochs or 0) * count / (part.batch * part.accumulate))


def _train(
    stage: Stage, samples: SampleDataset, home: Home, limits: Limits, watch: Stopwatch, *, quiet: bool
) -> Checkpoint:
    """The recipe: build, resume, step until the end, save."""
    part, folder = stage.preset.train, stage.folder(home)
    total = total_steps(stage, len(samples))
    last = min(total, limits.max_steps if limits.max_steps is not None else total)

    # Build, and come to where the run was.
    training = _Training(stage, samples, home, total)
    if (found := checkpoint.latest(folder, stage.id)) is not None:
        training.resume(found)
    if training.step >= last:
        return found or training.save()
    log = folder / "log.jsonl"
    if training.writes:
        journal.cut_log(log, training.step)

    # Step. Log lines and checkpoints fall on fixed steps, wherever a limit or a kill cut the run.
    batches = training.batches()
    with progress(last, "steps", quiet=quiet) as shown:
        shown.advance(training.step)
        while training.step < last:
            entry = training.advance(batches)
            if training.writes and (training.step % part.log_every == 0 or training.step == total):
                journal.append_log(log, entry | {"seconds": round(watch.seconds, 2)})
            shown.advance(1, " ".join(f"{name} {value:.3g}" for name, value in entry["losses"].items()))
            if limits.max_seconds is not None and watch.seconds > limits.max_seconds:
                break
            if training.step % part.save_every == 0 and training.step < last:
                training.save()
    return training.save()


def _note_cost(stage: Stage, folder: Path, steps: tuple[int, int], seconds: float) -> None:
    """run.json: one entry per session of training; what a killed session took is in the log alone."""
    path, part = folder / "run.json", stage.preset.train
    sessions = json.loads(path.read_text())["sessions"] if path.is_file() else []
    images = (steps[1] - steps[0]) * part.accumulate * part.batch
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    sessions.append({"from_step": steps[0], "to_step": steps[1]} | provenance.cost(seconds, images, device))
    totals = {key: round(sum(one[key] for one in sessions), 4) for key in ("seconds", "images", "gpu_hours")}
    journal.write_json(path, {"sessions": sessions, "total": totals})


class _Training:
    """A stage in the making: its method, what makes it learn, and how far it is."""

    def __init__(self, stage: Stage, samples: SampleDataset, home: Home, total: int) -> None:
        from accelerate import Accelerator

        part = stage.preset.train
        self.stage, self.samples, self.total, self.step = stage, samples, total, 0
        self.folder = stage.folder(home)
        self.accelerator = Accelerator(mixed_precision=part.precision if torch.cuda.is_available() else "no")
        # Threads of a process group that outlive the interpreter abort it: pytorch/pytorch#190489.
        atexit.register(self.accelerator.end_training)
        self.writes: bool = self.accelerator.is_main_process
        self.method = build_method(stage, home, samples).to(self.accelerator.device)
        self.method.train()
        self.optimizers: dict[str, Optimizer] = self.method.optimizers()
        self.averages = MovingAverages(self.method, part.ema)
        prepared = {name: self.accelerator.prepare(optimizer) for name, optimizer in self.optimizers.items()}
        self.update = TrainerUpdate(self.accelerator, prepared, accumulate=part.accumulate, clip=part.clip)

    def resume(self, found: Checkpoint) -> None:
        """Comes to a saved step, to the bit."""
        checkpoint.resume(found, self.method, self.optimizers, self.averages)
        self.step = found.step

    def batches(self) -> Iterator[Batch]:
        """The micro-batches from here on, without end; of each the share of this rank."""
        part, ranks = self.stage.preset.train, self.accelerator.num_processes
        if part.batch % ranks:
            raise UserError(f"a batch of {part.batch} cannot be shared by {ranks} ranks", "--set train.batch=N")
        consumed = self.step * part.accumulate * part.batch
        rank = self.accelerator.process_index
        sampler = ElasticSampler(len(self.samples), self.stage.seed, consumed=consumed, rank=rank, ranks=ranks)
        views = TrainingViews(self.samples, part.data, self.stage.seed, self.stage.conditions)
        # Pictures that stay in memory are cut here; others are decoded by workers that start from a clean process.
        workers = 0 if views.kept else min(4, os.cpu_count() or 1)
        loader = DataLoader(
            views,
            batch_sampler=_Batches(sampler, part.batch // ranks),
            collate_fn=list,
            num_workers=workers,
            multiprocessing_context="spawn" if workers else None,
        )
        for found in loader:
            yield training_batch(found, self.stage.seed).to(self.accelerator.device)

    def advance(self, batches: Iterator[Batch]) -> dict[str, Any]:
        """One optimiser step: all its micro-batches, then the averages. Returns its log entry."""
        part = self.stage.preset.train
        epoch = self.step * part.accumulate * part.batch / len(self.samples)
        rates = {
            name: set_learning_rate(optimizer, self.method.learning_rate(name, self.step, epoch))
            for name, optimizer in self.optimizers.items()
        }
        losses: dict[str, float] = {}
        for micro in range(part.accumulate):
            batch = next(batches)
            # After the loader, which may draw from the global generator when it starts.
            torch.manual_seed(stream(self.stage.seed, self.step, micro, self.accelerator.process_index))
            self.update.begin(micro)
            with self.accelerator.autocast():
                parts = self.method.step(batch, self.update)
            for name, value in parts.items():
                mean = self.accelerator.reduce(value.detach().float(), "mean")
                losses[name] = losses.get(name, 0.0) + float(mean) / part.accumulate
            if part.ema_every == "microbatch":
                self.averages.update()
        if part.ema_every == "step":
            self.averages.update()
        self.step += 1
        wrong = [name for name, value in losses.items() if not math.isfinite(value)]
        if wrong:
            raise UserError(
                f"{self.stage.name}: {wrong[0]} is {losses[wrong[0]]} at step {self.step:,}",
                "a lower learning rate, or --set train.clip=1, may help; the last checkpoint is whole",
            )
        return {"step": self.step, "epoch": round(epoch, 4), "losses": losses, "rates": rates}

    def save(self) -> Checkpoint:
        """A checkpoint with its curves and pictures; rank 0 writes, the others wait."""
        if self.writes:
            checkpoint.save(
                self.folder,
                self.method,
                self.optimizers,
                self.averages,
                step=self.step,
                total=self.total,
                stage=self.stage.id,
            )
            journal.draw_curves(self.folder / "log.jsonl", self.folder / "curves.png", self.stage.name)
            if self.stage.method.card.trains and self.stage.method.card.stands_alone:
                draw_grid(self.stage, self.method, self.averages, self.samples, self.folder / "grid.png")
        self.accelerator.wait_for_everyone()
        saved = checkpoint.latest(self.folder, self.stage.id)
        if saved is None:
            raise RuntimeError(f"{self.folder} lost its checkpoint")
        return saved


class _Batches:
    """Batches of sampler places; DataLoader wants an object that it can iterate."""

    def __init__(self, sampler: ElasticSampler, size: int) -> None:
        self._sampler, self._size = sampler, size

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        places = iter(self._sampler)
        while True:
            yield [next(places) for _ in range(self._size)]


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

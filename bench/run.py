"""A run from end to end: parents, training, prediction, scores, and the floor rows beside them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import splits
from bench import checkpoint, floors, overrides, references, rescore
from bench.checkpoint import Checkpoint
from bench.predict import predict
from bench.protocol import HEADLINE, Protocol
from bench.result import merged, read, write
from bench.score import match, score_all
from bench.stage import Stage, offered, plan_stage
from bench.trainer import Limits, train
from models import registry
from models.method import Condition
from shards.console import Stopwatch, say
from shards.dataset import SampleDataset
from shards.errors import UserError
from shards.home import Home

FLOORS = ("grayscale", "inverted", "constant", "mean")
"""Controls that stand in every table: what a method must beat to have learnt anything."""


@dataclass(frozen=True)
class Request:
    """What the user asked for, names not yet resolved."""

    method: str
    dataset: str
    preset: str = "paper"
    seed: int = 0
    settings: Sequence[str] = ()
    conditions: str = "auto"
    given: Path | None = None
    partial: bool = False
    captions: str = "auto"
    maps: str = "auto"
    subset: str = "test"


class Bench:
    """One command's view of a home: subsets are loaded once."""

    def __init__(self, home: Home, request: Request, *, quiet: bool = False) -> None:
        self.home, self.request, self.quiet = home, request, quiet
        self.watch = Stopwatch()
        self.subset = cache(self._load)

    def stage(self, method: str | None = None) -> Stage:
        """The stage of the request, or of another method with the same data and seed."""
        asked = self.request
        cls = registry.get(method or asked.method)
        if not cls.card.stands_alone:
            raise UserError(f"{cls.card.name} is a stage of other methods", "run one of those; it is made as needed")
        name = asked.preset if method is None else next(iter(cls.presets))
        preset = overrides.apply(registry.preset_of(cls, name), asked.settings if method is None else ())
        can = offered(self.subset(asked.dataset, "train"), self.subset(asked.dataset, asked.subset))
        return plan_stage(
            cls,
            name,
            preset,
            asked.dataset,
            train_of=lambda dataset: self.subset(dataset, "train"),
            seed=asked.seed,
            conditions=_conditions(asked.conditions, can, cls.card.title),
            given=asked.given,
        )

    def train(self, stage: Stage, limits: Limits) -> tuple[Stage, Checkpoint]:
        """Trains the chain; returns the stage where it ended and its checkpoint."""
        for link in stage.chain():
            samples = self.subset(link.dataset, "train")
            before = checkpoint.latest(link.folder(self.home), link.id)
            if before is None or not before.done:
                say(f"{link.name}: training{f' from step {before.step:,}' if before else ''}")
            reached = train(link, samples, self.home, limits, self.watch, quiet=self.quiet)
            if link is stage or link.id == stage.id or not reached.done:
                return link, reached
        raise AssertionError("a chain ends with the stage itself")

    def predict(self, stage: Stage, found: Checkpoint, draws: int = 1) -> Path:
        """Predictions on the request's subset, `draws` of each input."""
        samples = self.subset(self.request.dataset, self.request.subset)
        return predict(stage, found, samples, self.request.subset, self.home, draws=draws, quiet=self.quiet)

    def score(self, folder: Path, protocol: Protocol) -> dict[str, Any]:
        """Scores of one folder of predictions, from its record as far as that goes."""
        place, truth = folder / "scores" / protocol.id, self._truth()
        kept = read(place)
        lacking = rescore.lacking(protocol, kept, self.home, quiet=self.quiet)
        if kept is not None and not lacking:
            return kept.result
        found = score_all(
            match(folder, truth), truth, [protocol], self.home, only={protocol.id: lacking}, quiet=self.quiet
        )
        scores = merged(kept, found[protocol.id]) if kept else found[protocol.id]
        write(place, scores.result, scores.rows)
        return scores.result

    def floors(self, protocol: Protocol) -> list[dict[str, Any]]:
        """Results of the controls on the same data, and of the references themselves, made where they are missing."""
        results = []
        for name in FLOORS:
            stage = self.stage(name)
            _, found = self.train(stage, Limits())
            results.append(self.score(self.predict(stage, found), protocol))
        return results + floors.rows(self._truth(), protocol, self.home, quiet=self.quiet)

    def _truth(self) -> references.References:
        asked = self.request
        return references.of_dataset(self.subset(asked.dataset, asked.subset), asked.subset)

    def _load(self, dataset: str, subset: str) -> SampleDataset:
        asked = self.request
        return splits.load(
            dataset, subset, home=self.home, captions=asked.captions, maps=asked.maps, partial=asked.partial
        )


def results(home: Home, dataset: str, *, subset: str = "test", protocol: str = HEADLINE) -> list[dict[str, Any]]:
    """Every scored run of a dataset, each with the folder of its predictions under `folder`."""
    found = []
    for path in sorted(home.runs.glob(f"*/predictions/*/scores/{protocol}/result.json")):
        record = json.loads(path.read_text())
        if record["dataset"] == dataset and record["subset"] == subset:
            found.append(record | {"folder": str(path.parent.parent.parent)})
    return found


def _conditions(asked: str, can: frozenset[Condition], title: str) -> frozenset[Condition]:
    if asked == "auto":
        return can
    words = {word for word in asked.lower().split(",") if word}
    if not words <= {"v", "s", "t"} or "v" not in words:
        raise UserError(f"--conditions {asked}", "auto, or some of v,s,t with v among them", code=2)
    lacking = sorted(words - can)
    if lacking:
        name = {"s": "maps", "t": "captions"}[lacking[0]]
        raise UserError(
            f"{title}: --conditions {asked} asks for {name}, which no layer gives for every sample",
            "`python -m shards stats` lists the layers; --conditions auto takes what is there",
        )
    return can & frozenset(words)

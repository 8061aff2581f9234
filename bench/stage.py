"""A stage: one training job, named by a hash of all that decides its weights. Equal stages are shared."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models import registry
from models.method import Condition, Method, Parent, Preset
from shards.dataset import SampleDataset
from shards.errors import UserError
from shards.home import Home


@dataclass(frozen=True)
class Stage:
    """One training job.

    Attributes:
        dataset: as the user named it.
        fingerprint: of its training subset.
        conditions: what the method looks at here.
        layers: names of the caption and map layers in use.
        parents: by role; a Path for weights that the user gave.
    """

    method: type[Method]
    preset_name: str
    preset: Preset
    dataset: str
    fingerprint: str
    seed: int
    conditions: frozenset[Condition]
    layers: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, "Stage | Path"] = field(default_factory=dict)
    partial: bool = False

    def spec(self) -> dict[str, Any]:
        """Everything that decides the weights, as plain JSON."""
        return {
            "schema": "ir500k.stage/1",
            "method": self.method.card.name,
            "version": self.method.card.version,
            "train": plain(self.preset.train),
            "fingerprint": self.fingerprint,
            "seed": self.seed,
            "conditions": sorted(self.conditions),
            "layers": dict(self.layers),
            "parents": {role: _identity(parent) for role, parent in sorted(self.parents.items())},
        }

    @property
    def id(self) -> str:
        """First ten digits of the hash of `spec`."""
        return digest(self.spec())[:10]

    @property
    def name(self) -> str:
        """The folder's name: what a person reads, and the id."""
        dataset = Path(self.dataset).stem.replace("@", "_")
        return f"{self.method.card.name}-{dataset}-{self.preset_name}-s{self.seed}-{self.id}"

    def folder(self, home: Home) -> Path:
        """Where its checkpoints and predictions lie."""
        return home.runs / self.name

    def chain(self) -> Iterator["Stage"]:
        """Its parents, theirs first, each once; then itself."""
        seen: dict[str, Stage] = {}
        for parent in self.parents.values():
            if isinstance(parent, Stage):
                seen |= {stage.id: stage for stage in parent.chain()}
        yield from seen.values()
        yield self

    @property
    def label(self) -> str:
        """The row's name in tables; says which conditions are missing."""
        card = self.method.card
        plain_label = card.title if not card.trains else f"{card.title} ({self.preset_name})"
        if self.conditions == card.conditions:
            return plain_label
        return f"{plain_label}, {'+'.join(c.upper() for c in 'vst' if c in self.conditions)} only"


def plan_stage(
    method: type[Method],
    preset_name: str,
    preset: Preset,
    dataset: str,
    *,
    train_of: Callable[[str], SampleDataset],
    seed: int,
    conditions: frozenset[Condition],
    given: Path | None = None,
) -> Stage:
    """A stage with its parents, down to those that stand on nothing.

    Args:
        method: what is trained.
        preset_name: for the folder's name and the label.
        preset: with all overrides applied.
        dataset: on which it trains; parents may name another.
        train_of: the training subset of a dataset.
        seed: of everything random.
        conditions: what the run may look at; each stage takes those that it can use and its data offer.
        given: weights for the parent whose role is `init` (`--from`).

    Raises:
        UserError: a parent must be given and is not.
    """
    train = train_of(dataset)
    usable = conditions & method.card.conditions & offered(train)
    layers = {"t": ("captions", train.captions), "s": ("maps", train.maps)}

    def resolve(parent: Parent) -> Stage | Path:
        if given is not None and parent.role == "init":
            return given
        if parent.given:
            raise UserError(
                f"{method.card.title}, preset {preset_name!r}, starts from {parent.method} {parent.preset!r}",
                f"give its run folder or weights with --from, or train it: `python -m bench train {parent.method} "
                f"--preset {parent.preset} --dataset NAME`",
            )
        cls = registry.get(parent.method)
        above = registry.preset_of(cls, parent.preset)
        return plan_stage(
            cls,
            parent.preset,
            above,
            parent.dataset or dataset,
            train_of=train_of,
            seed=seed,
            conditions=conditions,
            given=given,
        )

    return Stage(
        method=method,
        preset_name=preset_name,
        preset=preset,
        dataset=dataset,
        fingerprint=train.fingerprint,
        seed=seed,
        conditions=usable,
        layers={kind: name for c, (kind, name) in layers.items() if c in usable},
        parents={parent.role: resolve(parent) for parent in preset.after},
        partial=train.partial,
    )


def offered(*subsets: SampleDataset) -> frozenset[Condition]:
    """The conditions that every one of these subsets can give."""
    found: set[Condition] = {"v"}
    if all(s.maps for s in subsets):
        found.add("s")
    if all(s.captions for s in subsets):
        found.add("t")
    return frozenset(found)


def digest(content: Any) -> str:
    """sha256 of plain JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def plain(record: Any) -> Any:
    """A dataclass tree as plain JSON values; sets become sorted lists."""
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        return {f.name: plain(getattr(record, f.name)) for f in dataclasses.fields(record)}
    if isinstance(record, Mapping):
        return {str(k): plain(v) for k, v in record.items()}
    if isinstance(record, set | frozenset):
        return sorted(plain(v) for v in record)
    if isinstance(record, list | tuple):
        return [plain(v) for v in record]
    return record


def _identity(parent: Stage | Path) -> str:
    if isinstance(parent, Stage):
        return parent.id
    if not parent.exists():
        raise UserError(f"--from {parent} does not exist", "give a run's folder or a .safetensors file")
    with open(weights_file(parent), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def weights_file(place: Path) -> Path:
    """The safetensors file that a user's `--from` means: the file itself, or a run's newest checkpoint.

    Raises:
        UserError: there is none.
    """
    if place.is_file():
        return place
    found = sorted(place.glob("checkpoints/step-*/model.safetensors"))
    if not found:
        raise UserError(f"{place} holds no checkpoint", "give a run's folder or a .safetensors file")
    return found[-1]

"""The plan: which raw files become which sample of which shard, settled before the first byte is written."""

import hashlib
import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from ingest.layout import Found, Pair, find, joined
from ingest.source import Layout, Source
from ingest.template import Fields, Value, fill
from ingest.tree import Tree
from shards import schema
from shards.errors import UserError
from shards.sample import make_key

Suffix = Literal["jpg", "png"]
ENCODER = 1
"""Raised with any change to what `ingest.encode` writes; part of every shard's id."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One sample to be: its raw files, None where a side is missing. Paths are relative to the raw folder."""

    key: str
    scene: str
    sequence: str
    frame: int
    fields: dict[str, Value]
    visible: str | None
    visible_size: int
    infrared: str | None
    infrared_size: int
    boxes: str | None
    layers: dict[str, str]


@dataclass(frozen=True)
class ShardPlan:
    """One shard to be: the unit of work, of retry and of resumption.

    Attributes:
        name: `<subset>-00000`, the stem of the tar and of the part.
        suffixes: of the visible and the infrared member; one pair for the whole shard.
        id: a hash of everything that decides the shard's bytes.
    """

    name: str
    subset: str
    suffixes: tuple[Suffix, Suffix]
    samples: tuple[Planned, ...]
    id: str


@dataclass(frozen=True)
class Plan:
    """All shards of a source.

    Attributes:
        raw_bytes: sum of the raw files' sizes, about what the shards will take.
        unused: files below the dataset's root that are no side and no annotation of a sample.
        junk: files that operating systems leave behind.
    """

    source: Source
    layout: Layout
    root: Path
    shards: Sequence[ShardPlan]
    raw_bytes: int
    unused: int
    junk: int

    @property
    def samples(self) -> int:
        """Rows to be written, failed ones included."""
        return sum(len(shard.samples) for shard in self.shards)


def make_plan(source: Source, tree: Tree, *, store: Literal["raw", "png"] = "raw", per_shard: int = 1000) -> Plan:
    """Plans a source from a raw tree; equal trees make equal plans, whatever order the file system lists in.

    Args:
        store: `raw` passes JPEG and PNG bytes through; `png` writes every image as PNG.
        per_shard: samples in a shard.

    Raises:
        UserError: the tree holds no such dataset, or two raw files would make one key.
    """
    found = find(source, tree)
    planned = _planned(source, tree, found)
    _check_keys(planned)
    by_form: dict[tuple[str, Suffix, Suffix], list[Planned]] = defaultdict(list)
    usual = _usual_suffixes(found.pairs)
    for sample in planned:
        visible, infrared = (
            _suffix(path, default, store)
            for path, default in zip((sample.visible, sample.infrared), usual, strict=True)
        )
        by_form[_subset(sample.fields), visible, infrared].append(sample)
    numbers: Counter[str] = Counter()
    shards = []
    for (subset, *suffixes), samples in sorted(by_form.items()):
        samples.sort(key=lambda s: s.key)
        for at in range(0, len(samples), per_shard):
            name = f"{subset}-{numbers[subset]:05d}"
            numbers[subset] += 1
            chunk = tuple(samples[at : at + per_shard])
            shards.append(_with_id(ShardPlan(name, subset, (suffixes[0], suffixes[1]), chunk, ""), source, found))
    total = sum(s.visible_size + s.infrared_size for s in planned)
    annotations = {path for s in planned for path in (s.boxes, *s.layers.values()) if path}
    return Plan(source, found.layout, tree.root, shards, total, found.unused - len(annotations), tree.junk)


def _planned(source: Source, tree: Tree, found: Found) -> list[Planned]:
    pairs = found.pairs
    scenes = source.scenes([pair.fields for pair in pairs])
    boxes = joined(found.layout.boxes.template, tree, found.root) if found.layout.boxes else None
    layers = {name: joined(files.template, tree, found.root) for name, files in found.layout.layers.items()}
    return [
        Planned(
            key=_key(source, pair.fields),
            scene=scene,
            sequence=fill(source.sequence, pair.fields),
            frame=_frame(pair.fields),
            fields=pair.fields,
            visible=pair.visible.path if pair.visible else None,
            visible_size=pair.visible.size if pair.visible else 0,
            infrared=pair.infrared.path if pair.infrared else None,
            infrared_size=pair.infrared.size if pair.infrared else 0,
            boxes=boxes(pair.fields) if boxes else None,
            layers={name: path for name, join in layers.items() if (path := join(pair.fields))},
        )
        for pair, scene in zip(pairs, scenes, strict=True)
    ]


def _key(source: Source, fields: Fields) -> str:
    try:
        return make_key(source.name, fill(source.key, fields))
    except ValueError as error:
        raise UserError(str(error), "shorten the file's name") from None


def _subset(fields: Fields) -> str:
    """The publisher's subset as it stands in file names."""
    return re.sub(r"[^a-z0-9_-]", "-", str(fields.get("subset", "all")).lower())


def _frame(fields: Fields) -> int:
    frame = str(fields.get("frame", ""))
    return int(frame) if frame.isdigit() else -1


def _check_keys(planned: Sequence[Planned]) -> None:
    seen: dict[str, Planned] = {}
    for sample in planned:
        twin = seen.setdefault(sample.key, sample)
        if twin is not sample:
            names = " and ".join(str(s.infrared or s.visible) for s in (twin, sample))
            raise UserError(f"{names} would both be {sample.key}", "rename or remove one of them")


def _usual_suffixes(pairs: Sequence[Pair]) -> tuple[Suffix, Suffix]:
    """What a missing side would most likely have been."""

    def usual(paths: list[str]) -> Suffix:
        return Counter(_suffix(path, "png", "raw") for path in paths).most_common(1)[0][0] if paths else "png"

    visible = [pair.visible.path for pair in pairs if pair.visible]
    return usual(visible), usual([pair.infrared.path for pair in pairs if pair.infrared])


def _suffix(path: str | None, default: Suffix, store: str) -> Suffix:
    if store == "png":
        return "png"
    if path is None:
        return default
    return "jpg" if os.path.splitext(path)[1].lower() in {".jpg", ".jpeg"} else "png"


def _with_id(shard: ShardPlan, source: Source, found: Found) -> ShardPlan:
    names = [field.name for field in fields(Planned)]
    content: dict[str, Any] = {
        "schema": schema.VERSION,
        "encoder": ENCODER,
        "source": [source.name, source.band, source.view, source.licence, source.same_size],
        "layers": sorted(found.layout.layers),
        "shard": [shard.name, shard.subset, *shard.suffixes],
        "samples": [[getattr(sample, name) for name in names] for sample in shard.samples],
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return replace(shard, id=digest[:32])

"""Audits: the leaks of a dataset, of two lists, or of two folders of images; with pictures, or by names alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from shards.errors import UserError
from shards.home import Home
from shards.manifest import Manifest
from splits import folders
from splits.contamination import WITHIN, contamination
from splits.definition import get
from splits.embeddings import read
from splits.leaks import Leaks, find_leaks
from splits.listing import finder, listing
from splits.load import resolve
from splits.names import place
from splits.samples import InShards, Pictures, of_keys

ORDER = ("train", "val", "test")
"""Each subset is tested against all before it."""


@dataclass(frozen=True)
class Audit:
    """What was audited and what was found.

    Attributes:
        title: the dataset's name, or what stands for it.
        leaks: one for each tested subset.
        pictures: where the pictures are, for those who want to look at them.
        facts: what else a reader should know, by name.
    """

    title: str
    leaks: Sequence[Leaks]
    pictures: Pictures
    facts: Mapping[str, str] = field(default_factory=dict)


def of_dataset(
    spec: str, home: Home, manifest: Manifest, *, frames: int, partial: bool = False, embeddings: str = ""
) -> Audit:
    """The leaks of a dataset, or of `dataset@fingerprint`, built where it was not.

    Args:
        embeddings: a layer of them that proposes near-duplicates too (`splits.embeddings`); empty for none.

    Raises:
        UserError: a source is not ingested, or there is only one subset.
    """
    name, _, version = spec.partition("@")
    definition = get(name)
    built = resolve(definition, home, manifest, version, partial=partial)
    members = {subset: list(built.members(subset)) for subset in _ordered(built.counts)}
    if len(members) < 2:
        raise UserError(
            f"{built.name} has no subset but {next(iter(members))}, so nothing can leak",
            "compare it with another list: --train LIST --test LIST",
        )
    facts = {"Dataset": definition.title, "Build": built.fingerprint[:12]}
    if built.partial:
        facts["Partial"] = "images were missing when it was built"
    return _of_members(built.name, members, home, manifest, frames, facts, embeddings)


def of_lists(train: str, test: str, home: Home, manifest: Manifest, *, frames: int, embeddings: str = "") -> Audit:
    """The leaks between two lists (`splits.listing.listing`) of ingested images.

    Raises:
        UserError: an image is not ingested, or stands on both lists.
    """
    every = {row["key"] for row in manifest.stream("select key from samples where status = 'ok'")}
    find = finder(every)
    members: dict[str, list[str]] = {}
    for subset, spec in (("train", train), ("test", test)):
        named = listing(spec, home, subset=subset, among=every)
        found = {key: find(key) for key in named.keys}
        members[subset] = [key for key in found.values() if key is not None]
        absent = [key for key, meant in found.items() if meant is None]
        if not found:
            raise UserError(f"{named.name}: none of its images is ingested", "ingest its sources")
        if absent:
            raise UserError(
                f"{named.name}: {len(absent):,} of {len(named.keys):,} images are not ingested ({absent[0]}, ...)",
                "ingest their sources, or compare names alone: --ids-only",
            )
    both = sorted(set(members["train"]) & set(members["test"]))
    if both:
        raise UserError(
            f"{len(both):,} images stand on both lists ({both[0]}, ...)", "--ids-only counts them; remove them from one"
        )
    return _of_members(f"{train} and {test}", members, home, manifest, frames, {}, embeddings)


def of_folders(train: Path, test: Path) -> Audit:
    """The leaks between two folders of plain images, which need not be ingested.

    Raises:
        UserError: a folder does not exist or holds no readable image.
    """
    found = folders.read({"train": train, "test": test})
    facts = {"Folders": f"{train} and {test}"}
    if found.unreadable:
        path, problem = found.unreadable[0]
        facts["Unreadable"] = f"{len(found.unreadable):,} files, such as {path} ({problem})"
    leaks = find_leaks(found.samples, found.subsets, found, frames=0)
    return Audit(f"{train} and {test}", leaks, found, facts)


def by_names(
    subsets: Mapping[str, Sequence[str]], *, frames: int, sequences: int | None = None
) -> list[dict[str, Any]]:
    """What names alone tell of each subset against those before it, for machines.

    Args:
        subsets: keys by subset.
        frames: neighbours in time are at most so far apart.
        sequences: where what is tested is published as sequences, how many it has (0: unknown). Its images are then
            not listed, `total` is None, and `rate` is of sequences.
    """
    names = _ordered(subsets)
    found = []
    for number in range(1, len(names)):
        tested = subsets[names[number]]
        seen = [key for name in names[:number] for key in subsets[name]]
        compared = contamination(seen, tested)
        near = {key for key, distance in compared.distances.items() if 0 < distance <= frames}
        exact = {key for key, distance in compared.distances.items() if distance == 0}
        same = exact & set(seen)
        kinds = {"file": len(same), "kin": len(exact - same), "time": len(near), "scene": len(compared.scenes)}
        leaking = len(exact | near | set(compared.scenes))
        total = len(tested)
        one: dict[str, Any] = {
            "seen": " and ".join(names[:number]),
            "tested": names[number],
            "total": total,
            "leaking": leaking,
            "rate": leaking / total if total else 0.0,
            "kinds": {kind: {"images": n, "rate": n / total if total else 0.0} for kind, n in kinds.items()},
            "neighbours": {str(within): compared.within(within) for within in WITHIN},
        }
        if sequences is not None:
            hit = len({where.sequence for key in tested if (where := place(key)) is not None})
            one |= {"total": None, "sequences": hit, "sequences_total": sequences or None}
            one |= {"rate": hit / sequences if sequences else float(hit > 0)}
            one |= {"kinds": {kind: {"images": n, "rate": None} for kind, n in kinds.items()}}
        found.append(one)
    return found


def _ordered(subsets: Mapping[str, Any]) -> list[str]:
    return sorted(subsets, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def _of_members(
    name: str,
    members: Mapping[str, Sequence[str]],
    home: Home,
    manifest: Manifest,
    frames: int,
    facts: Mapping[str, str],
    embeddings: str,
) -> Audit:
    samples = of_keys(manifest, [key for keys in members.values() for key in keys])
    if embeddings:
        samples = replace(samples, vectors=read(home, embeddings, samples.keys))
        facts = dict(facts) | {"Embeddings": embeddings}
    number = {key: row for row, key in enumerate(samples.keys)}
    lost = next((key for keys in members.values() for key in keys if key not in number), None)
    if lost is not None:
        raise UserError(f"{name}: {lost} is no longer ingested", f"`python -m splits build {name}` pins it anew")
    subsets = {subset: np.array([number[key] for key in members[subset]], np.int64) for subset in _ordered(members)}
    pictures = InShards(home, manifest)
    return Audit(name, find_leaks(samples, subsets, pictures, frames=frames), pictures, facts)

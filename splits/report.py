"""What `splits audit` says, for people and for machines."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shards import console
from shards.console import Outcome
from shards.errors import UserError
from shards.home import Home
from splits import audit as audits
from splits.definition import get
from splits.edges import KINDS
from splits.listing import both, listing

_FRAMES = 5
"""Neighbours in time are at most so far apart, where nothing else is asked for."""

_WORST = 10  # pairs shown; JSON has twenty, the parquet file all


def by_pictures(args: argparse.Namespace, home: Home) -> Outcome:
    """Audits what is ingested, or two folders."""
    from shards.manifest import Manifest
    from splits.edges import Edges
    from splits.pinned import pinned

    edges = Path(args.edges) if args.edges else None
    if args.folder:
        found = audits.of_folders(Path(args.folder[0]), Path(args.folder[1]))
    else:
        with Manifest.open(home) as manifest:
            if args.dataset is None:
                found = audits.of_lists(
                    args.train, args.test, home, manifest, frames=args.frames or _FRAMES, embeddings=args.embeddings
                )
            else:
                found = audits.of_dataset(
                    args.dataset,
                    home,
                    manifest,
                    frames=args.frames or _FRAMES,
                    partial=args.partial,
                    embeddings=args.embeddings,
                )
    if args.dataset is not None and edges is None:
        name, _, version = args.dataset.partition("@")
        built = pinned(get(name), home, version)
        edges = None if built is None else built.path.parent / "audit" / built.path.name
    if edges is not None:
        Edges.concatenate([one.edges for one in found.leaks]).write(edges, found.leaks[0].keys)
    data = [one.as_data() for one in found.leaks]
    lines = [f"{name}: {value}" for name, value in found.facts.items()]
    for one in data:
        if not one["complete"]:
            lines.append(
                f"{one['tested']}: too many pairs to compare hashes that are merely alike; copies were looked for"
            )
    return _outcome(found.title, data, args.max_leak, lines, {"edges": None if edges is None else str(edges)})


def by_names(args: argparse.Namespace, home: Home) -> Outcome:
    """Audits published names."""
    lines = ["By names alone: numbers tell neighbours, and published lists tell scenes."]
    sequences = None
    if args.dataset is None:
        title = f"{args.train} and {args.test}"
        seen, tested = both(args.train, args.test, home, subset="train")
        subsets = {"train": seen.keys, "test": tested.keys}
        sequences = tested.sequences
        lines += [remark for remark in (seen.remark, tested.remark) if remark]
    else:
        definition = get(args.dataset)
        title = definition.name
        if definition.by == "sequence" or len(definition.listed) < 2:
            raise UserError(
                f"the images of {title}'s subsets are not published as lists",
                f"`python -m splits audit {title}` without --ids-only, once its sources are ingested",
            )
        subsets = {subset: listing(f"{args.dataset}:{subset}", home).keys for subset in definition.listed}
    found = audits.by_names(subsets, frames=args.frames or _FRAMES, sequences=sequences)
    return _outcome(title, found, args.max_leak, lines, {})


def _outcome(
    title: str, data: Sequence[Mapping[str, Any]], max_leak: float, lines: Sequence[str], more: Mapping[str, Any]
) -> Outcome:
    rate = max((one["rate"] for one in data), default=0.0)
    text = [title, *lines]
    for one in data:
        text += ["", f"{one['tested']} against {one['seen']}: {_leaking(one)}"]
        rows = [[KINDS[kind], known["images"], _share(known["images"], one)] for kind, known in one["kinds"].items()]
        text.append(console.table(["kind of leak", "images", "share"], rows))
        if "neighbours" in one:
            rows = [[within, count, _share(count, one)] for within, count in one["neighbours"].items()]
            text += ["", console.table(["frames to the nearest", "images", "share"], rows)]
        if one.get("worst"):
            rows = [[p["tested"], p["seen"], p["kind"], p["side"], p["distance"]] for p in one["worst"][:_WORST]]
            text += ["", console.table(["worst: tested", "seen", "kind", "side", "distance"], rows)]
    ok = rate <= max_leak
    if not ok:
        text += ["", f"{rate:.1%} is more than --max-leak {max_leak:.1%}"]
    return Outcome("\n".join(text), {"title": title, "rate": rate, "comparisons": list(data), **more}, ok=ok)


def _leaking(one: Mapping[str, Any]) -> str:
    if one["total"] is not None:
        return f"{one['leaking']:,} of {one['total']:,} images leak ({one['rate']:.1%})"
    # Published as sequences: which of its images there are is not listed.
    of = f" of its {one['sequences_total']:,}" if one["sequences_total"] else ""
    return f"{one['leaking']:,} images leak, from {one['sequences']:,}{of} sequences; its images are not listed"


def _share(count: int, one: Mapping[str, Any]) -> str:
    return f"{count / one['total']:.1%}" if one["total"] else "--"

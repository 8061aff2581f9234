"""`python -m splits`: the datasets, their builds, and their lists."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shards import console
from shards.console import Commands, Outcome
from shards.errors import UserError
from shards.home import Home

if TYPE_CHECKING:
    from shards.manifest import Manifest
    from splits.build import Pinned
    from splits.definition import Definition


def commands() -> Commands:
    """The command line of this package."""
    c = Commands("splits", "Named datasets over ingested sources.")
    c.add("list", "splits.__main__:list_datasets", "the datasets there are")
    for name, about in (("build", "pin a dataset from what is ingested"), ("show", "what a dataset holds")):
        parser = c.add(name, f"splits.__main__:{name}", about)
        parser.add_argument("dataset", help="a name, name@fingerprint, or a TOML file")
        parser.add_argument("--partial", action="store_true", help="take it although images are missing; marks results")
    export = c.add("export", "splits.__main__:export", "lists for others, or complete tars")
    export.add_argument("dataset")
    export.add_argument("--to", choices=["txt", "json", "csv", "webdataset"], default="txt")
    export.add_argument("--layers", default="", help="webdataset: layers to put in, with commas between")
    export.add_argument("--out", metavar="DIR", help="default HOME/export/DATASET")
    export.add_argument("--partial", action="store_true")
    return c


def list_datasets(args: argparse.Namespace) -> Outcome:
    """Every dataset; counts where it is built."""
    from splits.build import pinned
    from splits.definition import get, names

    home = Home.find(args.home)
    rows = []
    for name in names():
        definition = get(name)
        built = pinned(definition, home)
        counts = ", ".join(f"{s} {n:,}" for s, n in built.counts.items()) if built else "not built"
        rows.append([name, ", ".join(definition.sources), definition.by, counts, definition.title])
    headers = ["dataset", "sources", "by", "samples", "title"]
    return Outcome(console.table(headers, rows), {"datasets": [dict(zip(headers, r, strict=True)) for r in rows]})


def build(args: argparse.Namespace) -> Outcome:
    """Builds and pins."""
    from shards.manifest import Manifest
    from splits.build import build as pin
    from splits.definition import get

    home = Home.find(args.home)
    with Manifest.open(home) as manifest:
        built = pin(get(args.dataset), home, manifest, partial=args.partial)
    return Outcome(_summary(built), _data(built))


def show(args: argparse.Namespace) -> Outcome:
    """Counts, groups and fingerprints."""
    with _resolved(args) as (definition, built, _):
        sides = {subset: set(built.members(subset).values()) for subset in built.counts}
    groups = {subset: len(found) for subset, found in sides.items()}
    straddling = sum(1 for n in Counter(g for found in sides.values() for g in found).values() if n > 1)
    lines = [definition.title, definition.note, "", _summary(built)]
    lines += [f"groups: {', '.join(f'{s} {n}' for s, n in groups.items())}; on more than one side: {straddling}"]
    return Outcome("\n".join(lines), _data(built) | {"groups": groups, "straddling_groups": straddling})


def export(args: argparse.Namespace) -> Outcome:
    """Writes lists or tars."""
    from splits.export import lists, tars

    home = Home.find(args.home)
    layers = [name for name in args.layers.split(",") if name]
    with _resolved(args) as (definition, built, manifest):
        folder = Path(args.out) if args.out else home.root / "export" / built.name
        if args.to == "webdataset":
            written = tars(built, definition.sources, home, manifest, layers, folder)
        else:
            written = lists(built, manifest, args.to, folder)
    if not written:
        raise UserError(f"{built.name} has no sample with every layer", "`python -m shards stats` lists the layers")
    return Outcome("\n".join(map(str, written)), {"files": [str(p) for p in written]})


@contextmanager
def _resolved(args: argparse.Namespace) -> Iterator[tuple["Definition", "Pinned", "Manifest"]]:
    """The dataset that was asked for, built where it was not."""
    from shards.manifest import Manifest
    from splits.definition import get
    from splits.load import resolve

    home = Home.find(args.home)
    name, _, version = args.dataset.partition("@")
    definition = get(name)
    with Manifest.open(home) as manifest:
        yield definition, resolve(definition, home, manifest, version, partial=args.partial), manifest


def _summary(built: "Pinned") -> str:
    counts = ", ".join(f"{subset} {n:,} ({built.subsets[subset][:8]})" for subset, n in built.counts.items())
    return f"{built.name}@{built.fingerprint[:8]}: {counts}{'; PARTIAL' if built.partial else ''}"


def _data(built: "Pinned") -> dict[str, Any]:
    return {
        "dataset": built.name,
        "fingerprint": built.fingerprint,
        "subsets": dict(built.subsets),
        "counts": dict(built.counts),
        "partial": built.partial,
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    return console.run(commands, argv)


if __name__ == "__main__":
    sys.exit(main())

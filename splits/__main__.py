"""`python -m splits`: the datasets, their builds, and their lists."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shards import console
from shards.console import Commands, Outcome
from shards.home import Home


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
    from splits.definition import get

    definition = get(args.dataset.partition("@")[0])
    built = _resolve(args)
    groups = {subset: len(set(built.members(subset).values())) for subset in built.counts}
    shared = len({g for s in groups for g in set(built.members(s).values())})
    straddling = sum(groups.values()) - shared
    lines = [definition.title, definition.note, "", _summary(built)]
    lines += [f"groups: {', '.join(f'{s} {n}' for s, n in groups.items())}; on more than one side: {straddling}"]
    return Outcome("\n".join(lines), _data(built) | {"groups": groups, "straddling_groups": straddling})


def export(args: argparse.Namespace) -> Outcome:
    """Writes lists or tars."""
    from shards.manifest import Manifest
    from splits.export import lists, tars

    home = Home.find(args.home)
    built = _resolve(args)
    rows: dict[str, list[Mapping[str, Any]]] = {}
    with Manifest.open(home) as manifest:
        for subset in built.counts:
            members = built.members(subset)
            found = manifest.rows(
                "select * exclude (part) from samples where key in (select unnest($1)) order by key", [[*members]]
            )
            rows[subset] = [row | {"group": members[row["key"]]} for row in found]
    folder = Path(args.out) if args.out else home.root / "export" / built.name
    if args.to == "webdataset":
        written = tars(home, rows, [n for n in args.layers.split(",") if n], folder)
    else:
        written = lists(rows, built, args.to, folder)
    return Outcome("\n".join(map(str, written)), {"files": [str(p) for p in written]})


def _resolve(args: argparse.Namespace) -> Any:
    from shards.manifest import Manifest
    from splits.definition import get
    from splits.load import resolve

    home = Home.find(args.home)
    name, _, version = args.dataset.partition("@")
    with Manifest.open(home) as manifest:
        return resolve(get(name), home, manifest, version, partial=args.partial)


def _summary(built: Any) -> str:
    counts = ", ".join(f"{subset} {n:,} ({built.subsets[subset][:8]})" for subset, n in built.counts.items())
    return f"{built.name}@{built.fingerprint[:8]}: {counts}{'; PARTIAL' if built.partial else ''}"


def _data(built: Any) -> dict[str, Any]:
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

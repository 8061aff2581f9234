"""`python -m shards`: look at, check and export what was ingested."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shards import console
from shards.console import Commands, Outcome
from shards.errors import UserError, unknown
from shards.home import Home


def commands() -> Commands:
    """The command line of this package."""
    c = Commands("shards", "Look at, check and export what was ingested.")
    c.add("index", "shards.__main__:index", "build the manifest anew from all parts and layers")
    verify = c.add("verify", "shards.__main__:verify", "re-hash every shard and hold it against its part")
    verify.add_argument("source", nargs="?", help="one source; default all")
    c.add("stats", "shards.__main__:stats", "count samples, failures, scenes and bytes")
    show = c.add("show", "shards.__main__:show", "the facts of a sample, or a contact sheet")
    show.add_argument("name", help="a sample's key, or a source")
    show.add_argument("--sheet", metavar="FILE.png", help="draw a contact sheet")
    show.add_argument("--count", type=int, default=12, help="samples on the sheet, spread evenly (default 12)")
    export = c.add("export", "shards.__main__:export", "write complete tars with annotations beside the pixels")
    export.add_argument("name", help="a source")
    export.add_argument("--layers", default="", help="layers to put in, with commas between")
    export.add_argument("--out", metavar="DIR", help="default HOME/export/NAME")
    return c


def index(args: argparse.Namespace) -> Outcome:
    """Builds the manifest."""
    from shards.manifest import Manifest, build

    home = Home.find(args.home)
    build(home)
    with Manifest.open(home) as manifest:
        count = manifest.rows("select count(*) as n from samples")[0]["n"]
    return Outcome(f"{home.manifest}: {count:,} rows", {"manifest": str(home.manifest), "rows": count})


def verify(args: argparse.Namespace) -> Outcome:
    """Exit code 1 where anything is not as its part says."""
    from shards import part
    from shards.verify import verify as check

    home = Home.find(args.home)
    if args.source and not (home.shards / args.source).is_dir():
        raise unknown("ingested source", args.source, [p.name for p in home.shards.glob("*")])
    total = len(list(part.parts(home, args.source)))
    findings = []
    count = 0
    with console.progress(total, "shards", quiet=args.quiet) as shown:
        for _, found in check(home, args.source):
            findings += found
            count += 1
            shown.advance()
    lines = [f"{f.place}: {f.code}: {f.message}" for f in findings]
    lines.append(f"{count} files checked, {len(findings)} findings")
    data = {"files": count, "findings": [vars(f) for f in findings]}
    return Outcome("\n".join(lines), data, ok=all(f.code == "leftover" for f in findings))


def stats(args: argparse.Namespace) -> Outcome:
    """Counts by source and subset."""
    from shards.manifest import Manifest
    from shards.stats import stats as count

    with Manifest.open(Home.find(args.home)) as manifest:
        return count(manifest)


def show(args: argparse.Namespace) -> Outcome:
    """Facts of a sample; with --sheet, pictures."""
    from shards.manifest import Manifest

    home = Home.find(args.home)
    with Manifest.open(home) as manifest:
        rows = manifest.rows("select * from samples where key = $1 or source = $1 order by key", [args.name])
        if not rows:
            keys = manifest.rows("select key from samples using sample 500")
            raise unknown("source or sample", args.name, [*manifest.sources(), *(r["key"] for r in keys)])
    usable = [row for row in rows if row["status"] == "ok"]
    if args.sheet:
        step = max(1, len(usable) // max(1, args.count))
        count = _draw_sheet(home, usable[::step][: args.count], Path(args.sheet))
        return Outcome(f"{args.sheet}: {count} of {len(usable)} samples", {"sheet": args.sheet, "samples": count})
    if len(rows) > 1:
        raise UserError(
            f"{args.name} has {len(rows):,} samples", "name one, or draw them with --sheet FILE.png", code=2
        )
    facts = {k: v.hex() if isinstance(v, bytes) else v for k, v in rows[0].items()}
    width = max(map(len, facts))
    return Outcome("\n".join(f"{k.ljust(width)}  {v}" for k, v in facts.items()), facts)


def export(args: argparse.Namespace) -> Outcome:
    """Writes the tars that people share and stream."""
    from shards.export import export as write
    from shards.manifest import Manifest

    home = Home.find(args.home)
    with Manifest.open(home) as manifest:
        rows = manifest.rows("select * exclude (part) from samples where source = $1 order by key", [args.name])
        if not rows:
            raise unknown("ingested source", args.name, manifest.sources())
    layers = [name for name in args.layers.split(",") if name]
    folder = Path(args.out) if args.out else home.root / "export" / args.name
    subsets = sorted({row["subset"] for row in rows})
    written: list[Path] = []
    for subset in subsets:
        written += write(home, [r for r in rows if r["subset"] == subset], layers, folder, stem=subset)
    data: dict[str, Any] = {"files": [str(p) for p in written], "layers": layers}
    return Outcome(f"{len(written)} tars in {folder}", data)


def _draw_sheet(home: Home, rows: Sequence[dict[str, Any]], path: Path) -> int:
    from shards.layer import LayerReader, layers
    from shards.reader import Reader
    from shards.sheet import contact_sheet

    names = [layer.name for layer in layers(home) if layer.kind == "maps"]
    maps = LayerReader(home, names[0], {r["source"] for r in rows}) if names else None
    reader = Reader(home, maps=maps)
    return contact_sheet((reader.read(row) for row in rows), path)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    return console.run(commands, argv)


if __name__ == "__main__":
    sys.exit(main())

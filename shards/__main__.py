"""`python -m shards`: look at, check and export what was ingested."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shards import console
from shards.console import Commands, Outcome
from shards.errors import UserError, unknown
from shards.home import Home

if TYPE_CHECKING:
    from shards.manifest import Manifest

_SHOWN = 20


def commands() -> Commands:
    """The command line of this package."""
    c = Commands("shards", "Look at, check and export what was ingested.")
    c.add("index", "shards.__main__:index", "build the manifest anew from all parts and layers")
    verify = c.add("verify", "shards.__main__:verify", "re-hash every shard and hold it against its part")
    verify.add_argument("source", nargs="?", help="one source; default all")
    c.add("stats", "shards.__main__:stats", "count samples, failures, scenes and bytes")
    show = c.add("show", "shards.__main__:show", "the facts of a sample, the failures of a source, a contact sheet")
    show.add_argument("name", help="a sample's key, or a source")
    show.add_argument("--sheet", metavar="FILE.png", help="draw a contact sheet")
    show.add_argument(
        "--count", type=console.positive, default=12, help="samples on the sheet, spread evenly (default 12)"
    )
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
    from shards.verify import files
    from shards.verify import verify as check

    home = Home.find(args.home)
    if args.source and not (home.shards / args.source).is_dir():
        raise unknown("ingested source", args.source, [p.name for p in home.shards.glob("*")])
    total = len(files(home, args.source))
    findings = []
    with console.progress(total, "files", quiet=args.quiet) as shown:
        for _, found in check(home, args.source):
            findings += found
            shown.advance()
    lines = [f"{f.place}: {f.code}: {f.message}" for f in findings]
    lines.append(f"{total} files checked, {len(findings)} findings")
    data = {"files": total, "findings": [vars(f) for f in findings]}
    return Outcome("\n".join(lines), data, ok=all(f.code == "leftover" for f in findings))


def stats(args: argparse.Namespace) -> Outcome:
    """Counts by source and subset."""
    from shards.manifest import Manifest
    from shards.stats import stats as count

    with Manifest.open(Home.find(args.home)) as manifest:
        return count(manifest)


def show(args: argparse.Namespace) -> Outcome:
    """Facts of a sample; counts and failures of a source; with --sheet, pictures."""
    from shards.manifest import Manifest

    home = Home.find(args.home)
    with Manifest.open(home) as manifest:
        if args.name in manifest.sources():
            return _sheet(home, manifest, args) if args.sheet else _failures(manifest, args.name)
        rows = manifest.rows("select * from samples where key = $1", [args.name])
        if not rows:
            keys = manifest.rows("select key from samples using sample 500")
            raise unknown("source or sample", args.name, [*manifest.sources(), *(r["key"] for r in keys)])
        if args.sheet:
            return _sheet(home, manifest, args)
    facts = {k: v.hex() if isinstance(v, bytes) else v for k, v in rows[0].items()}
    width = max(map(len, facts))
    return Outcome("\n".join(f"{k.ljust(width)}  {v}" for k, v in facts.items()), facts)


def export(args: argparse.Namespace) -> Outcome:
    """Writes the tars that people share and stream."""
    from shards.export import ORDER
    from shards.export import export as write
    from shards.manifest import Manifest

    home = Home.find(args.home)
    layers = [name for name in args.layers.split(",") if name]
    folder = Path(args.out) if args.out else home.root / "export" / args.name
    written: list[Path] = []
    with Manifest.open(home) as manifest:
        if args.name not in manifest.sources():
            raise unknown("ingested source", args.name, manifest.sources())
        subsets = manifest.rows("select distinct subset from samples where source = $1 order by subset", [args.name])
        for subset in (row["subset"] for row in subsets):
            query = f"select * exclude (part) from samples where source = $1 and subset = $2 order by {ORDER}"
            rows = manifest.stream(query, [args.name, subset])
            written += write(home, rows, [args.name], layers, folder, stem=subset)
    if not written:
        raise UserError(f"{args.name} has no sample to export", "none is ok and has every layer: see `shards stats`")
    data: dict[str, Any] = {"files": [str(p) for p in written], "layers": layers}
    return Outcome(f"{len(written)} tars in {folder}", data)


_SPREAD = """
select * exclude (place, total) from
    (select *, row_number() over (order by key) - 1 as place, count(*) over () as total
     from samples where (source = $1 or key = $1) and status = 'ok')
where place % greatest(1, total // $2) = 0 order by key limit $2
"""


def _sheet(home: Home, manifest: "Manifest", args: argparse.Namespace) -> Outcome:
    from shards.layer import LayerReader, layers
    from shards.reader import Reader
    from shards.sheet import contact_sheet

    rows = manifest.rows(_SPREAD, [args.name, args.count])
    if not rows:
        raise UserError(f"{args.name} has no sample that is ok", f"`python -m shards show {args.name}` tells why")
    drawn = {row["source"] for row in rows}
    names = [layer.name for layer in layers(home) if layer.kind == "maps" and drawn & {*layer.sources}]
    reader = Reader(home, maps=LayerReader(home, names[0], drawn) if names else None)
    count = contact_sheet((reader.read(row) for row in rows), Path(args.sheet))
    return Outcome(f"{args.sheet}: {count} samples", {"sheet": args.sheet, "samples": count})


def _failures(manifest: "Manifest", source: str) -> Outcome:
    counts = manifest.rows(
        "select status, count(*) as n from samples where source = $1 group by status order by n desc, status", [source]
    )
    failed = manifest.rows(
        "select key, status, reason from samples where source = $1 and status <> 'ok' order by key limit $2",
        [source, _SHOWN],
    )
    lines = [f"{source}: " + ", ".join(f"{row['n']:,} {row['status']}" for row in counts)]
    lines += [f"{row['key']}: {row['status']}: {row['reason']}" for row in failed]
    if len(failed) == _SHOWN:
        lines.append(f"(the first {_SHOWN}; the parts hold all)")
    return Outcome(
        "\n".join(lines), {"source": source, "counts": {r["status"]: r["n"] for r in counts}, "failed": failed}
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    return console.run(commands, argv)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m reports`: tables and pages of measured and published results."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shards import console
from shards.console import Commands, Outcome
from shards.errors import UserError
from shards.home import Home

if TYPE_CHECKING:
    from reports.table import Table

_PROTOCOL = "v2ir-256@1"


def commands() -> Commands:
    """The command line of this package."""
    c = Commands("reports", "Tables and pages of measured and published results.")
    table2 = c.add("table2", "reports.__main__:table2", "the results of a dataset, in the form of the paper's Table 2")
    table2.add_argument("--dataset", help="measured rows of this dataset")
    table2.add_argument("--published", action="store_true", help="the paper's own table")
    table1 = c.add("table1", "reports.__main__:table1", "what a leaking split is worth: leak studies beside Table 1")
    protocols = c.add(
        "protocols", "reports.__main__:protocols", "the same predictions by every protocol they were scored by"
    )
    protocols.add_argument("--dataset", required=True)
    audit = c.add("audit", "reports.__main__:audit", "one self-contained HTML page of what leaks in a dataset")
    audit.add_argument("dataset", help="a name, name@fingerprint, or a TOML file")
    audit.add_argument("--frames", type=console.positive, default=5, help="how near neighbours in time are (default 5)")
    audit.add_argument("--partial", action="store_true", help="take the dataset although images are missing")
    audit.add_argument("--out", metavar="FILE", help="default HOME/reports/audit-DATASET.html")
    build = c.add("build", "reports.__main__:build", "one self-contained HTML page of a home's results")
    build.add_argument(
        "--dataset", action="append", metavar="NAME", help="may be given again; default: all with results"
    )
    build.add_argument("--out", metavar="FILE", help="default HOME/reports/index.html")
    for parser in (table1, table2, protocols):
        parser.add_argument("--format", choices=["md", "latex", "csv", "json", "html"], default="md")
    for parser in (table2, protocols, build):
        parser.add_argument("--subset", default="test")
    for parser in (table1, table2, build):
        parser.add_argument("--protocol", default=_PROTOCOL)
    for parser in (table2, build):
        parser.add_argument("--force", action="store_true", help="show partial rows and rows of other test images too")
    return c


def table1(args: argparse.Namespace) -> Outcome:
    """The published rows, with every leak study of the home."""
    import json

    from bench.leak_study import studies
    from reports import leaks, render

    every = studies(Home.find(args.home))
    found = [study for study in every if study["protocol"] == args.protocol]
    if not found:
        others = sorted({study["protocol"] for study in every})
        told = f"no study of our own under {args.protocol}" if others else "no study of our own yet"
        hint = (
            f"there are some under {', '.join(others)}"
            if others
            else "`python -m bench leak-study METHOD --source m3svd`"
        )
        console.say(f"{told}: {hint}")
    table = leaks.table1(found)
    return Outcome(render.FORMATS[args.format](table).rstrip("\n"), json.loads(json.dumps(render.to_json(table))))


def table2(args: argparse.Namespace) -> Outcome:
    """Measured rows, published ones apart; or the published table alone."""
    import json

    from reports import paper, render
    from reports.measured import measured_table
    from reports.table import table2 as published_table
    from splits.definition import get

    if bool(args.dataset) == args.published:
        raise UserError("table2 needs one of --dataset NAME and --published", "give one of them", code=2)
    if args.published:
        table = published_table(paper.load())
    else:
        definition = get(args.dataset.partition("@")[0])
        found = _results(Home.find(args.home), args.dataset, args)
        table = measured_table(found, definition.published or None, force=args.force)
    data: Mapping[str, Any] = json.loads(json.dumps(render.to_json(table)))
    return Outcome(render.FORMATS[args.format](table).rstrip("\n"), data)


def protocols(args: argparse.Namespace) -> Outcome:
    """How far the numbers move with the protocol alone."""
    import json

    from reports import render

    table = _sensitivity(Home.find(args.home), args.dataset, args.subset)
    if table is None:
        raise UserError(
            f"no predictions of {args.dataset} {args.subset} were scored by two protocols",
            "`python -m bench rescore RUN` adds the others",
        )
    return Outcome(render.FORMATS[args.format](table).rstrip("\n"), json.loads(json.dumps(render.to_json(table))))


def build(args: argparse.Namespace) -> Outcome:
    """The page."""
    import splits
    from reports import page
    from reports.gallery import gallery
    from reports.measured import measured_table
    from splits.definition import get

    home = Home.find(args.home)
    names = args.dataset or _datasets(home, args)
    tables, grids, curves = [], [], []
    for name in names:
        definition = get(name.partition("@")[0])
        found = _results(home, name, args)
        tables.append(measured_table(found, definition.published or None, force=args.force))
        by_protocol = _sensitivity(home, name, args.subset)
        tables += [by_protocol] if by_protocol else []
        samples = splits.load(name, args.subset, home=home, captions="none", maps="none", partial=True)
        grids.append(gallery(found, samples))
        for result in found:
            curve = Path(result["folder"]).parent.parent / "curves.png"
            if curve.is_file():
                curves.append(page.Curve(f"{result['label']} on {definition.name}", curve))
    path = Path(args.out) if args.out else home.reports / "index.html"
    title = f"ir500k: {', '.join(t.dataset for t in tables)}"
    page.build(path, title=title, tables=tables, grids=grids, curves=curves)
    return Outcome(str(path), {"page": str(path), "datasets": names})


def audit(args: argparse.Namespace) -> Outcome:
    """The page of an audit."""
    from reports.audit import build as draw
    from shards.manifest import Manifest
    from splits.audit import of_dataset

    home = Home.find(args.home)
    with Manifest.open(home) as manifest:
        found = of_dataset(args.dataset, home, manifest, frames=args.frames, partial=args.partial)
        path = Path(args.out) if args.out else home.reports / f"audit-{found.title}.html"
        draw(path, found)
    return Outcome(str(path), {"page": str(path), "comparisons": [leaks.as_data() for leaks in found.leaks]})


def _results(home: Home, dataset: str, args: argparse.Namespace) -> list[dict[str, Any]]:
    """Results that may stand in one table; says which do not."""
    everything = _of_dataset(home, dataset, args.subset, args.protocol)
    if not everything:
        raise UserError(
            f"no results of {dataset} {args.subset} under {args.protocol} in {home.runs}",
            f"`python -m bench run METHOD --dataset {dataset}`",
        )
    current = _fingerprint(home, dataset, args.subset) or everything[0]["fingerprint"]
    found = [r for r in everything if args.force or (r["fingerprint"] == current and not r["partial"])]
    for record in everything:
        if record not in found:
            why = "partial" if record["partial"] else f"of another build of {dataset}"
            console.say(f"left out: {record['label']}, {why}; --force shows it")
    if not found:
        raise UserError(f"all results of {dataset} are partial or of another build", "--force shows them")
    return found


def _sensitivity(home: Home, dataset: str, subset: str) -> "Table | None":
    from bench.protocol import choose
    from reports.sensitivity import sensitivity_table

    current = _fingerprint(home, dataset, subset)
    by = {p.id: _of_dataset(home, dataset, subset, p.id) for p in choose("all")}
    return sensitivity_table(
        {
            p: [r for r in found if r["fingerprint"] == (current or r["fingerprint"]) and not r["partial"]]
            for p, found in by.items()
        }
    )


def _of_dataset(home: Home, dataset: str, subset: str, protocol: str) -> list[dict[str, Any]]:
    from bench.run import results
    from splits.definition import get

    return results(home, get(dataset.partition("@")[0]).name, subset=subset, protocol=protocol)


def _fingerprint(home: Home, dataset: str, subset: str) -> str:
    """Of the dataset's newest build, or of the one that is asked for; empty where there is none."""
    from splits.definition import get
    from splits.pinned import pinned

    name, _, version = dataset.partition("@")
    built = pinned(get(name), home, version)
    return built.subsets.get(subset, "") if built else ""


def _datasets(home: Home, args: argparse.Namespace) -> list[str]:
    import json

    paths = home.runs.glob(f"*/predictions/*/scores/{args.protocol}/result.json")
    names = sorted({json.loads(path.read_text())["dataset"] for path in paths})
    if not names:
        raise UserError(f"no results in {home.runs}", "`python -m bench run METHOD --dataset NAME`")
    return names


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    return console.run(commands, argv)


if __name__ == "__main__":
    sys.exit(main())

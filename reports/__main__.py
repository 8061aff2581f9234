"""`python -m reports`: tables and pages of measured and published results."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shards import console
from shards.console import Commands, Outcome
from shards.errors import UserError
from shards.home import Home

_PROTOCOL = "v2ir-256@1"


def commands() -> Commands:
    """The command line of this package."""
    c = Commands("reports", "Tables and pages of measured and published results.")
    table2 = c.add("table2", "reports.__main__:table2", "the results of a dataset, in the form of the paper's Table 2")
    table2.add_argument("--dataset", help="measured rows of this dataset")
    table2.add_argument("--published", action="store_true", help="the paper's own table")
    table2.add_argument("--format", choices=["md", "latex", "csv", "json", "html"], default="md")
    build = c.add("build", "reports.__main__:build", "one self-contained HTML page of a home's results")
    build.add_argument(
        "--dataset", action="append", metavar="NAME", help="may be given again; default: all with results"
    )
    build.add_argument("--out", metavar="FILE", help="default HOME/reports/index.html")
    for parser in (table2, build):
        parser.add_argument("--subset", default="test")
        parser.add_argument("--protocol", default=_PROTOCOL)
    return c


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
        definition = get(args.dataset)
        found = _results(Home.find(args.home), definition.name, args)
        table = measured_table(found, definition.published or None)
    data: Mapping[str, Any] = json.loads(json.dumps(render.to_json(table)))
    return Outcome(render.FORMATS[args.format](table).rstrip("\n"), data)


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
        definition = get(name)
        found = _results(home, definition.name, args)
        tables.append(measured_table(found, definition.published or None))
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


def _results(home: Home, dataset: str, args: argparse.Namespace) -> list[dict[str, Any]]:
    from bench.run import results

    found = results(home, dataset, subset=args.subset, protocol=args.protocol)
    if not found:
        raise UserError(
            f"no results of {dataset} {args.subset} under {args.protocol} in {home.runs}",
            f"`python -m bench run METHOD --dataset {dataset}`",
        )
    return found


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

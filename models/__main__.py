"""`python -m models`: the methods there are."""

import argparse
import sys
from collections.abc import Sequence

from shards import console
from shards.console import Commands, Outcome


def commands() -> Commands:
    """The command line of this package."""
    c = Commands("models", "The methods there are.")
    c.add("list", "models.__main__:list_methods", "every method with its presets")
    show = c.add("show", "models.__main__:show", "a method's card and the settings of its presets")
    show.add_argument("method")
    return c


def list_methods(args: argparse.Namespace) -> Outcome:
    """Name, title, venue, family, presets."""
    from models.registry import methods

    headers = ["method", "title", "venue", "family", "looks at", "presets"]
    rows = [
        [
            c.name,
            c.title,
            f"{c.venue} {c.year}" if c.year else "-",
            c.family,
            ",".join(sorted(c.conditions, key="vst".index)),
            ", ".join(m.presets),
        ]
        for m in methods().values()
        for c in [m.card]
    ]
    return Outcome(console.table(headers, rows), {"methods": [dict(zip(headers, r, strict=True)) for r in rows]})


def show(args: argparse.Namespace) -> Outcome:
    """Card and presets."""
    from models.registry import get

    method = get(args.method)
    lines = [f"{method.card.title}, {method.card.venue} {method.card.year}"]
    for name, preset in method.presets.items():
        lines += ["", f"{name}: {preset.about}", f"  train:  {preset.train}", f"  sample: {preset.sample}"]
        lines += [f"  after:  {parent.method} {parent.preset} as {parent.role}" for parent in preset.after]
    data = {"name": method.card.name, "presets": {n: str(p) for n, p in method.presets.items()}}
    return Outcome("\n".join(lines), data)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    return console.run(commands, argv)


if __name__ == "__main__":
    sys.exit(main())

"""Which source a raw folder is."""

import argparse
from pathlib import Path

from ingest.layout import guess
from ingest.source import sources
from ingest.tree import open_tree
from shards.console import Outcome, table


def command(args: argparse.Namespace) -> Outcome:
    """`ingest guess RAW`: sources whose layouts match, the likeliest first."""
    known = sources()
    rows = [(known[name], pairs) for name, pairs in guess(open_tree(Path(args.raw)))]
    if not rows:
        text = f"no source's layout is in {args.raw}; `ingest folder` and `ingest ir_folder` take any images"
        return Outcome(text, {"sources": []}, ok=False)
    headers = ["source", "pairs", "published", "title"]
    cells = [[s.name, f"{pairs:,}", f"{s.pairs:,}" if s.pairs else "-", s.title] for s, pairs in rows]
    data = [{"name": s.name, "pairs": pairs, "published_pairs": s.pairs, "title": s.title} for s, pairs in rows]
    return Outcome(
        f"{table(headers, cells)}\n\nnext: python -m ingest check {rows[0][0].name} {args.raw}", {"sources": data}
    )

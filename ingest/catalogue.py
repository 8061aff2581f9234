"""What sources there are, as the table on the terminal and as the page in the documentation."""

import argparse
import importlib
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingest.source import Source
from ingest.source import sources as all_sources
from shards.console import Outcome, table
from shards.home import Home

_INTRODUCTION = """\
# Sources

Every public dataset that `python -m ingest NAME RAW` takes as its publisher ships it, RAW being the download or a
folder up to three levels above it. This page is made from the declarations in `ingest/sources/`:

```
python -m ingest sources --markdown > docs/sources.md
```

*share*: whether the licence lets shards be given to others. *layout*: what is looked for below RAW, the best first;
`{id}` and its like are fields, and two files are a pair where the fields that they share agree.
"""


@dataclass(frozen=True)
class Listed:
    """A source and how much of it a home holds.

    Attributes:
        ingested: rows that are ok.
    """

    source: Source
    ingested: int


def command(args: argparse.Namespace) -> Outcome:
    """`ingest sources`."""
    known = all_sources().values()
    if args.markdown:
        return Outcome(as_markdown(known).rstrip("\n"), {"sources": [source.name for source in known]})
    rows = listed(known, Home.find(args.home))
    return Outcome(as_table(rows), {"sources": as_data(rows)})


def listed(sources: Iterable[Source], home: Home) -> list[Listed]:
    """Each source with the samples that a home holds of it."""
    return [Listed(source, _ingested(home, source.name)) for source in sources]


def as_table(rows: Iterable[Listed]) -> str:
    """The table for the terminal: name, pairs, band, view, licence, and what is here."""
    headers = ["source", "pairs", "ingested", "band", "view", "share", "licence"]
    cells = [
        [
            row.source.name,
            f"{row.source.pairs:,}" if row.source.pairs else "-",
            f"{row.ingested:,}" if row.ingested else "-",
            row.source.band,
            row.source.view,
            "yes" if row.source.redistribute else "no",
            row.source.licence,
        ]
        for row in rows
    ]
    return table(headers, cells)


def as_data(rows: Iterable[Listed]) -> list[Mapping[str, object]]:
    """The same for machines."""
    return [
        {
            "name": row.source.name,
            "title": row.source.title,
            "pairs": row.source.pairs,
            "ingested": row.ingested,
            "band": row.source.band,
            "view": row.source.view,
            "licence": row.source.licence,
            "redistribute": row.source.redistribute,
            "page": row.source.page,
            "citation": row.source.citation,
        }
        for row in rows
    ]


def as_markdown(sources: Iterable[Source]) -> str:
    """The page of all sources: one table to choose from, then each with what is known of it, its terms and layouts."""
    sources = list(sources)
    overview = [
        "| source | title | pairs | band | view | share |",
        "|---|---|---:|---|---|---|",
        *(
            f"| [{s.name}](#{s.name}) | {s.title} | {_pairs(s)} | {s.band} | {s.view} | "
            f"{'yes' if s.redistribute else 'no'} |"
            for s in sources
        ),
    ]
    return "\n".join([_INTRODUCTION, *overview, "", *map(_section, sources)])


def _section(source: Source) -> str:
    facts = [
        ("page", f"<{source.page}>" if source.page.startswith("http") else source.page),
        ("licence", source.licence),
        ("cite", source.citation),
        ("download", ", ".join(f"`{file}`" for file in source.files)),
        ("layout", "; or ".join(f"`{layout}`" for layout in source.layouts)),
        ("boxes", "yes" if any(layout.boxes for layout in source.layouts) else ""),
    ]
    lines = [f"* {name}: {text}" for name, text in facts if text]
    return "\n".join([f"## {source.name}", "", *_about(source), "", *lines, ""])


def _about(source: Source) -> list[str]:
    """Paragraphs of the docstring of the module that declares it."""
    text = inspect.getdoc(importlib.import_module(f"ingest.sources.{source.name}")) or source.title
    return text.replace("\n\n", "\0").replace("\n", " ").replace("\0", "\n\n").splitlines()


def _pairs(source: Source) -> str:
    return f"{source.pairs:,}" if source.pairs else "-"


def _ingested(home: Home, name: str) -> int:
    import pyarrow.parquet as pq

    from shards import part

    paths = [path for path in part.parts(home, name) if part.is_done(path)]
    return sum(pq.read_table(path, columns=["status"])["status"].to_pylist().count("ok") for path in paths)

"""Counts of what a home holds."""

from typing import Any

from shards import console
from shards.console import Outcome
from shards.manifest import Manifest

_BY_SUBSET = """
select source, subset, count(*) filter (status = 'ok') as samples, count(*) filter (status <> 'ok') as failed,
       count(distinct scene) filter (status = 'ok') as scenes,
       coalesce(sum(size) filter (status = 'ok'), 0)::bigint as bytes
from samples group by source, subset order by source, subset
"""
_BY_REASON = "select source, status, count(*) as rows from samples where status <> 'ok' group by all order by all"


def stats(manifest: Manifest) -> Outcome:
    """Samples, failures, scenes and bytes by source and subset, and the layers."""
    subsets = manifest.rows(_BY_SUBSET)
    failures = manifest.rows(_BY_REASON)
    layers = manifest.rows("select name, kind, source from layers order by all")
    data = {"subsets": subsets, "failures": failures, "layers": layers}
    if not subsets:
        return Outcome("nothing is ingested yet: `python -m ingest SOURCE RAW`", data)
    lines = [
        console.table(
            ["source", "subset", "samples", "failed", "scenes", "MB"],
            [[*(row[k] for k in ("source", "subset", "samples", "failed", "scenes")), _mb(row)] for row in subsets],
        )
    ]
    if failures:
        lines += ["", console.table(["source", "failure", "rows"], [list(row.values()) for row in failures])]
    if layers:
        lines += ["", console.table(["layer", "kind", "source"], [list(row.values()) for row in layers])]
    return Outcome("\n".join(lines), data)


def _mb(row: dict[str, Any]) -> float:
    return float(round(row["bytes"] / 1e6, 1))

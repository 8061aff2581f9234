"""Results as a terminal shows them: the headline metrics, how sure they are, and why some are missing.

`names` is what was asked for; None for the headline metrics.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.metrics import METRICS
from bench.protocol import Protocol
from shards import console

_HEADLINE = [name for name, metric in METRICS.items() if metric.headline]
Record = Mapping[str, Any]


def table(rows: Sequence[Record], protocol: Protocol, names: Sequence[str] | None = None) -> str:
    """Some results of one protocol."""
    wanted = [name for name in protocol.metrics if name in (names or _HEADLINE)]
    shown = [name for name in wanted if any(name in row["metrics"] for row in rows)]
    headers = ["", *(METRICS[name].title for name in shown)]
    lines = [[record["label"], *(_shown(record, name) for name in shown)] for record in rows]
    return f"{_head(rows[0])}, {protocol.id}\n" + console.table(headers, lines)


def protocol_table(results: Mapping[str, Record], names: Sequence[str] | None = None) -> str:
    """One set of predictions by several protocols: how little a number says without the name of its protocol."""
    shown = names or _HEADLINE
    lines = [[protocol, *(_shown(record, name) for name in shown)] for protocol, record in results.items()]
    first = next(iter(results.values()))
    told = console.table(["protocol", *(METRICS[name].title for name in shown)], lines)
    return f"{first['label']} on {_head(first)}\n{told}"


def intervals(rows: Sequence[Record], names: Sequence[str] | None = None) -> list[str]:
    """One line per result with the ends of its 95 % intervals, where there are scenes enough."""
    lines = []
    for row in rows:
        ends = {name: row["metrics"].get(name, {}).get("ci95") for name in names or _HEADLINE}
        texts = [
            f"{METRICS[n].title} {METRICS[n].display(e[0])} .. {METRICS[n].display(e[1])}" for n, e in ends.items() if e
        ]
        if texts:
            lines.append(f"95 % intervals of {row['label']} by {row['protocol']}: {', '.join(texts)}")
    return lines


def notes(rows: Sequence[Record], names: Sequence[str] | None = None) -> list[str]:
    """Why metrics are missing, and what the results say of themselves."""
    cells = [row["metrics"][name] for row in rows for name in names or _HEADLINE if name in row["metrics"]]
    reasons = dict.fromkeys(cell["reason"] for cell in cells if cell["reason"])
    return [f"--: {reason}" for reason in reasons] + [f"{r['label']}: {note}" for r in rows for note in r["notes"]]


def _head(record: Record) -> str:
    share = record.get("geometry", {}).get("share", 1.0)
    part = f", {100 * share:.3g} % of the frame" if share < 1 else ""
    partial = ", partial" if record["partial"] else ""
    return f"{record['dataset']} {record['subset']} ({record['fingerprint'][:8]}), {record['n']} images{part}{partial}"


def _shown(record: Record, name: str) -> str:
    value = record["metrics"].get(name, {}).get("value")
    return "--" if value is None else METRICS[name].display(value)

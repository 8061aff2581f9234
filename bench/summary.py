"""Results as a terminal shows them: the headline metrics, and why some are missing."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.metrics import METRICS
from bench.protocol import Protocol
from shards import console


def table(rows: Sequence[Mapping[str, Any]], protocol: Protocol) -> str:
    """The headline metrics of some results of one protocol."""
    names = [name for name in protocol.metrics if METRICS[name].headline and any(name in r["metrics"] for r in rows)]
    headers = ["", *(METRICS[name].title for name in names)]
    lines = [[record["label"], *(_shown(record, name) for name in names)] for record in rows]
    return f"{_head(rows[0])}, {protocol.id}\n" + console.table(headers, lines)


def protocol_table(results: Mapping[str, Mapping[str, Any]]) -> str:
    """One set of predictions by several protocols: how little a number says without the name of its protocol."""
    names = [name for name, metric in METRICS.items() if metric.headline]
    lines = [[protocol, *(_shown(record, name) for name in names)] for protocol, record in results.items()]
    first = next(iter(results.values()))
    shown = console.table(["protocol", *(METRICS[name].title for name in names)], lines)
    return f"{first['label']} on {_head(first)}\n{shown}"


def notes(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why headline metrics are missing, and what the results say of themselves."""
    cells = [cell for row in rows for name, cell in row["metrics"].items() if METRICS[name].headline]
    reasons = dict.fromkeys(cell["reason"] for cell in cells if cell["reason"])
    return [f"--: {reason}" for reason in reasons] + [f"{r['label']}: {note}" for r in rows for note in r["notes"]]


def _head(record: Mapping[str, Any]) -> str:
    partial = ", partial" if record["partial"] else ""
    return f"{record['dataset']} {record['subset']} ({record['fingerprint'][:8]}), {record['n']} images{partial}"


def _shown(record: Mapping[str, Any], name: str) -> str:
    value = record["metrics"].get(name, {}).get("value")
    return "--" if value is None else METRICS[name].display(value)

"""One set of predictions by several protocols: how far a number moves when nothing but the protocol changes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bench.metrics import METRICS
from reports.evidence import Record, is_ranked
from reports.table import GROUP_TITLES, Cell, Row, Table, column_of

_SHOWN = ("psnr", "ssim", "fid", "kid")
"""What the protocols have in common."""
_REMARK = "The same pictures in every column: only decoding, size, windows and averaging differ between protocols."


def sensitivity_table(records: Mapping[str, Sequence[Record]]) -> Table | None:
    """Metrics by protocol, a row for each set of predictions that was scored by two at least; None where none was.

    Args:
        records: results with `folder`, of one subset of one dataset, by protocol. Those of a folder whose pictures
            changed in between are of two sets.
    """
    found: dict[tuple[str, str | None], dict[str, Record]] = {}
    for protocol, results in records.items():
        for record in results:
            found.setdefault((record["folder"], record.get("submission_sha256")), {})[protocol] = record
    several = {pictures: by for pictures, by in found.items() if len(by) > 1}
    if not several:
        return None
    protocols = [protocol for protocol in records if any(protocol in by for by in several.values())]
    places = [
        (name, protocol)
        for name in _SHOWN
        for protocol in protocols
        if any(name in by[protocol]["metrics"] for by in several.values() if protocol in by)
    ]
    columns = tuple(
        replace(
            column_of(name, METRICS[name].direction or "higher"),
            key=f"{protocol}.{name}",
            title=protocol,
            group=METRICS[name].title,
        )
        for name, protocol in places
    )
    first = next(iter(next(iter(several.values())).values()))
    rows = [_row(by, places) for by in several.values()]
    return Table(
        title=f"{first['dataset']}, {first['subset']}, by protocol",
        columns=columns,
        rows=tuple(sorted(rows, key=lambda row: (row.kind != "floor", row.group))),
        footnotes=(_REMARK,),
        protocol="as each column says",
        dataset=first["dataset"],
        fingerprint=first["fingerprint"],
        n=first["n"],
    )


def _row(by: Mapping[str, Record], places: Sequence[tuple[str, str]]) -> Row:
    some = next(iter(by.values()))
    cells = {}
    for metric, protocol in places:
        key = f"{protocol}.{metric}"
        result = by[protocol]["metrics"].get(metric) if protocol in by else None
        if protocol not in by:
            cells[key] = Cell(None, "not scored by this protocol: `python -m bench rescore RUN`")
        elif result is None:
            cells[key] = Cell(None, "not part of this protocol")
        else:
            value = result["value"]
            cells[key] = Cell(value, "" if value is not None else result["reason"])
    ranked = is_ranked(some)
    return Row(
        label=some["label"],
        group=GROUP_TITLES.get(some["family"], str(some["family"])),
        kind="measured" if ranked else "floor",
        cells=cells,
        n=some["n"],
    )

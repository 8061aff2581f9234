"""Lists and tars of a dataset for those who do not use this suite."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from shards.atomic import write_text
from shards.home import Home
from splits.build import Pinned

Form = Literal["txt", "json", "csv"]


def lists(rows: Mapping[str, list[Mapping[str, Any]]], built: Pinned, form: Form, folder: Path) -> list[Path]:
    """Writes one file per subset (txt, csv) or one for all (json).

    Args:
        rows: part rows by subset, with `group`.
        built: the pinned dataset.
        form: txt holds keys; csv and json also the raw paths and groups.
        folder: where to.
    """
    about = {"dataset": built.name, "fingerprint": built.fingerprint, "partial": built.partial}
    if form == "json":
        content = about | {"subsets": {s: [_line(row) for row in found] for s, found in rows.items()}}
        return [_write(folder / f"{built.name}.json", json.dumps(content, indent=1) + "\n")]
    written = []
    for subset, found in rows.items():
        path = folder / f"{built.name}_{subset}.{form}"
        if form == "txt":
            written.append(_write(path, "".join(f"{row['key']}\n" for row in found)))
        else:
            text = io.StringIO()
            table = csv.DictWriter(text, ["key", "group", "visible", "infrared"], lineterminator="\n")
            table.writeheader()
            table.writerows(_line(row) for row in found)
            written.append(_write(path, text.getvalue()))
    return written


def tars(home: Home, rows: Mapping[str, list[Mapping[str, Any]]], layers: list[str], folder: Path) -> list[Path]:
    """Complete tars by subset."""
    from shards.export import export

    return [path for subset, found in rows.items() for path in export(home, found, layers, folder, stem=subset)]


def _line(row: Mapping[str, Any]) -> dict[str, str]:
    return {"key": row["key"], "group": row["group"], "visible": row["vis_path"], "infrared": row["ir_path"]}


def _write(path: Path, text: str) -> Path:
    write_text(path, text)
    return path

"""Lists and tars of a dataset for those who do not use this suite."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from shards.atomic import write_text
from shards.export import ORDER, export
from shards.home import Home
from shards.manifest import Manifest
from splits.definition import Definition
from splits.listing import listing
from splits.pinned import Pinned, require_unchanged

Form = Literal["txt", "json", "csv"]


def lists(built: Pinned, manifest: Manifest, form: Form, folder: Path) -> list[Path]:
    """Writes one file per subset (txt, csv) or one for all (json).

    Args:
        built: the pinned dataset.
        manifest: where its images' raw paths stand.
        form: txt holds keys; csv and json also groups and raw paths.
        folder: where to.

    Raises:
        UserError: the images are no longer those that were pinned.
    """
    rows = {subset: _lines(built, manifest, subset) for subset in built.counts}
    if form == "json":
        about = {"dataset": built.name, "fingerprint": built.fingerprint, "partial": built.partial}
        return [_write(folder / f"{built.name}.json", json.dumps(about | {"subsets": rows}, indent=1) + "\n")]
    written = []
    for subset, found in rows.items():
        path = folder / f"{built.name}_{subset}.{form}"
        if form == "txt":
            written.append(_write(path, "".join(f"{row['key']}\n" for row in found)))
        else:
            text = io.StringIO()
            table = csv.DictWriter(text, ["key", "group", "visible", "infrared"], lineterminator="\n")
            table.writeheader()
            table.writerows(found)
            written.append(_write(path, text.getvalue()))
    return written


def published(definition: Definition, home: Home, folder: Path) -> list[Path]:
    """The lists of a dataset that is split by them, one txt of keys per subset; nothing needs to be ingested."""
    return [
        _write(
            folder / f"{definition.name}_{subset}.txt",
            "".join(f"{key}\n" for key in sorted(listing(f"{definition.name}:{subset}", home).keys)),
        )
        for subset in definition.listed
    ]


def tars(
    built: Pinned, sources: Sequence[str], home: Home, manifest: Manifest, layers: Sequence[str], folder: Path
) -> list[Path]:
    """Complete tars by subset; samples that a layer does not cover are left out.

    Raises:
        UserError: the images are no longer those that were pinned, or a layer does not exist.
    """
    written: list[Path] = []
    query = f"select * exclude (part) from samples where key in (select unnest($1)) order by {ORDER}"
    for subset in built.counts:
        require_unchanged(built, manifest, subset)
        rows = manifest.stream(query, [[*built.members(subset)]])
        written += export(home, rows, sources, layers, folder, stem=subset)
    return written


def _lines(built: Pinned, manifest: Manifest, subset: str) -> list[dict[str, str]]:
    require_unchanged(built, manifest, subset)
    groups = built.members(subset)
    query = "select key, vis_path, ir_path from samples where key in (select unnest($1)) order by key"
    return [
        {"key": row["key"], "group": groups[row["key"]], "visible": row["vis_path"], "infrared": row["ir_path"]}
        for row in manifest.stream(query, [[*groups]])
    ]


def _write(path: Path, text: str) -> Path:
    write_text(path, text)
    return path

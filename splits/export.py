"""Lists and tars of a dataset for those who do not use this suite."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from shards.atomic import write_text
from shards.export import ORDER, export
from shards.home import Home
from shards.manifest import Manifest
from splits.definition import Definition
from splits.listing import listing
from splits.names import key_of
from splits.pinned import Pinned, require_unchanged

Form = Literal["txt", "json", "csv"]


def lists(built: Pinned, manifest: Manifest, form: Form, folder: Path) -> list[Path]:
    """Writes one file per subset (txt, csv) or one for all (json).

    Args:
        built: the pinned dataset.
        manifest: where its images' raw paths stand.
        form: txt holds keys; csv and json also groups, raw paths, and numbers of frames in the videos at those paths.
        folder: where to.

    Raises:
        UserError: the images are no longer those that were pinned.
    """
    rows = {subset: _lines(built, manifest, subset) for subset in built.counts}
    about = {"dataset": built.name, "fingerprint": built.fingerprint, "partial": built.partial}
    return _files(about, rows, form, folder)


def published(definition: Definition, home: Home, form: Form, folder: Path) -> list[Path]:
    """Writes the published lists of a dataset; nothing needs to be ingested.

    Rows hold keys and, in csv and json, the publisher's own ids; those of a dataset that is split by sequences hold
    the sequences' names.
    """
    rows = {subset: _published(definition, subset, home) for subset in definition.listed}
    return _files({"dataset": definition.name, "published": True}, rows, form, folder)


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


def _files(
    about: Mapping[str, Any], rows: Mapping[str, Sequence[Mapping[str, Any]]], form: Form, folder: Path
) -> list[Path]:
    """One json, or a csv or txt by subset; txt holds the first column."""
    name = about["dataset"]
    if form == "json":
        return [_write(folder / f"{name}.json", json.dumps({**about, "subsets": rows}, indent=1) + "\n")]
    written = []
    for subset, found in rows.items():
        text = io.StringIO()
        columns = list(found[0])[: 1 if form == "txt" else None] if found else []
        table = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore")
        if form == "csv":
            table.writeheader()
        table.writerows(found)
        written.append(_write(folder / f"{name}_{subset}.{form}", text.getvalue()))
    return written


def _lines(built: Pinned, manifest: Manifest, subset: str) -> list[dict[str, Any]]:
    require_unchanged(built, manifest, subset)
    groups = built.members(subset)
    query = "select key, vis_path, ir_path, frame from samples where key in (select unnest($1)) order by key"
    return [
        {
            "key": row["key"],
            "group": groups[row["key"]],
            "visible": row["vis_path"],
            "infrared": row["ir_path"],
            "frame": row["frame"] if row["frame"] >= 0 else None,
        }
        for row in manifest.stream(query, [[*groups]])
    ]


def _published(definition: Definition, subset: str, home: Home) -> list[dict[str, Any]]:
    if definition.by == "sequence":
        return [{"sequence": name} for name in sorted(definition.listed[subset])]
    ids = {key_of(definition.sources[0], item): item for item in definition.listed[subset]}
    keys = listing(f"{definition.name}:{subset}", home).keys
    return [{"key": key, "id": ids[key]} for key in sorted(keys)]


def _write(path: Path, text: str) -> Path:
    write_text(path, text)
    return path

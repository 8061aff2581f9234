"""Where a home keeps the scores of anybody's folder of predictions, and what says which folder they are of."""

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.journal import write_json
from bench.result import of_other_pictures
from shards.home import Home

_SOURCE = "source.json"


def place_of(folder: Path, label: str, title: str, fingerprint: str, home: Home, *, suffix: str = "") -> Path:
    """The place of one folder's scores; its name is a hash of all that tells one set of predictions from another.

    Args:
        folder: of the predictions. Folders of one last name have places of their own.
        label: the row's name in tables.
        title: the dataset's.
        fingerprint: of the references.
        home: where runs lie.
        suffix: the ending of those files that are meant; one folder may hold several sets.
    """
    name = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-") or "folder"
    cause = "\t".join((label, fingerprint, str(folder.resolve()), suffix))
    identity = hashlib.sha256(cause.encode()).hexdigest()[:10]
    return home.runs / f"external-{name}-{title}-{identity}" / "predictions" / (folder.resolve().name or "folder")


def write_source(place: Path, folder: Path, dataset: str, subset: str, *, suffix: str, allow_missing: bool) -> None:
    """Notes beside the scores of somebody's folder where its pictures lie and what they were held against."""
    known = str(Path(dataset).resolve()) if Path(dataset).is_file() else dataset
    source = {"folder": str(folder.resolve()), "dataset": known, "subset": subset}
    write_json(place / _SOURCE, source | {"suffix": suffix, "allow_missing": allow_missing})


def source(place: Path) -> Mapping[str, Any]:
    """What `write_source` noted; {} where nothing was."""
    path = place / _SOURCE
    found: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    return found


def drop_other_pictures(place: Path, result: Mapping[str, Any]) -> list[str]:
    """Removes scores that are not of the pictures that a result is of; returns the protocols they were by."""
    stale = of_other_pictures(place / "scores", result)
    for folder in stale:
        shutil.rmtree(folder)
    return [folder.name for folder in stale]


def places_for(folder: Path, home: Home) -> list[Path]:
    """Where the scores of a folder of predictions are kept: one place for each label, dataset and suffix."""
    places = sorted(path.parent for path in home.runs.glob(f"*/predictions/*/{_SOURCE}"))
    return [place for place in places if source(place)["folder"] == str(folder.resolve())]

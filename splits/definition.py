"""A dataset's declaration: which sources, split by what. One TOML file each."""

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

from shards.errors import UserError, unknown

By = Literal["list", "official", "group", "random"]

_KEYS = {
    "": {"title", "note", "version", "published", "source", "split", "expect"},
    "split": {"by", "seed", "fractions", "lists"},
    "source": {"name"},
}


@dataclass(frozen=True)
class Definition:
    """A named split over one or more sources.

    Attributes:
        published: the column of the paper's tables to stand beside, or empty.
        by: `list` (pinned ids), `official` (the publisher's subsets), `group` (whole groups, filled to
            `fractions`), `random` (single samples; leaks where neighbours are alike).
        expect: samples per subset where the data are whole.
        folder: where the TOML file lies, for its lists.
    """

    name: str
    title: str
    version: int
    sources: Sequence[str]
    by: By
    seed: int = 0
    fractions: Mapping[str, float] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    expect: Mapping[str, int] = field(default_factory=dict)
    published: str = ""
    note: str = ""
    folder: Path | None = None

    @property
    def digest(self) -> str:
        """Changes with anything that could move a sample."""
        content = [self.version, list(self.sources), self.by, self.seed, dict(self.fractions), dict(self.lists)]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def names() -> list[str]:
    """Every dataset that ships with the project."""
    files = resources.files("splits.datasets").iterdir()
    return sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml"))


def get(name: str) -> Definition:
    """The definition of that name, or of the TOML file at that path.

    Raises:
        UserError: there is none, or the file is wrong; says which key.
    """
    if name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise UserError(f"dataset file {path} does not exist", "see `python -m splits list`")
        return parse(path.stem, path.read_text(), folder=path.parent)
    if name not in names():
        raise unknown("dataset", name, names())
    return parse(name, resources.files("splits.datasets").joinpath(f"{name}.toml").read_text())


def parse(name: str, text: str, folder: Path | None = None) -> Definition:
    """Reads a definition.

    Raises:
        UserError: not TOML, an unknown or missing key, fractions that do not add up.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{name}.toml is not TOML", str(error)) from None
    _check_keys(name, content)
    split = content["split"]
    by = split["by"]
    if by not in get_args(By):
        raise unknown(f"way to split ({name}.toml, split.by)", by, get_args(By))
    needed = {"list": "lists", "group": "fractions", "random": "fractions"}.get(by)
    if needed and not split.get(needed):
        raise UserError(f"{name}.toml: split.by = {by!r} needs split.{needed}", "see splits/datasets/ for models")
    fractions = split.get("fractions", {})
    if fractions and abs(sum(fractions.values()) - 1) > 1e-6:
        raise UserError(f"{name}.toml: split.fractions add up to {sum(fractions.values()):g}", "they must add up to 1")
    return Definition(
        name=name,
        title=content["title"],
        version=content["version"],
        sources=tuple(s["name"] for s in content["source"]),
        by=by,
        seed=split.get("seed", 0),
        fractions=fractions,
        lists=split.get("lists", {}),
        expect=content.get("expect", {}),
        published=content.get("published", ""),
        note=content.get("note", ""),
        folder=folder,
    )


def _check_keys(name: str, content: Mapping[str, Any]) -> None:
    for key in ("title", "version", "source", "split"):
        if key not in content:
            raise UserError(f"{name}.toml lacks {key!r}", "see splits/datasets/ for models")
    if "by" not in content["split"]:
        raise UserError(f"{name}.toml lacks 'split.by'", f"one of {', '.join(get_args(By))}")
    places = [("", content), ("split", content["split"]), *(("source", s) for s in content["source"])]
    for place, table in places:
        for key in table:
            if key not in _KEYS[place]:
                where = f"{place}.{key}" if place else key
                raise unknown(f"key ({name}.toml)", where, [f"{place}.{k}" if place else k for k in _KEYS[place]])

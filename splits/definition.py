"""A dataset's declaration: which sources, split by what. One TOML file each."""

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

from shards.errors import UserError, unknown
from splits import ids

By = Literal["list", "official", "group", "random"]

# Every key with its form, and whether it must be there.
_KEYS: Mapping[str, tuple[str, bool]] = {
    "title": ("text", True),
    "version": ("whole number", True),
    "note": ("text", False),
    "published": ("text", False),
    "expect": ("table of whole numbers", False),
    "source": ("list of tables", True),
    "source.name": ("text", True),
    "split": ("table", True),
    "split.by": ("text", True),
    "split.seed": ("whole number", False),
    "split.fractions": ("table of numbers", False),
    "split.lists": ("table of texts", False),
}
_MODELS = "see splits/datasets/ for models"


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

    @cached_property
    def digest(self) -> str:
        """Changes with anything that could move a sample, the ids of its lists included."""
        lists = {subset: ids.load(name, self.folder) for subset, name in self.lists.items()}
        content = [self.version, list(self.sources), self.by, self.seed, dict(self.fractions), lists]
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
    _check(f"{name}.toml", "", content)
    _check(f"{name}.toml", "split", content["split"])
    for source in content["source"]:
        _check(f"{name}.toml", "source", source)
    split = content["split"]
    by = split["by"]
    if by not in get_args(By):
        raise unknown(f"way to split ({name}.toml, split.by)", by, get_args(By))
    needed = {"list": "lists", "group": "fractions", "random": "fractions"}.get(by)
    if needed and not split.get(needed):
        raise UserError(f"{name}.toml: split.by = {by!r} needs split.{needed}", _MODELS)
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


def _check(file: str, place: str, table: Mapping[str, Any]) -> None:
    """Every key of a table is known and of its form, and none that must be there is missing."""
    prefix = f"{place}." if place else ""
    known = {key for key in _KEYS if key.startswith(prefix) and "." not in key.removeprefix(prefix)}
    for name, value in table.items():
        key = prefix + name
        if key not in known:
            raise unknown(f"key ({file})", key, known)
        form, _ = _KEYS[key]
        if not _fits(value, form):
            raise UserError(f"{file}: {key!r} is {value!r}", f"it must be a {form}")
    for key in sorted(known):
        if _KEYS[key][1] and key.removeprefix(prefix) not in table:
            raise UserError(f"{file} lacks {key!r}", _MODELS)


def _fits(value: Any, form: str) -> bool:
    if form.startswith("table of "):
        item = form.removeprefix("table of ").removesuffix("s")
        return isinstance(value, dict) and all(_fits(v, item) for v in value.values())
    if form == "list of tables":
        return isinstance(value, list) and len(value) > 0 and all(isinstance(v, dict) for v in value)
    types: Mapping[str, tuple[type, ...]] = {
        "text": (str,),
        "whole number": (int,),
        "number": (int, float),
        "table": (dict,),
    }
    return type(value) in types[form]  # exactly: True is no number

"""A dataset's declaration: which sources, split by what. One TOML file each."""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

from shards.errors import UserError, unknown
from splits import ids

By = Literal["list", "official", "sequence", "group", "random"]

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
    "split.lists": ("table of lists", False),
    "split.rest": ("text", False),
    "split.balance": ("text", False),
    "split.minus": ("list of texts", False),
    "split.embeddings": ("text", False),
}
_NEEDS: Mapping[str, Sequence[str]] = {
    "list": ("lists",),
    "sequence": ("lists", "rest"),
    "group": ("fractions",),
    "random": ("fractions",),
}
_MODELS = "see splits/datasets/ for models"


@dataclass(frozen=True)
class Definition:
    """A named split over one or more sources.

    Attributes:
        published: the column of the paper's tables to stand beside, or empty.
        by: `list` (pinned ids), `official` (the publisher's subsets), `sequence` (whole sequences by lists of their
            names), `group` (whole groups, filled to `fractions`), `random` (single samples; leaks where neighbours
            are alike).
        lists: id lists by subset. Where `by` does not use them, they are the published ids, for comparison by names;
            `all` where the publisher has no subsets.
        rest: the subset of the sequences that stand on no list.
        balance: a pattern over keys; of all samples whose first group is equal, say all night scenes, each subset
            gets its share.
        minus: `dataset` or `dataset:subset`; every group that touches one of their images is left out. The TOML file
            counts paths from where it lies.
        embeddings: a layer of `bench embed` that proposes near-duplicates besides the hashes; empty for none.
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
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rest: str = ""
    balance: str = ""
    minus: Sequence[str] = ()
    embeddings: str = ""
    expect: Mapping[str, int] = field(default_factory=dict)
    published: str = ""
    note: str = ""
    folder: Path | None = None

    @cached_property
    def listed(self) -> Mapping[str, Sequence[str]]:
        """The ids (or sequences) of each subset that has lists, in their order.

        Raises:
            UserError: a list is not there or not in order, or an id stands on two lists.
        """
        found = {
            subset: [i for name in names for i in ids.load(name, self.folder)] for subset, names in self.lists.items()
        }
        sides: dict[str, str] = {}
        for subset, listed in found.items():
            for item in listed:
                if item in sides:
                    raise UserError(
                        f"{self.name}: {item} stands in {sides[item]!r} and in {subset!r}", "remove it from one list"
                    )
                sides[item] = subset
        return found

    @cached_property
    def digest(self) -> str:
        """Changes with anything that could move a sample, the ids of its lists included."""
        content: list[Any] = [self.version, list(self.sources), self.by, self.seed, dict(self.fractions), self.rest]
        content += [self.balance, {subset: list(listed) for subset, listed in self.listed.items()}]
        content += [(Path(other).name, get(other.partition(":")[0]).digest) for other in self.minus]
        content += [self.embeddings] if self.embeddings else []
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
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise UserError(f"dataset file {path} is not UTF-8 text", str(error)) from None
        return parse(path.stem, text, folder=path.parent)
    if name not in names():
        raise unknown("dataset", name, names())
    return parse(name, resources.files("splits.datasets").joinpath(f"{name}.toml").read_text())


def parse(name: str, text: str, folder: Path | None = None) -> Definition:
    """Reads a definition.

    Raises:
        UserError: not TOML, an unknown or missing key, fractions that do not add up; says file, line and key.
    """
    file = f"{name}.toml"
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{file} is not TOML", str(error)) from None
    _check(file, text, "", content)
    _check(file, text, "split", content["split"])
    for number, source in enumerate(content["source"]):
        _check(file, text, "source", source, number)
    split = content["split"]
    by = split["by"]
    if by not in get_args(By):
        raise unknown(f"way to split ({_at(file, text, 'split.by')}, split.by)", by, get_args(By))
    for needed in _NEEDS.get(by, ()):
        if not split.get(needed):
            raise UserError(f"{_at(file, text, 'split.by')}: split.by = {by!r} needs split.{needed}", _MODELS)
    fractions = split.get("fractions", {})
    for subset, fraction in fractions.items():
        if not 0 < fraction <= 1:  # true of what is not a number, too
            raise UserError(
                f"{_at(file, text, 'split.fractions')}: split.fractions gives {subset!r} {fraction:g}",
                "each must lie above 0, and they must add up to 1",
            )
    if fractions and abs(sum(fractions.values()) - 1) > 1e-6:
        raise UserError(
            f"{_at(file, text, 'split.fractions')}: split.fractions add up to {sum(fractions.values()):g}",
            "they must add up to 1",
        )
    try:
        re.compile(split.get("balance", ""))
    except re.error as error:
        raise UserError(f"{_at(file, text, 'split.balance')}: split.balance is no pattern", str(error)) from None
    minus = [_beside(other, folder) for other in split.get("minus", ())]
    for other in minus:
        named = other.partition(":")[0]
        if named.endswith(".toml") and not Path(named).is_file():
            raise UserError(f"{_at(file, text, 'split.minus')}: {named} does not exist", "paths count from its folder")
        if not named.endswith(".toml") and named not in names():
            raise unknown(f"dataset ({_at(file, text, 'split.minus')}, split.minus)", named, names())
    lists = {subset: (value,) if isinstance(value, str) else value for subset, value in split.get("lists", {}).items()}
    return Definition(
        name=name,
        title=content["title"],
        version=content["version"],
        sources=tuple(s["name"] for s in content["source"]),
        by=by,
        seed=split.get("seed", 0),
        fractions=fractions,
        lists=lists,
        rest=split.get("rest", ""),
        balance=split.get("balance", ""),
        minus=tuple(minus),
        embeddings=split.get("embeddings", ""),
        expect=content.get("expect", {}),
        published=content.get("published", ""),
        note=content.get("note", ""),
        folder=folder,
    )


def _beside(spec: str, folder: Path | None) -> str:
    """`dataset:subset` with the path of a TOML file as seen from where we are."""
    name, colon, subset = spec.partition(":")
    return f"{folder / name}{colon}{subset}" if folder is not None and name.endswith(".toml") else spec


def _check(file: str, text: str, place: str, table: Mapping[str, Any], number: int = 0) -> None:
    """Every key of a table is known and of its form, and none that must be there is missing.

    Args:
        file: its name, for messages.
        text: what stands in it.
        place: the table's name; empty for the whole.
        table: what it holds.
        number: of the tables of that name, which.
    """
    prefix = f"{place}." if place else ""
    known = {key for key in _KEYS if key.startswith(prefix) and "." not in key.removeprefix(prefix)}
    for name, value in table.items():
        key = prefix + name
        if key not in known:
            raise unknown(f"key ({_at(file, text, key)})", key, known)
        form, _ = _KEYS[key]
        if not _fits(value, form):
            raise UserError(f"{_at(file, text, key)}: {key!r} is {value!r}", f"it must be a {form}")
    for key in sorted(known):
        if _KEYS[key][1] and key.removeprefix(prefix) not in table:
            raise UserError(f"{_at(file, text, place, number) if place else file} lacks {key!r}", _MODELS)


def _at(file: str, text: str, key: str, number: int = 0) -> str:
    """The file and, where it can be told, the line of a key or of the `number`-th table of that name."""
    name = re.escape(key.rpartition(".")[2])
    found = [n for n, line in enumerate(text.splitlines(), 1) if re.match(rf"\s*(\[+\s*)?{name}\s*[=\]]", line)]
    return f"{file}, line {found[min(number, len(found) - 1)]}" if found else file


def _fits(value: Any, form: str) -> bool:
    if form == "list of tables":
        return isinstance(value, list) and len(value) > 0 and all(isinstance(v, dict) for v in value)
    if form.startswith("table of "):
        item = form.removeprefix("table of ").removesuffix("s")
        return isinstance(value, dict) and all(_fits(v, item) for v in value.values())
    if form == "list":  # of names; one alone needs no brackets
        return isinstance(value, str) or _fits(value, "list of texts")
    if form == "list of texts":
        return isinstance(value, list) and len(value) > 0 and all(isinstance(v, str) for v in value)
    types: Mapping[str, tuple[type, ...]] = {
        "text": (str,),
        "whole number": (int,),
        "number": (int, float),
        "table": (dict,),
    }
    return type(value) in types[form]  # exactly: True is no number

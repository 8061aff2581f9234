"""Reads the id lists of `splits/lists/`, or a user's own."""

import gzip
import json
import re
from collections import Counter
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from shards.errors import UserError, unknown

_SUFFIXES = (".txt", ".txt.gz", ".json")
_BRACES = re.compile(r"([^{}]*)\{([^{}]*)\}([^{}]*)")
_RANGE = re.compile(r"(\d+)\.\.(\d+)(?:\.\.(\d+))?")
_SLICE = re.compile(r"(.+)\[(\d*):(\d*)\]")


def load(name: str, beside: Path | None = None) -> list[str]:
    """Ids of a list, in file order.

    A text file holds one id to a line, or several that differ in a number: `I{00019..01519..20,01540}` counts as a
    shell does, from 00019 to 01519 in steps of 20, and 01540. `#` begins a comment. A JSON file holds an array of
    ids, or of arrays of one id.

    Args:
        name: a file in `splits/lists/` without its suffix, or a path ending in .txt, .txt.gz or .json, relative to
            `beside`; `NAME[a:b]` takes the ids from the a-th up to the b-th alone, counted from 0.
        beside: folder of the dataset's TOML file.

    Raises:
        UserError: the list does not exist, cannot be read, is empty, or names an id twice.
    """
    cut = _SLICE.fullmatch(name)
    if cut:
        begin, end = (int(at) if at else None for at in (cut[2], cut[3]))
        return load(cut[1], beside)[begin:end]
    found = [id_ for line in lines(name, beside) for id_ in line]
    if not found:
        raise UserError(f"id list {name} is empty", "one id per line")
    twice = [id_ for id_, count in Counter(found).items() if count > 1]
    if twice:
        raise UserError(f"id list {name} names {twice[0]} twice", "remove one")
    return found


def lines(name: str, beside: Path | None = None) -> list[list[str]]:
    """The ids of each line that has any: lists of scenes hold one scene to a line.

    Raises:
        UserError: the list does not exist or cannot be read.
    """
    path = _find(name, beside)
    data = path.read_bytes()
    try:
        text = (gzip.decompress(data) if path.name.endswith(".gz") else data).decode()
        if path.name.endswith(".json"):
            return [[str(item[0] if isinstance(item, list) and len(item) == 1 else item)] for item in json.loads(text)]
    except (ValueError, TypeError, gzip.BadGzipFile) as error:
        raise UserError(f"id list {path} cannot be read ({error})", "one id per line, or a JSON array of ids") from None
    found = (line.split("#")[0].strip() for line in text.splitlines())
    return [_expand(line, path.name) for line in found if line]


def _find(name: str, beside: Path | None) -> Path | Traversable:
    if name.endswith(_SUFFIXES):
        path = (beside or Path()) / name
        if not path.is_file():
            raise UserError(
                f"id list {path} does not exist",
                "paths in a dataset's TOML count from its folder, others from where you are",
            )
        return path
    known = {p.name.partition(".")[0]: p for p in resources.files("splits.lists").iterdir() if ".txt" in p.name}
    if name not in known:
        raise unknown("id list", name, known)
    return known[name]


def _expand(line: str, file: str) -> list[str]:
    found = _BRACES.fullmatch(line)
    if not found:
        return [line]
    before, items, behind = found.groups()
    numbers = [number for item in items.split(",") for number in _count(item, line, file)]
    return [f"{before}{number}{behind}" for number in numbers]


def _count(item: str, line: str, file: str) -> list[str]:
    found = _RANGE.fullmatch(item)
    if not found:
        return [item]
    width, first, last, step = len(found[1]), int(found[1]), int(found[2]), int(found[3] or 1)
    if last < first or len(found[2]) != width or step == 0:
        raise UserError(
            f"{file}: {item} in {line!r} is no range", "two numbers of equal length, the lower first, and maybe a step"
        )
    return [str(number).zfill(width) for number in range(first, last + 1, step)]

"""Reads the id lists of `splits/lists/`, or a user's own."""

import re
from collections import Counter
from importlib import resources
from pathlib import Path

from shards.errors import UserError, unknown

_RANGE = re.compile(r"(\d+)-(\d+)")


def load(name: str, beside: Path | None = None) -> list[str]:
    """Ids of a list, in file order.

    One id or range (`00324-00341`, both ends included, zeros kept) per line; `#` begins a comment. Only two numbers
    of equal length make a range.

    Args:
        name: a file in `splits/lists/` without its suffix, or a path ending in .txt, relative to `beside`.
        beside: folder of the dataset's TOML file.

    Raises:
        UserError: the list does not exist, is empty, names an id twice, or holds a range that runs backwards.
    """
    if name.endswith(".txt"):
        path = (beside or Path()) / name
        if not path.is_file():
            raise UserError(f"id list {path} does not exist", "give its path relative to the dataset's TOML file")
        text = path.read_text()
    else:
        lists = resources.files("splits.lists").iterdir()
        known = {p.name.removesuffix(".txt"): p for p in lists if p.name.endswith(".txt")}
        if name not in known:
            raise unknown("id list", name, known)
        text = known[name].read_text()
    ids = [i for line in text.splitlines() for i in _expand(line.split("#")[0].strip())]
    if not ids:
        raise UserError(f"id list {name} is empty", "one id per line")
    twice = [i for i, n in Counter(ids).items() if n > 1]
    if twice:
        raise UserError(f"id list {name} names {twice[0]} twice", "remove one")
    return ids


def _expand(line: str) -> list[str]:
    found = _RANGE.fullmatch(line)
    if not found or len(found[1]) != len(found[2]):
        return [line] if line else []
    first, last = int(found[1]), int(found[2])
    if last < first:
        raise UserError(f"the range {line} runs backwards", "the lower end comes first")
    return [str(i).zfill(len(found[1])) for i in range(first, last + 1)]

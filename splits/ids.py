"""Reads the id lists of `splits/lists/`, or a user's own."""

import re
from importlib import resources
from pathlib import Path

from shards.errors import UserError, unknown

_RANGE = re.compile(r"(\d+)-(\d+)")


def load(name: str, beside: Path | None = None) -> list[str]:
    """Ids of a list, in file order.

    One id or range (`00324-00341`, both ends included, zeros kept) per line; `#` begins a comment.

    Args:
        name: a file in `splits/lists/` without its suffix, or a path ending in .txt, relative to `beside`.
        beside: folder of the dataset's TOML file.

    Raises:
        UserError: the list does not exist, is empty, or names an id twice.
    """
    if name.endswith(".txt"):
        path = (beside or Path()) / name
        if not path.is_file():
            raise UserError(f"id list {path} does not exist", "give its path relative to the dataset's TOML file")
        text = path.read_text()
    else:
        known = {p.name.removesuffix(".txt"): p for p in resources.files("splits.lists").iterdir()}
        if f"{name}" not in known:
            raise unknown("id list", name, [k for k in known if not k.startswith("__")])
        text = known[name].read_text()
    ids = [i for line in text.splitlines() for i in _expand(line.split("#")[0].strip())]
    if not ids:
        raise UserError(f"id list {name} is empty", "one id per line")
    if len(set(ids)) != len(ids):
        twice = next(i for i in ids if ids.count(i) > 1)
        raise UserError(f"id list {name} names {twice} twice", "remove one")
    return ids


def _expand(line: str) -> list[str]:
    found = _RANGE.fullmatch(line)
    if not found:
        return [line] if line else []
    first, last = int(found[1]), int(found[2])
    return [str(i).zfill(len(found[1])) for i in range(first, last + 1)]

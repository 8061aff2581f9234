"""A raw download as a sorted list of files that can be read, whatever holds it."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shards.errors import UserError
from shards.image import SUFFIXES

_JUNK_NAMES = frozenset({"thumbs.db", ".ds_store", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A file below the raw folder.

    Attributes:
        path: posix, relative to the raw folder.
        size: bytes; -1 for what bears an image's name and is no file.
    """

    path: str
    size: int


@dataclass(frozen=True)
class Tree:
    """The files of a raw folder in an order that does not depend on the file system.

    Attributes:
        junk: files that operating systems leave behind, counted and never read.
    """

    root: Path
    entries: Sequence[Entry]
    junk: int


def open_tree(raw: Path) -> Tree:
    """Lists a raw folder; symbolic links are followed, each folder once.

    Raises:
        UserError: it does not exist, is no folder, or holds nothing.
        OSError: a folder in it cannot be read.
    """
    if not raw.exists():
        raise UserError(f"{raw} does not exist", "give the folder into which the dataset was unpacked")
    if not raw.is_dir():
        raise UserError(f"{raw} is a file", "unpack it and give the folder")
    entries: list[Entry] = []
    junk = 0
    seen: set[tuple[int, int]] = set()
    for folder, folders, files in os.walk(raw, followlinks=True, onerror=_refuse):
        info = os.stat(folder)
        if (info.st_dev, info.st_ino) in seen:
            folders.clear()
            continue
        seen.add((info.st_dev, info.st_ino))
        relative = Path(folder).relative_to(raw).as_posix()
        prefix = "" if relative == "." else f"{relative}/"
        folders[:] = sorted(name for name in folders if name != "__MACOSX")  # the first of several links counts
        entries += [Entry(prefix + name, -1) for name in folders if os.path.splitext(name)[1].lower() in SUFFIXES]
        for name in files:
            if name.lower() in _JUNK_NAMES or name.startswith("._"):
                junk += 1
            else:
                entries.append(Entry(prefix + name, _size(os.path.join(folder, name))))
    if not entries:
        raise UserError(f"{raw} holds no files", "give the folder into which the dataset was unpacked")
    return Tree(raw, sorted(entries, key=lambda e: e.path), junk)


def _size(path: str) -> int:
    try:
        info = os.stat(path)
    except OSError:  # a dangling link: reading it becomes a failed row that says so
        return 0
    return info.st_size if stat.S_ISREG(info.st_mode) else -1


def _refuse(error: OSError) -> None:
    raise error

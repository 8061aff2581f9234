"""A raw download as a sorted list of files that can be read, whatever holds it."""

import errno
import os
import re
import stat
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ingest import archive
from ingest.archive import Member
from shards.errors import UserError
from shards.image import SUFFIXES

_JUNK_NAMES = frozenset({"thumbs.db", ".ds_store", "desktop.ini"})
_JUNK_FOLDER = "__MACOSX"


class Entry(NamedTuple):
    """A file below the raw folder.

    Attributes:
        path: posix, relative to the raw folder.
        size: bytes; -1 for what bears a file's name and is none, such as a named pipe.
    """

    path: str
    size: int


@dataclass(frozen=True)
class Tree:
    """The files of a raw folder in an order that does not depend on the file system.

    Attributes:
        junk: files that operating systems leave behind, counted and never read.
        members: by path, the files that lie in archives.
        apart: the same files with each archive as a folder of its name, where that makes a difference.
        notes: what was left out and should be told.
    """

    root: Path
    entries: Sequence[Entry]
    junk: int
    members: Mapping[str, Member] = field(default_factory=dict)
    apart: "Tree | None" = None
    notes: Sequence[str] = ()

    @cached_property
    def folders(self) -> Mapping[str, Sequence[Entry]]:
        """Entries by folder, its name empty or ending in a slash."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            folder = entry.path[: entry.path.rfind("/") + 1]
            if folder in found:
                found[folder].append(entry)
            else:
                found[folder] = [entry]
        return found

    @property
    def raw(self) -> "Raw":
        """What reads these files."""
        return Raw(self.root, self.members)


@dataclass(frozen=True)
class Raw:
    """What a worker needs to read the files of a raw download.

    Attributes:
        members: by path, the files that lie in archives.
    """

    root: Path
    members: Mapping[str, Member] = field(default_factory=dict)

    def read(self, path: str) -> bytes:
        """Bytes of a file.

        Raises:
            OSError: it cannot be read, or is no regular file.
        """
        member = self.members.get(path)
        if member is not None:
            return archive.read(self.root / member.archive, member)
        with _opened(os.path.join(self.root, path)) as file:
            return file.read()

    def open(self, path: str) -> BinaryIO:
        """A file that can be sought.

        Raises:
            OSError: it cannot be read, or is no regular file.
        """
        member = self.members.get(path)
        if member is not None:
            return archive.opened(self.root / member.archive, member)
        return _opened(os.path.join(self.root, path))

    def only(self, paths: Iterable[str]) -> "Raw":
        """What reads just these, to be sent to a worker."""
        return Raw(self.root, {path: self.members[path] for path in paths if path in self.members})


@dataclass(frozen=True)
class Folder:
    """A dataset's root in a tree, for rules that look into files.

    Attributes:
        root: empty or ending in a slash.
        notes: what the rules have to tell about the files; printed once.
    """

    tree: Tree
    root: str = ""
    notes: list[str] = field(default_factory=list)

    def read(self, path: str) -> bytes | None:
        """Bytes of a file below the root, None where it is not listed there.

        Raises:
            UserError: the path is absolute or leads out by `..`.
            OSError: it cannot be read, or is no regular file.
        """
        if path.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", path):
            raise UserError(f"{path!r} leads out of the dataset's folder", "files are named relative to that folder")
        whole = self.root + path
        at = bisect_left(self.tree.entries, whole, key=lambda entry: entry.path)
        listed = at < len(self.tree.entries) and self.tree.entries[at].path == whole
        return self.tree.raw.read(whole) if listed else None


def open_tree(raw: Path) -> Tree:
    """Lists a raw folder, or a zip or tar; symbolic links are followed, each folder once.

    Archives in a folder are read as if they had been unpacked where they lie. A file that is there unpacked comes
    before its copy in an archive.

    Raises:
        UserError: it does not exist, holds nothing, or is or holds an archive that cannot be read or trusted.
        OSError: a folder in it cannot be read, or it is neither folder nor regular file.
    """
    if not raw.exists():
        raise UserError(f"{raw} does not exist", "give the folder into which the dataset was unpacked, or its archive")
    if not raw.is_dir():
        _check_regular(str(raw))
        members, junk = _without_junk(archive.members(raw, ""))
        return _tree(raw, [], [("", members)], junk, [])
    entries: list[Entry] = []
    archives: list[str] = []
    notes: list[str] = []
    junk = 0
    for prefix, folders, files in _walk(raw):
        entries += [Entry(prefix + name, -1) for name in folders if _suffix(name) in SUFFIXES]
        above = f"{raw}/{prefix}"
        for name in files:
            if _is_junk(name):
                junk += 1
            elif _suffix(name) in SUFFIXES:  # most by far
                entries.append(Entry(prefix + name, _size(above + name)))
            elif archive.is_archive(name):
                if (size := _size(above + name)) >= 0:
                    archives.append(prefix + name)
                else:
                    entries.append(Entry(prefix + name, size))
                    notes.append(f"not read: {prefix}{name} is no regular file")
            else:
                entries.append(Entry(prefix + name, _size(above + name)))
                if line := archive.unpacking(raw / prefix / name):
                    notes.append(f"{prefix}{name} was not read, unpack it: {line}")
    held = []
    for path in sorted(archives):
        try:
            members, more = _without_junk(archive.members(raw / path, path))
        except UserError as error:
            if not entries:
                raise
            notes.append(f"not read: {error}")
            entries.append(Entry(path, _size(f"{raw}/{path}")))
        else:
            held.append((path, members))
            junk += more
    if not entries and not any(members for _, members in held):
        raise UserError(f"{raw} holds no files", "give the folder into which the dataset was unpacked")
    return _tree(raw, entries, held, junk, notes)


def _walk(raw: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """(prefix, folders, files) of each folder; the first of several links to one counts."""
    seen: set[tuple[int, int]] = set()
    for folder, folders, files in os.walk(raw, followlinks=True, onerror=_refuse):
        info = os.stat(folder)
        if (info.st_dev, info.st_ino) in seen:
            folders.clear()
            continue
        seen.add((info.st_dev, info.st_ino))
        relative = Path(folder).relative_to(raw).as_posix()
        folders[:] = sorted(name for name in folders if name != _JUNK_FOLDER)
        yield "" if relative == "." else f"{relative}/", folders, files


def _tree(
    raw: Path,
    entries: Sequence[Entry],
    archives: Sequence[tuple[str, Mapping[str, Member]]],
    junk: int,
    notes: Sequence[str],
) -> Tree:
    """The files of archives beside those that lie bare."""
    together = _placed(entries, [(path[: path.rfind("/") + 1], members) for path, members in archives])
    if not any(path for path, _ in archives):
        assert together is not None, "one archive has each path once"
        return _made(raw, entries, together, junk, notes)
    named = _placed(entries, [(f"{os.path.splitext(path)[0]}/", members) for path, members in archives])
    views = [_made(raw, entries, members, junk, notes) for members in (together, named) if members is not None]
    if not views:
        raise UserError(f"two archives in {raw} hold files of one path", "keep the one that belongs to the dataset")
    return replace(views[0], apart=views[1]) if len(views) > 1 else views[0]


def _placed(entries: Sequence[Entry], archives: Sequence[tuple[str, Mapping[str, Member]]]) -> dict[str, Member] | None:
    """Members by path where each archive's files lie below a prefix; None where two archives have one path."""
    bare = {entry.path for entry in entries} if archives else set()
    placed: dict[str, Member] = {}
    for prefix, members in archives:
        for name, member in members.items():
            path = prefix + name
            if path in placed:
                return None
            if path not in bare:
                placed[path] = member
    return placed


def _made(raw: Path, entries: Sequence[Entry], members: Mapping[str, Member], junk: int, notes: Sequence[str]) -> Tree:
    every = [*entries, *(Entry(path, member.size) for path, member in members.items())]
    return Tree(raw, sorted(every, key=_path), junk, members, notes=notes)


def _path(entry: Entry) -> str:
    return entry.path


def _without_junk(members: Mapping[str, Member]) -> tuple[dict[str, Member], int]:
    """Members that are worth reading, and how many are not."""
    kept = {path: member for path, member in members.items() if not any(map(_is_junk, path.split("/")))}
    return kept, len(members) - len(kept)


def _is_junk(name: str) -> bool:
    return name.startswith("._") or name == _JUNK_FOLDER or name.lower() in _JUNK_NAMES


def _suffix(name: str) -> str:
    return name[name.rfind(".") :].lower()


def _size(path: str) -> int:
    try:
        info = os.stat(path)
    except OSError:  # a dangling link: reading it becomes a failed row that says so
        return 0
    return info.st_size if stat.S_ISREG(info.st_mode) else -1


def _opened(path: str) -> BinaryIO:
    _check_regular(path)
    return open(path, "rb")


def _check_regular(path: str) -> None:
    """A named pipe would keep its reader waiting for ever.

    Raises:
        OSError: it is no regular file, or there is none.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(errno.EINVAL, "is no regular file", path)


def _refuse(error: OSError) -> None:
    raise error

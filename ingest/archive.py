"""Zip and tar archives read where they lie: a list of members, and the bytes of one, without unpacking to disk."""

import io
import os
import posixpath
import re
import shlex
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from shards.errors import UserError
from shards.image import told_by_start

# A deflated megabyte of zeros takes a kilobyte, an image nearly its own size, annotations a tenth. What unpacks to
# more than this many times its size, and is large, was made to fill a disk.
_MAX_RATIO = 200
_LARGE = 64 << 20

_ARCHIVE = re.compile(r"\.(zip|tar)$", re.IGNORECASE)
_UNPACKED_BY = (
    (re.compile(r"\.(tar\.(gz|bz2|xz|zst|lz4)|tgz|tbz2?|txz)$", re.IGNORECASE), "tar -xf {name} -C {folder}"),
    (re.compile(r"\.7z$", re.IGNORECASE), "7z x {name} -o{folder}"),
    (re.compile(r"\.rar$", re.IGNORECASE), "unrar x {name} {folder}"),
    (re.compile(r"\.(zip|tar|7z|rar)\.0*1$", re.IGNORECASE), "cat {stem}.* > {stem}"),
    (re.compile(r"\.z01$", re.IGNORECASE), "zip -s 0 {stem}.zip --out whole.zip"),
)
_MAGIC = (
    (b"\x1f\x8b", "tar -xf {name} -C {folder}"),
    (b"BZh", "tar -xf {name} -C {folder}"),
    (b"\xfd7zXZ\0", "tar -xf {name} -C {folder}"),
    (b"\x28\xb5\x2f\xfd", "tar -xf {name} -C {folder}"),
    (b"7z\xbc\xaf\x27\x1c", "7z x {name} -o{folder}"),
    (b"Rar!", "unrar x {name} {folder}"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive.

    Attributes:
        archive: path below the raw folder, empty where the raw folder is the archive.
        offset: of its local header in a zip, of its data in a tar.
        stored: bytes that it takes there.
        size: bytes that it has.
        crc: CRC-32 of its bytes; 0 in a tar, which has none.
    """

    archive: str
    offset: int
    stored: int
    size: int
    form: Literal["tar", "stored", "deflated"]
    crc: int


def is_archive(name: str) -> bool:
    """Whether a file's name claims that it can be read in place."""
    return _ARCHIVE.search(name) is not None


def unpacking(path: Path) -> str:
    """The line that unpacks what cannot be read in place; empty for any other file. Told by its name alone."""
    for pattern, line in _UNPACKED_BY:
        if pattern.search(path.name):
            return _line(line, path)
    return ""


def members(path: Path, archive: str) -> dict[str, Member]:
    """Files of a zip or tar, told by its bytes; `archive` is what members call it.

    Links within are followed.

    Raises:
        UserError: it is neither, or damaged, or has members that are absolute, lead out of it, or unpack to far more
            than an archive of images would.
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        start = file.read(512)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        files, links = _zip(path, archive)
    elif tarfile.is_tarfile(path) and not start.startswith(tuple(magic for magic, _ in _MAGIC)):
        files, links = _tar(path, archive)
    else:
        raise _unknown(path, start)
    _refuse_bombs(path, files.values())
    return _follow(path, files, links)


def read(path: Path, member: Member) -> bytes:
    """Bytes of one member of the archive at `path`.

    Raises:
        OSError: it is cut off, or differs from its checksum.
    """
    with open(path, "rb") as file:
        file.seek(_data(file, member))
        data = file.read(member.stored)
    if len(data) < member.stored:
        raise OSError(5, f"{path.name} is cut off")
    if member.form == "deflated":
        try:
            data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, member.size + 1)
        except zlib.error:
            raise OSError(5, f"damaged in {path.name}") from None
    if len(data) != member.size or (member.form != "tar" and zlib.crc32(data) != member.crc):
        raise OSError(5, f"differs from its checksum in {path.name}")
    return data


def opened(path: Path, member: Member) -> BinaryIO:
    """One member as a file that can be sought; what is deflated is held in memory.

    Raises:
        OSError: as `read`.
    """
    if member.form == "deflated":
        return io.BytesIO(read(path, member))
    file = open(path, "rb")  # noqa: SIM115 - closed with the window
    return io.BufferedReader(_Window(file, _data(file, member), member.size))


class _Window(io.RawIOBase):
    """Part of a file."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._start, self._size, self._at = file, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._file.seek(self._start + self._at)
        data = self._file.read(max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def _data(file: BinaryIO, member: Member) -> int:
    """Where a member's bytes begin: a zip's local header may be longer than its directory says."""
    if member.form == "tar":
        return member.offset
    file.seek(member.offset)
    header = file.read(30)
    if header[:4] != b"PK\x03\x04":
        raise OSError(5, "the archive's directory points at no file")
    return member.offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")


def _zip(path: Path, archive: str) -> tuple[dict[str, Member], dict[str, str]]:
    files: dict[str, Member] = {}
    links: dict[str, str] = {}
    try:
        with zipfile.ZipFile(path) as opened:
            for info in opened.infolist():
                name = _safe(path, info.filename)
                if info.is_dir():
                    continue
                if info.flag_bits & 1:
                    raise UserError(f"{path} is encrypted", f"unpack it with its password: unzip {path}")
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise UserError(
                        f"{path} is packed by a method without random access",
                        f"unpack it: {_line('7z x {name}', path)}",
                    )
                form: Literal["stored", "deflated"] = (
                    "stored" if info.compress_type == zipfile.ZIP_STORED else "deflated"
                )
                member = Member(archive, info.header_offset, info.compress_size, info.file_size, form, info.CRC)
                if stat.S_ISLNK(info.external_attr >> 16):
                    links[name] = posixpath.join(posixpath.dirname(name), _link_target(path, member))
                else:
                    files[name] = member
    except zipfile.BadZipFile as error:
        raise UserError(f"{path} is damaged or cut off ({error})", "fetch it again") from None
    return files, links


def _link_target(path: Path, member: Member) -> str:
    if member.size > 4096:
        raise _hostile(path, "a link of more than 4,096 bytes")
    return read(path, member).decode("utf-8", "surrogateescape")


def _tar(path: Path, archive: str) -> tuple[dict[str, Member], dict[str, str]]:
    files: dict[str, Member] = {}
    links: dict[str, str] = {}
    end = path.stat().st_size
    try:
        with tarfile.open(path, "r:") as opened:
            for info in _each(opened):
                name = _safe(path, info.name)
                if info.issym():
                    links[name] = posixpath.join(posixpath.dirname(name), info.linkname)
                elif info.islnk():
                    links[name] = info.linkname
                elif info.isfile() and not info.issparse():
                    if info.offset_data + info.size > end:
                        raise UserError(f"{path} is cut off within {info.name}", "fetch it again")
                    files[name] = Member(archive, info.offset_data, info.size, info.size, "tar", 0)
                elif not info.isdir():
                    raise _hostile(path, f"{info.name}, which is no file, folder or link")
            _check_end(path, opened.offset)
    except (tarfile.TarError, EOFError) as error:
        raise UserError(f"{path} is damaged or cut off ({error})", "fetch it again") from None
    return files, links


def _check_end(path: Path, at: int) -> None:
    """Listing stops without a word at a damaged header: what follows the last member must be zeros or nothing."""
    with open(path, "rb") as file:
        file.seek(at)
        if file.read(512).strip(b"\0"):
            raise UserError(f"{path} is damaged at byte {at:,}", "fetch it again")


def _each(opened: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """All members, none of them kept."""
    while (info := opened.next()) is not None:
        yield info
        opened.members.clear()  # type: ignore[attr-defined]


def _safe(path: Path, name: str) -> str:
    """A member's name, relative and without `..`."""
    plain = name.replace("\\", "/")
    if plain.startswith("/") or re.match(r"[A-Za-z]:/", plain) or ".." in plain.split("/"):
        raise _hostile(path, f"{name!r}, which leads out of it")
    return posixpath.normpath(plain)


def _follow(path: Path, files: dict[str, Member], links: dict[str, str]) -> dict[str, Member]:
    """With each link as the file that it leads to; links to folders or to nothing are left out."""
    found = dict(files)
    for name, target in links.items():
        for _ in range(len(links) + 1):
            target = posixpath.normpath(target.replace("\\", "/"))
            if target.startswith(("/", "..")):
                raise _hostile(path, f"the link {name!r}, which leads out of it")
            if target not in links:
                break
            target = links[target]
        if target in files:
            found[name] = files[target]
    return found


def _refuse_bombs(path: Path, found: Iterable[Member]) -> None:
    total = stored = 0
    for member in found:
        total += member.size
        stored += member.stored
        if member.size > _LARGE and member.size > _MAX_RATIO * member.stored:
            raise _hostile(path, f"a file of {member.stored:,} bytes that unpacks to {member.size:,}")
    there = path.stat().st_size
    if stored > there:
        raise _hostile(path, "files that share their bytes")
    if total > _LARGE and total > _MAX_RATIO * there:
        raise _hostile(path, f"{total:,} bytes in {there:,}")


def _unknown(path: Path, start: bytes) -> UserError:
    for magic, line in _MAGIC:
        if start.startswith(magic):
            return UserError(
                f"{path} is compressed as a whole: no file in it can be read alone", f"unpack it: {_line(line, path)}"
            )
    if (told := told_by_start(start)) is not None:
        return UserError(f"{path} is no archive: {told}", "fetch it again")
    if not start:
        return UserError(f"{path} has no bytes", "fetch it again")
    return UserError(f"{path} is no zip and no tar", "give the folder into which the dataset was unpacked")


def _hostile(path: Path, what: str) -> UserError:
    return UserError(f"{path} holds {what}", "no dataset needs that: fetch it again from its publisher")


def _line(line: str, path: Path) -> str:
    stem = path.with_suffix("")
    folder = shlex.quote(str(stem.with_suffix("") if stem.suffix.lower() == ".tar" else stem))
    made = f"mkdir -p {folder} && " if "{folder}" in line else ""
    return made + line.format(name=shlex.quote(str(path)), folder=folder, stem=shlex.quote(str(stem)))

"""Deterministic tars: our own USTAR headers, so that bytes depend on members alone, and a scanner for them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

BLOCK = 512
RECORD = 20 * BLOCK
MAX_NAME = 100
"""Bytes of a member's name; longer ones need an extension that not all readers know."""

_MAX_SIZE = 8**11 - 1  # eleven octal digits


@dataclass(frozen=True)
class Member:
    """A file in a tar: its name, and where its data lies."""

    name: str
    offset: int
    size: int


class TarWriter:
    """Writes members one after the other and digests the stream as it goes.

    Owner, group and time are zero, the mode is 0644, so equal members make equal bytes on every machine.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    def add(self, name: str, data: bytes) -> Member:
        """Appends one member.

        Raises:
            ValueError: the name is longer than 100 bytes or not ASCII, or the data have 8 GiB or more.
        """
        self._write(_header(name, len(data)))
        offset = self.size
        self._write(data)
        self._write(b"\0" * (-len(data) % BLOCK))
        return Member(name, offset, len(data))

    def close(self) -> tuple[str, int]:
        """Writes the end marks; the tar's sha256 and size in bytes."""
        self._write(b"\0" * (2 * BLOCK))
        self._write(b"\0" * (-self.size % RECORD))
        return self._digest.hexdigest(), self.size

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self.size += len(data)


def scan(path: Path) -> Iterator[Member]:
    """The members of a tar, headers checked.

    Raises:
        ValueError: a header that is not ours to read, or a tar that ends too early; names the offset.
    """
    size = path.stat().st_size
    with open(path, "rb") as file:
        at = 0
        while True:
            block = file.read(BLOCK)
            if len(block) < BLOCK:
                raise ValueError(f"ends at byte {at + len(block):,} without an end mark")
            if block == b"\0" * BLOCK:
                return
            name, length = parse_header(block, at)
            if at + BLOCK + length > size:
                raise ValueError(f"member {name} at byte {at:,} is cut off")
            yield Member(name, at + BLOCK, length)
            at += BLOCK + length + (-length % BLOCK)
            file.seek(at)


def parse_header(block: bytes, at: int) -> tuple[str, int]:
    """(name, size) of a USTAR header block.

    Raises:
        ValueError: the checksum does not fit; `at` is named as its place.
    """
    total = sum(block[:148]) + 8 * ord(" ") + sum(block[156:])
    try:
        stored = int(block[148:156].strip(b"\0 ") or b"-1", 8)
        length = int(block[124:136].strip(b"\0 ") or b"0", 8)
    except ValueError:
        stored, length = -1, 0
    if stored != total:
        raise ValueError(f"the header at byte {at:,} is damaged")
    return block[:100].rstrip(b"\0").decode("ascii", "replace"), length


def _header(name: str, size: int) -> bytes:
    encoded = name.encode("ascii")
    if len(encoded) > MAX_NAME:
        raise ValueError(f"member name longer than {MAX_NAME} bytes: {name}")
    if size > _MAX_SIZE:
        raise ValueError(f"member {name} has {size:,} bytes, more than a tar header can tell")
    block = bytearray(BLOCK)
    block[0 : len(encoded)] = encoded
    block[100:108] = b"0000644\0"
    block[108:124] = b"0000000\0" * 2
    block[124:136] = b"%011o\0" % size
    block[136:148] = b"00000000000\0"
    block[148:156] = b" " * 8
    block[156:157] = b"0"
    block[257:265] = b"ustar\x0000"
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)

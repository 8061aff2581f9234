"""Whether a file of `torch.save` is whole, told by its structure: nothing in it is unpickled."""

import io
import pickletools
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

_MAGIC = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."  # pickled MAGIC_NUMBER of torch/serialization.py
_BYTES = {"Double": 8, "Long": 8, "Float": 4, "Int": 4, "Half": 2, "BFloat16": 2, "Short": 2}


def is_whole(file: Path) -> bool:
    """True for a zip whose every entry has its checksum, and for the older form with all of its storages."""
    if zipfile.is_zipfile(file):
        return _is_whole_zip(file)
    with open(file, "rb") as opened:
        try:
            return _is_whole_sequence(opened)
        except (ValueError, TypeError, AttributeError, OverflowError, MemoryError):  # pickletools on other bytes
            return False


def _is_whole_zip(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as opened:
            has_object = any(name.endswith("data.pkl") for name in opened.namelist())
            return has_object and opened.testzip() is None
    except (zipfile.BadZipFile, EOFError, OSError):
        return False


def _is_whole_sequence(opened: BinaryIO) -> bool:
    """Five pickles (magic number, version, system, object, storage keys); then each storage's count and elements."""
    if opened.read(len(_MAGIC)) != _MAGIC:
        return False
    _skip(opened)
    _skip(opened)
    storages = _storages(opened)
    _skip(opened)
    here = opened.tell()
    return opened.seek(0, io.SEEK_END) - here == sum(
        8 + count * _BYTES.get(kind, 1) for kind, count in storages.values()
    )


def _storages(opened: BinaryIO) -> dict[str, tuple[str, int]]:
    """Kind and number of elements of every storage by its key, from the object's references to them.

    Such a reference is the tuple ("storage", class, key, device, count, view).
    """
    found: dict[str, tuple[str, int]] = {}
    memo: dict[Any, Any] = {}
    values: list[Any] = []
    for opcode, argument, _ in pickletools.genops(opened):
        if opcode.name == "MARK":
            values = []
        elif opcode.name.endswith("PUT"):
            memo[argument] = values[-1] if values else None
        elif opcode.name.endswith("GET"):
            values.append(memo.get(argument))
        elif opcode.name == "BINPERSID":
            _, kind, key, _, count, *_ = values
            found[key] = kind.split()[-1].removesuffix("Storage"), count
        else:
            values.append(argument)
    return found


def _skip(opened: BinaryIO) -> None:
    for _ in pickletools.genops(opened):
        pass

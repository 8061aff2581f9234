"""The one way to write a file: a temporary name in the same folder, flush, rename."""

import os
import platform
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TEMPORARY = re.compile(r"\..+\.(\d+)@(.*)-[0-9a-f]{8}\.tmp(\.wal)?")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a temporary path; when the block ends well, it becomes `path` in one step.

    The temporary name lies beside the target, since a rename is atomic within one file system only. Where the
    block raises, the temporary file is removed and `path` is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".{path.name}.{os.getpid()}@{platform.node()}-{secrets.token_hex(4)}.tmp"
    try:
        yield temporary
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def write_bytes(path: Path, data: bytes) -> None:
    """`path` holds `data`, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """`path` holds `text` as UTF-8, whole or not at all."""
    write_bytes(path, text.encode())


def remove_orphans(folder: Path) -> None:
    """Removes temporary files left by a kill: those of processes of this machine that are gone."""
    for path in folder.glob(".*.tmp*"):
        match = _TEMPORARY.fullmatch(path.name)
        if match and match[2] == platform.node() and not _is_alive(int(match[1])):
            path.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    try:  # one that was killed and that nobody has waited for still answers (Linux tells it by its state)
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return True


def _sync_folder(folder: Path) -> None:
    """The rename itself reaches the disk; file systems that cannot sync a folder are left alone."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)

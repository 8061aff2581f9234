"""One file over HTTP: resumed where an earlier try stopped, checked before it bears its name."""

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from pathlib import Path

from shards.console import progress
from shards.errors import UserError

TIMEOUT_SECONDS = 30.0
_CHUNK = 1 << 20
_PARTIAL = 206


class Unreachable(ConnectionError):
    """The address gave nothing; what an earlier try left is kept."""


def download(
    address: str, path: Path, *, sha256: str = "", size: int = 0, timeout: float = TIMEOUT_SECONDS, quiet: bool = False
) -> str:
    """Fetches a file; what has arrived stays beside it as `NAME.part` until all has.

    Args:
        address: http or https.
        path: where it shall lie; it exists only once it is whole.
        sha256: what it must have; empty where nobody has published one.
        size: bytes, for the progress; 0 where unknown.
        timeout: seconds without an answer.
        quiet: no progress.

    Returns:
        Its sha256.

    Raises:
        Unreachable: there is no network, the server refuses, or it fell silent; the same call goes on.
        UserError: the bytes are not those of the digest; they are removed.
    """
    part = path.with_name(f"{path.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    resumed = part.is_file()
    _append(address, part, size, timeout, quiet=quiet)
    found = digest(part)
    if sha256 and found != sha256 and resumed:  # an earlier try may have left something else: once more, from the start
        part.unlink()
        _append(address, part, size, timeout, quiet=quiet)
        found = digest(part)
    if sha256 and found != sha256:
        part.unlink()
        raise UserError(
            f"{address} gave a file with sha256 {found[:16]}..., expected is {sha256[:16]}...",
            "it has changed, or a proxy answered: fetch it by hand and compare",
        )
    os.replace(part, path)
    return found


def digest(path: Path) -> str:
    """sha256 of a file, hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _append(address: str, part: Path, size: int, timeout: float, *, quiet: bool) -> None:
    """What is still missing, behind what is there; from the start where the server cannot go on."""
    have = part.stat().st_size if part.is_file() else 0
    request = urllib.request.Request(address, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            have = have if answer.status == _PARTIAL else 0
            total = have + int(answer.headers.get("Content-Length") or 0)
            with open(part, "r+b" if have else "wb") as file, progress(size or total, "bytes", quiet=quiet) as shown:
                file.seek(have)
                file.truncate()
                shown.advance(have)
                while chunk := answer.read(_CHUNK):
                    file.write(chunk)
                    shown.advance(len(chunk))
                if total > have and file.tell() != total:  # the connection ended early
                    raise Unreachable(f"{address}: {file.tell():,} of {total:,} bytes arrived")
    except urllib.error.HTTPError as error:
        if error.code != 416:  # nothing is missing any more
            raise Unreachable(f"{address}: {error.code} {error.reason}") from None
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise Unreachable(f"{address}: {getattr(error, 'reason', error)}") from None

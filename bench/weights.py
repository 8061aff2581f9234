"""Weights that are not ours: what each is for, where it comes from, and the copy in a home."""

import hashlib
import os
import shutil
import tomllib
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

from shards.atomic import replacing
from shards.console import progress
from shards.errors import UserError, unknown
from shards.home import Home

_CONNECT_SECONDS = 4.0
_CHUNK = 1 << 20
_refused: set[str] = set()


@dataclass(frozen=True)
class Weights:
    """An entry of weights.toml.

    Attributes:
        kind: one file of known digest, or a folder in the layout of its library.
        address: for people; a `file` with a digest is also downloaded from there.
    """

    name: str
    title: str
    purpose: str
    licence: str
    kind: Literal["file", "folder"]
    address: str
    file: str = ""
    bytes: int = 0
    sha256: str = ""

    def path(self, home: Home) -> Path:
        """Where its copy lies, or would lie."""
        return home.weights / self.name / self.file


@cache
def registry() -> dict[str, Weights]:
    """Every entry by name."""
    text = resources.files("bench").joinpath("weights.toml").read_text()
    return {name: Weights(name=name, **entry) for name, entry in tomllib.loads(text).items()}


def get(name: str) -> Weights:
    """The entry of that name.

    Raises:
        UserError: there is none.
    """
    if name not in registry():
        raise unknown("weights", name, registry())
    return registry()[name]


def require(name: str, home: Home) -> Path:
    """The local copy.

    Raises:
        UserError: it is not there; names the command.
    """
    entry = get(name)
    if not entry.path(home).exists():
        raise UserError(
            f"weights {name!r} ({entry.purpose}) are not in {home.weights}",
            f"download {entry.address}, then `python -m bench weights add {name} PATH`",
        )
    return entry.path(home)


def find_or_fetch(name: str, home: Home, *, quiet: bool = False) -> Path | None:
    """The local copy, downloaded now where the network allows; None where neither is to be had.

    Fails fast and without noise where there is no network, or where IR500K_OFFLINE is set.
    """
    entry = get(name)
    path = entry.path(home)
    if path.exists():
        return path
    if entry.kind != "file" or os.environ.get("IR500K_OFFLINE") or name in _refused:
        return None
    try:
        _download(entry, path, quiet=quiet)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        _refused.add(name)  # a network that is closed stays closed: one attempt in a process
        return None
    return path


def add(name: str, source: Path, home: Home) -> Path:
    """Takes a local file or folder into the home.

    Raises:
        UserError: it does not exist, is of the wrong kind, or differs from the known digest.
    """
    entry = get(name)
    if not source.exists():
        raise UserError(f"{source} does not exist", f"download {entry.address}")
    if source.is_dir() != (entry.kind == "folder"):
        raise UserError(f"{source} is a {'folder' if source.is_dir() else 'file'}", f"{name} is a {entry.kind}")
    path = entry.path(home)
    if entry.kind == "folder":
        if not list(source.glob("*.safetensors")):
            raise UserError(f"{source} holds no .safetensors file", f"download {entry.address}")
        shutil.copytree(source, path, dirs_exist_ok=True)
        return path
    found = _digest(source)
    if found != entry.sha256:
        raise UserError(
            f"{source} has sha256 {found[:16]}..., {name} has {entry.sha256[:16]}...",
            f"a truncated download or another network: download {entry.address} again",
        )
    with replacing(path) as temporary:
        shutil.copyfile(source, temporary)
    return path


def _download(entry: Weights, path: Path, *, quiet: bool) -> None:
    with urllib.request.urlopen(entry.address, timeout=_CONNECT_SECONDS) as answer, replacing(path) as temporary:
        digest = hashlib.sha256()
        with open(temporary, "wb") as file, progress(entry.bytes, "bytes", quiet=quiet) as shown:
            while chunk := answer.read(_CHUNK):
                file.write(chunk)
                digest.update(chunk)
                shown.advance(len(chunk))
        if digest.hexdigest() != entry.sha256:
            raise ConnectionError(f"{entry.address} gave other bytes than {entry.sha256}")


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

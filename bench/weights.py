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
        file: its name in the home.
        address: where people find it; with a known digest it is also downloaded from there.
        sha256: empty where no digest is known; then a safetensors file must at least be whole.
    """

    name: str
    title: str
    purpose: str
    licence: str
    file: str
    address: str
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
    if not entry.sha256 or os.environ.get("IR500K_OFFLINE") or name in _refused:
        return None
    try:
        _download(entry, path, quiet=quiet)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        _refused.add(name)  # a network that is closed stays closed: one attempt in a process
        return None
    return path


def add(name: str, source: Path, home: Home) -> Path:
    """Takes a local file into the home.

    Raises:
        UserError: it does not exist, differs from the known digest, or is no whole safetensors file.
    """
    entry = get(name)
    if not source.is_file():
        raise UserError(f"{source} is not a file", f"download {entry.address}")
    found = _digest(source)
    if entry.sha256 and found != entry.sha256:
        raise UserError(
            f"{source} has sha256 {found[:16]}..., {name} has {entry.sha256[:16]}...",
            f"a truncated download or another network: download {entry.address} again",
        )
    if not entry.sha256 and entry.file.endswith(".safetensors"):
        _check_safetensors(source, entry)
    path = entry.path(home)
    with replacing(path) as temporary:
        shutil.copyfile(source, temporary)
    return path


def _check_safetensors(source: Path, entry: Weights) -> None:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(source, framework="pt") as opened:
            opened.keys()
    except (SafetensorError, OSError) as error:
        raise UserError(f"{source} is no whole safetensors file ({error})", f"download {entry.address} again") from None


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

"""Weights that are not ours: what each is for, where it comes from, and the copy in a home."""

import argparse
import json
import os
import re
import shutil
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from bench import torch_file
from shards.atomic import replacing, write_text
from shards.console import Outcome, say, table
from shards.download import TIMEOUT_SECONDS, Unreachable, digest, download
from shards.errors import UserError, unknown
from shards.home import Home

_CONNECT_SECONDS = 4.0
_refused: set[str] = set()


@dataclass(frozen=True)
class Weights:
    """An entry of weights.toml.

    Attributes:
        file: its name in the home.
        address: where it is fetched from.
        sha256: empty where nobody has published one; then the file must at least be whole by its structure, and the
            copy in a home is held to the digest that it had when it came.
        fetched_unasked: a command that wants it fetches it, small and free as it is.
    """

    name: str
    title: str
    purpose: str
    licence: str
    file: str
    address: str
    bytes: int = 0
    sha256: str = ""
    fetched_unasked: bool = False

    @property
    def digest_begins(self) -> str:
        """What its sha256 begins with, as far as known: torch.hub's files carry eight digits of it in their name."""
        named = re.search(r"-([0-9a-f]{8})\.pth$", self.file)
        return self.sha256 or (named[1] if named else "")

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
            f"`python -m bench weights fetch {name}`, or with a local file `python -m bench weights add {name} FILE`",
        )
    return entry.path(home)


def find_or_fetch(name: str, home: Home, *, quiet: bool = False) -> Path | None:
    """The local copy, downloaded now where the network allows; None where neither is to be had.

    Fails fast and without noise where there is no network, or where IR500K_OFFLINE is set; says so where something
    else than the file came.
    """
    entry = get(name)
    if entry.path(home).exists():
        return entry.path(home)
    if not entry.fetched_unasked or os.environ.get("IR500K_OFFLINE") or name in _refused:
        return None
    try:
        return _download(entry, home, _CONNECT_SECONDS, quiet=quiet)
    except Unreachable:
        pass
    except UserError as error:  # a hotel's log-in page, say: nobody asked for this download
        say(f"{name}: {error.problem}; {error.remedy}")
    _refused.add(name)  # a network that is closed stays closed: one attempt in a process
    return None


def fetch(name: str, home: Home, *, quiet: bool = False) -> Path:
    """Downloads into the home, going on where an earlier try stopped; a whole copy is left alone, another is replaced.

    Raises:
        UserError: the network or the server refuse, or the file is not what it should be.
    """
    entry = get(name)
    if state(entry, home)[0] == "whole":
        return entry.path(home)
    if os.environ.get("IR500K_OFFLINE"):
        raise UserError("IR500K_OFFLINE is set", f"unset it, or `python -m bench weights add {name} FILE`")
    try:
        return _download(entry, home, TIMEOUT_SECONDS, quiet=quiet)
    except Unreachable as error:
        raise UserError(
            str(error), f"the same command goes on; or take it elsewhere: `python -m bench weights add {name} FILE`"
        ) from None


def add(name: str, source: Path, home: Home) -> Path:
    """Takes a local file into the home.

    Raises:
        UserError: it does not exist, differs from the known digest, or is not whole.
    """
    entry = get(name)
    if not source.is_file():
        raise UserError(f"{source} is not a file", f"download {entry.address}")
    found = digest(source)
    _check_whole(source, entry, found)
    path = entry.path(home)
    with replacing(path) as temporary:
        shutil.copyfile(source, temporary)
    return _noted(entry, path, found)


def state(entry: Weights, home: Home) -> tuple[str, str]:
    """("missing" | "whole" | "damaged", what is to be done): reads the whole file."""
    path = entry.path(home)
    if not path.exists():
        return "missing", f"`python -m bench weights fetch {entry.name}`"
    note = _note(path)
    expected = entry.sha256 or (note.read_text().split()[0] if note.is_file() else "")
    found = digest(path)
    if expected and found != expected:
        return "damaged", f"`python -m bench weights fetch {entry.name}` replaces it"
    try:
        _check_whole(path, entry, found)
    except UserError as error:
        return "damaged", f"{error.problem}: `python -m bench weights fetch {entry.name}` replaces it"
    return "whole", ""


def _download(entry: Weights, home: Home, timeout: float, *, quiet: bool) -> Path:
    path = entry.path(home)
    found = download(entry.address, path, sha256=entry.sha256, size=entry.bytes, timeout=timeout, quiet=quiet)
    try:
        _check_whole(path, entry, found)
    except UserError:
        path.unlink()
        raise
    return _noted(entry, path, found)


def _noted(entry: Weights, path: Path, found: str) -> Path:
    if not entry.sha256:
        write_text(_note(path), f"{found}  {path.name}\n")
    return path


def _note(path: Path) -> Path:
    """In the form of `sha256sum`."""
    return path.with_name(f"{path.name}.sha256")


def _check_whole(source: Path, entry: Weights, found: str) -> None:
    if not found.startswith(entry.digest_begins):
        raise UserError(
            f"{source} has sha256 {found[:16]}..., {entry.name} has {entry.digest_begins[:16]}...",
            f"a truncated download or another network: download {entry.address} again",
        )
    form = Path(entry.file).suffix
    if form in _FORMS and not _FORMS[form](source):
        raise UserError(f"{source} is no whole {form} file", f"download {entry.address} again")


def _is_whole_safetensors(source: Path) -> bool:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(source, framework="pt") as opened:
            opened.keys()
    except (SafetensorError, OSError):
        return False
    return True


def _is_whole_json(source: Path) -> bool:
    try:
        json.loads(source.read_bytes())
    except ValueError:
        return False
    return True


_FORMS: Mapping[str, Callable[[Path], bool]] = MappingProxyType(
    {
        ".safetensors": _is_whole_safetensors,
        ".pth": torch_file.is_whole,
        ".bin": torch_file.is_whole,
        ".json": _is_whole_json,
    }
)
"""By a file's ending: whether it is whole."""


def command(args: argparse.Namespace) -> Outcome:
    """`bench weights`: lists, fetches, adds or verifies; exit code 1 where a copy is damaged."""
    home = Home.find(args.home)
    if args.action in ("fetch", "add"):
        if not args.name or (args.action == "add") != bool(args.path):
            words = f"{args.action} NAME{' FILE' if args.action == 'add' else ''}"
            raise UserError(f"weights {args.action} takes other words", f"`python -m bench weights {words}`", code=2)
        quiet = args.quiet or args.json
        place = add(args.name, Path(args.path), home) if args.action == "add" else fetch(args.name, home, quiet=quiet)
        return Outcome(f"{args.name}: {place}", {"name": args.name, "path": str(place)})
    entries = [get(args.name)] if args.name else list(registry().values())
    if args.action == "verify":
        states = [(entry.name, *state(entry, home)) for entry in entries]
        whole = all(state == "whole" if args.name else state != "damaged" for _, state, _ in states)
        shown = table(["weights", "state", "what to do"], states)
        return Outcome(
            shown, {"weights": [dict(zip(("name", "state", "remedy"), s, strict=True)) for s in states]}, whole
        )
    found = [
        {
            "weights": entry.name,
            "here": "yes" if entry.path(home).exists() else "no",
            "for": entry.purpose,
            "licence": entry.licence,
            "MB": f"{entry.bytes / 1e6:.0f}" if entry.bytes else "?",
            "sha256": entry.digest_begins[:12] or "not published",
            "from": entry.address,
        }
        for entry in entries
    ]
    return Outcome(table(list(found[0]), [list(row.values()) for row in found]), {"weights": found})

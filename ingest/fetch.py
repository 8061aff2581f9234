"""Downloads of the few sources whose licence and host allow it; for the others, where to get what."""

import argparse
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from ingest.source import Git, Http, Source, get
from shards import console
from shards.download import Unreachable, digest
from shards.download import download as fetch_file
from shards.errors import UserError


def command(args: argparse.Namespace) -> console.Outcome:
    """`ingest fetch SOURCE DIR`."""
    if os.environ.get("IR500K_OFFLINE"):
        raise UserError("IR500K_OFFLINE is set", f"unset it; or by hand: {instructions(get(args.source))}")
    folder = fetch(get(args.source), Path(args.folder), quiet=args.quiet or args.json)
    return console.Outcome(f"next: python -m ingest {args.source} {folder}", {"raw": str(folder)})


def fetch(source: Source, folder: Path, *, quiet: bool = False) -> Path:
    """Downloads a source into a folder; what is there and whole stays, what broke off goes on.

    Returns:
        RAW for `ingest`.

    Raises:
        UserError: the source is not ours to download, or the host gives something else than what is declared.
    """
    if not source.fetch:
        raise UserError(f"{source.name} cannot be fetched", instructions(source))
    folder.mkdir(parents=True, exist_ok=True)
    for item in source.fetch:
        if isinstance(item, Git):
            clone(item, folder)
        else:
            download(item, folder, quiet=quiet)
    return folder


def instructions(source: Source) -> str:
    """Where a person gets the source, and which files."""
    if not source.page:
        return "it is not a download: give the folder that you have"
    files = f"; download {', '.join(source.files)}" if source.files else ""
    return f"see {source.page} ({source.licence}){files}"


def clone(repository: Git, folder: Path) -> Path:
    """Checks out one commit of a git repository; given again, goes on with what is there.

    Git itself proves by the commit's hash that every file is the one that was declared.

    Raises:
        UserError: git is not installed, fails, or the folder holds something else.
    """
    if shutil.which("git") is None:
        raise UserError("git is not installed", f"install git, or clone {repository.url} by hand")
    place = folder / PurePosixPath(urlsplit(repository.url).path).name.removesuffix(".git")
    if not (place / ".git").exists():
        if place.exists() and any(place.iterdir()):
            raise UserError(f"{place} holds something that is no clone", "give another folder, or empty this one")
        _git(["init", "--quiet", str(place)])
        _git(["remote", "add", "origin", repository.url], place)
    if _git(["remote", "get-url", "origin"], place).strip() != repository.url:
        raise UserError(f"{place} is a clone of another repository", "give another folder")
    # First the history alone, which is small: hosts send no commit by its shortened hash. Then the files of the commit.
    _git(["fetch", "--quiet", "--filter=blob:none", "origin"], place)
    if repository.paths:
        _git(["sparse-checkout", "set", "--no-cone", *(f"/{path}" for path in repository.paths)], place)
    _git(["checkout", "--quiet", "--force", "--detach", repository.commit], place)
    return place


def download(file: Http, folder: Path, *, quiet: bool = False) -> Path:
    """One file over HTTP: goes on where it broke off, and bears its name only once its sha256 is right.

    Raises:
        UserError: the host does not answer, or sends other bytes than declared.
    """
    path = folder / unquote(PurePosixPath(urlsplit(file.url).path).name)
    if path.exists():
        if digest(path) != file.sha256:
            raise UserError(f"{path} is not the file that the publisher had", "remove it, then fetch again")
        return path
    try:
        fetch_file(file.url, path, sha256=file.sha256, size=file.size, quiet=quiet)
    except Unreachable as error:
        raise UserError(str(error), "the same command goes on where it broke off") from None
    return path


def _git(words: Sequence[str], place: Path | None = None) -> str:
    where = ["-C", str(place)] if place else []
    quiet = os.environ | {"GIT_TERMINAL_PROMPT": "0"}  # a repository that went away asks for a password
    done = subprocess.run(["git", *where, *words], env=quiet, capture_output=True, text=True, errors="replace")
    if done.returncode:
        said = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]
        raise UserError(f"git {words[0]} failed: {said}", "the same command goes on where it broke off")
    return done.stdout

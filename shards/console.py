"""The one place that meets the terminal: commands, exit codes, the JSON document, progress and tables."""

import argparse
import errno
import importlib
import importlib.util
import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from shards.errors import UserError, unknown

PACKAGES = ("ingest", "shards", "splits", "models", "bench", "reports")


@dataclass(frozen=True)
class Outcome:
    """What a command found.

    Attributes:
        text: for people, on stdout.
        data: the same for machines, the `data` of the JSON document.
        ok: False where a check found something: exit code 1.
    """

    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    ok: bool = True


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line, with the nearest known word."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Ends with a usage error."""
        match = re.fullmatch(r"argument (.+): invalid choice: '(.*)' \(choose from (.*)\)", message)
        if match:
            kind = "command" if match[1] == "COMMAND" else f"choice for {match[1]}"
            raise unknown(kind, match[2], re.findall(r"[\w-]+", match[3]))
        raise UserError(message, f"see `{self.prog} --help`", code=2)


def positive(text: str) -> int:
    """An argument that counts something: a whole number from 1 on.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


class Commands:
    """The commands of one package; each names the function that runs it, imported only when it is called."""

    def __init__(self, package: str, about: str) -> None:
        self.parser = Parser(prog=f"python -m {package}", description=about)
        self._sub = self.parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)

    def add(self, name: str, target: str, about: str) -> argparse.ArgumentParser:
        """A command `name` that calls `target` ("package.module:function") with the parsed arguments."""
        parser = self._sub.add_parser(name, help=about, description=about)
        parser.set_defaults(target=target)
        parser.add_argument(
            "--home", metavar="DIR", help="folder of all that is made (default $IR500K_HOME or ~/ir500k)"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document on stdout")
        parser.add_argument("--quiet", action="store_true", help="no progress on stderr")
        parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
        return parser


def run(build: Callable[[], Commands], argv: Sequence[str] | None = None) -> int:
    """Runs one command line and returns its exit code.

    0 done; 1 the user must act, or a check found something; 2 usage; 130 and 143 signals.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    as_json, debug = "--json" in words, "--debug" in words
    command = ""
    # Threads that wait by spinning slow torch twentyfold as soon as another process wants a core.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Work is spread over cores image by image and scene by scene; threads of NumPy's BLAS below that get in the way.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    signal.signal(signal.SIGTERM, _on_terminate)
    try:
        check_packages()
        commands = build()
        args = commands.parser.parse_args(words)
        command = f"{commands.parser.prog.removeprefix('python -m ')} {args.command}"
        module, function = args.target.split(":")
        outcome: Outcome = getattr(importlib.import_module(module), function)(args)
        if as_json:
            _print_document(command, outcome.ok, outcome.data, [])
        elif outcome.text:
            print(outcome.text)
        sys.stdout.flush()
        return 0 if outcome.ok else 1
    except (UserError, OSError) as error:
        if debug:
            raise
        if isinstance(error, BrokenPipeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 141
        problem = error if isinstance(error, UserError) else _of_system(error)
        if as_json:
            _print_document(command, False, {}, [{"problem": problem.problem, "remedy": problem.remedy}])
        say(f"error: {problem}")
        return problem.code
    except KeyboardInterrupt:
        say("interrupted; the same command goes on from here")
        return 130
    except _Terminated:
        say("terminated; the same command goes on from here")
        return 143


def main() -> int:
    """`ir500k PACKAGE ...`, the same as `python -m PACKAGE ...` from any folder."""
    words = sys.argv[1:]
    if not words or words[0] in {"-h", "--help"}:
        print(f"usage: ir500k {{{','.join(PACKAGES)}}} ...\n\nEach is a command of its own: `ir500k ingest --help`.")
        return 0 if words else 2
    if words[0] == "--version":
        from shards import __version__

        print(f"ir500k {__version__}")
        return 0
    try:
        check_packages()
        if words[0] not in PACKAGES:
            raise unknown("command", words[0], PACKAGES)
    except UserError as error:
        say(f"error: {error}")
        return error.code
    entry: Callable[[Sequence[str]], int] = importlib.import_module(f"{words[0]}.__main__").main
    return entry(words[1:])


def check_packages() -> None:
    """Our six packages have plain names; says which of them a stranger's folder shadows.

    Raises:
        UserError: a package does not lie beside the others.
    """
    ours = Path(__file__).resolve().parent.parent
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        origin = Path(spec.origin).resolve().parent if spec and spec.origin else None
        if origin != ours / name:
            place = origin or (list(spec.submodule_search_locations or ()) if spec else "nowhere")
            raise UserError(
                f"package {name!r} is taken from {place}, not from {ours}",
                "run `ir500k ...` instead of `python -m ...`, or leave that folder",
            )


def say(line: str) -> None:
    """One line for people on stderr."""
    print(line, file=sys.stderr, flush=True)


class Progress:
    """Counts what is done on stderr; a bar on a terminal, nothing elsewhere."""

    def __init__(self, total: int, unit: str, *, quiet: bool = False) -> None:
        self._bar: Any = None
        self._task: Any = None
        if sys.stderr.isatty() and not quiet:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.description}"),
                TimeRemainingColumn(),
            )
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task(unit, total=total)
        self._unit = unit

    def advance(self, count: int = 1, note: str = "") -> None:
        """`count` more are done; `note` stands beside the bar."""
        if self._bar is not None:
            self._bar.update(self._task, advance=count, description=f"{self._unit} {note}".strip())

    def close(self) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.stop()


@contextmanager
def progress(total: int, unit: str, *, quiet: bool = False) -> Iterator[Progress]:
    """A `Progress` that is taken away at the end."""
    shown = Progress(total, unit, quiet=quiet)
    try:
        yield shown
    finally:
        shown.close()


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Aligned columns; numbers to the right.

    >>> print(table(["source", "pairs"], [["llvip", 15488], ["m3fd", 4200]]))
    source  pairs
    llvip   15488
    m3fd     4200
    """
    cells = [[str(value) for value in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(headers), *cells]) for i in range(len(headers))]
    right = [all(isinstance(row[i], int | float) for row in rows) and bool(rows) for i in range(len(headers))]

    def line(row: Sequence[str]) -> str:
        return "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right, strict=True)).rstrip()

    return "\n".join([line(headers), *(line(row) for row in cells)])


def duration(seconds: float) -> str:
    """Seconds as people read them.

    >>> duration(4.21), duration(95), duration(7380)
    ('4.2 s', '1 min 35 s', '2 h 3 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Elapsed time."""
        return time.monotonic() - self._start


class _Terminated(BaseException):
    pass


def _on_terminate(number: int, frame: FrameType | None) -> None:
    raise _Terminated


_REMEDIES = dict.fromkeys(
    (errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR),
    "check the path and its permissions, or give another --home",
) | {errno.ENOSPC: "free some space, or give another --home"}


def _of_system(error: OSError) -> UserError:
    place = f"{error.filename}: " if error.filename else ""
    return UserError(f"{place}{error.strerror or error}", _REMEDIES.get(error.errno or 0, ""))


def _print_document(command: str, ok: bool, data: Mapping[str, Any], errors: Sequence[Mapping[str, str]]) -> None:
    document = {"schema": "ir500k.output/1", "command": command, "ok": ok, "data": data, "errors": errors}
    print(json.dumps(document, indent=2, sort_keys=True, allow_nan=False, default=str))

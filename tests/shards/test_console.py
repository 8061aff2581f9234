"""The terminal: quick help, one line per error, exit codes that scripts can trust, one JSON document."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shards import console
from shards.console import Commands, Outcome, positive
from shards.errors import UserError, unknown
from shards.home import Home

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"torch", "numpy", "pyarrow", "duckdb", "cv2", "PIL", "pandas", "webdataset", "datasets", "rich"}


def outcome(args):
    """The command under test; what it does is its argument."""
    return {
        "done": lambda: Outcome("text", {"n": 1}),
        "found": lambda: Outcome("text", {"n": 2}, ok=False),
        "user": lambda: _raise(UserError("bad thing", "do this")),
        "usage": lambda: _raise(unknown("source", "lvip", ["llvip"])),
        "disk": lambda: _raise(OSError(28, "No space left on device", "/x/y")),
        "read-only": lambda: _raise(OSError(30, "Read-only file system", "/x/y")),
        "taken": lambda: _raise(FileExistsError(17, "File exists", "/x/y")),
        "interrupt": lambda: _raise(KeyboardInterrupt()),
        "term": lambda: os.kill(os.getpid(), signal.SIGTERM) or time.sleep(10),
        "bug": lambda: _raise(RuntimeError("a bug")),
    }[args.what]()


def _raise(error):
    raise error


@pytest.fixture
def run(monkeypatch):
    """`run(words)`: the exit code of a command of a package made for the test."""
    monkeypatch.setitem(sys.modules, "made_for_the_test", sys.modules[__name__])
    before = signal.getsignal(signal.SIGTERM)

    def build():
        commands = Commands("demo", "A demo.")
        parser = commands.add("act", "made_for_the_test:outcome", "acts")
        parser.add_argument("what")
        parser.add_argument("--count", type=positive, default=1)
        parser.add_argument("--store", choices=["raw", "png"])
        return commands

    yield lambda *words: console.run(build, words)
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    ("what", "code", "error"),
    [
        ("done", 0, ""),
        ("found", 1, ""),
        ("user", 1, "error: bad thing: do this\n"),
        ("usage", 2, "error: no source named 'lvip': did you mean llvip?\n"),
        ("disk", 1, "error: /x/y: No space left on device: free some space, or give another --home\n"),
        (
            "read-only",
            1,
            "error: /x/y: Read-only file system: check the path and its permissions, or give another --home\n",
        ),
        ("taken", 1, "error: /x/y: File exists: check the path and its permissions, or give another --home\n"),
        ("interrupt", 130, "interrupted; the same command goes on from here\n"),
        ("term", 143, "terminated; the same command goes on from here\n"),
    ],
)
def test_every_end_has_its_exit_code_and_at_most_one_line(run, capsys, what, code, error):
    assert run("act", what) == code
    assert capsys.readouterr().err == error


@pytest.mark.parametrize("what", ["done", "found", "user", "usage", "disk"])
def test_the_document_is_one_json_whatever_happens(run, capsys, what):
    code = run("act", what, "--json")
    document = json.loads(capsys.readouterr().out)
    assert sorted(document) == ["command", "data", "errors", "ok", "schema"]
    assert (document["command"], document["ok"]) == ("demo act", code == 0)
    assert bool(document["errors"]) == (what not in {"done", "found"})


@pytest.mark.parametrize("words", [["act"], ["act", "done", "--cuont", "3"], ["nothing"], []])
def test_usage_errors_are_one_line_and_a_document_too(run, capsys, words):
    assert run(*words) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert run(*words, "--json") == 2
    assert json.loads(capsys.readouterr().out)["ok"] is False


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["atc", "done"], "no command named 'atc': did you mean act?"),
        (["act", "done", "--store", "pgn"], "no choice for --store named 'pgn': did you mean png?"),
        (["act", "done", "--count", "0"], "'0' is not a whole number from 1 on"),
        (["act", "done", "--count", "many"], "'many' is not a whole number from 1 on"),
        (["act", "done", "--sto", "png"], "unrecognized arguments: --sto png"),
    ],
)
def test_a_wrong_word_gets_the_nearest_right_one(run, capsys, words, said):
    assert run(*words) == 2
    assert said in capsys.readouterr().err


def test_debug_shows_where_an_error_comes_from_and_bugs_are_never_hidden(run):
    with pytest.raises(UserError):
        run("act", "user", "--debug")
    with pytest.raises(RuntimeError):
        run("act", "bug")


@pytest.mark.parametrize("package", ["shards", "ingest", "splits"])
def test_help_imports_nothing_heavy_and_is_quick(package):
    script = (
        "import runpy, sys, time\n"
        "try: runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)\n"
        "except SystemExit as end: print(end.code, time.process_time(), *sys.modules, file=sys.stderr)"
    )
    for words in (["--help"], [{"shards": "verify", "ingest": "take", "splits": "build"}[package], "--help"]):
        done = subprocess.run(
            [sys.executable, "-c", script, package, *words],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
        code, seconds, *modules = done.stderr.split()
        assert code == "0"
        assert "usage: python -m" in done.stdout
        assert HEAVY & set(modules) == set()
        assert float(seconds) < 0.5, "of the processor; a busy machine may take longer by the clock"


def test_a_strangers_package_in_the_current_folder_is_named(command, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "__init__.py").touch()
    done = command("ingest", "sources", cwd=tmp_path)
    assert done.returncode == 1
    assert f"package 'models' is taken from {tmp_path}/models, not from {ROOT}" in done.stderr
    assert "run `ir500k ...` instead" in done.stderr
    assert done.stderr.count("\n") == 1


def test_folders_that_are_no_packages_do_no_harm(command, tmp_path):
    for name in ("models", "reports", "splits"):
        (tmp_path / name).mkdir()
    done = command("ingest", "sources", "--home", tmp_path / "home", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_hangs_up_is_no_error(tmp_path):
    done = subprocess.run(
        f"{sys.executable} -m ingest sources --home {tmp_path} | true; echo ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() in {"0", "141"}
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "usage: ir500k"),
        (["--help"], 0, "usage: ir500k"),
        (["--version"], 0, "ir500k 0."),
        (["ingst"], 2, "did you mean ingest?"),
        (["splits", "list"], 0, "roadscene"),
    ],
)
def test_the_console_script_runs_the_packages_by_name(monkeypatch, capsys, tmp_path, words, code, said):
    monkeypatch.setenv("IR500K_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["ir500k", *words])
    assert console.main() == code
    assert said in "".join(capsys.readouterr())


def test_the_home_is_the_given_one_else_the_environment_s_else_in_the_user_s(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("IR500K_HOME", raising=False)
    assert Home.find().root == tmp_path / "ir500k"
    monkeypatch.setenv("IR500K_HOME", "~/data")
    assert Home.find().root == tmp_path / "data"
    assert Home.find("/x").root == Path("/x")
    assert list(tmp_path.iterdir()) == [], "asking creates nothing"


def test_progress_is_silent_where_nobody_watches(capsys):
    with console.progress(3, "samples") as shown:
        shown.advance(2, "note")
    assert capsys.readouterr() == ("", "")

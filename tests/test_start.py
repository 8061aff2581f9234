"""Start-up: what `--help` may import, and that every command answers."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "numpy", "pandas", "duckdb", "pyarrow", "cv2", "PIL", "webdataset", "datasets", "matplotlib"}


@pytest.mark.parametrize("package", ["ingest", "shards", "splits", "models", "bench", "reports"])
def test_help_imports_nothing_heavy(package):
    program = (
        "import sys, contextlib, io\n"
        f"from {package}.__main__ import main\n"
        "with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):\n"
        "    main(['--help'])\n"
        "assert 'usage' in out.getvalue()\n"
        f"print(sorted(set(sys.modules) & {HEAVY!r}))\n"
    )
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_console_script_names_the_packages(capsys, monkeypatch):
    from shards.console import main

    monkeypatch.setattr(sys, "argv", ["ir500k"])
    assert main() == 2
    monkeypatch.setattr(sys, "argv", ["ir500k", "bnech"])
    assert main() == 2
    found = capsys.readouterr()
    assert "did you mean bench" in found.err

"""`ingest new` writes a source that is found and whose contract test fails until it is filled in."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.skeleton import new
from shards.errors import UserError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path):
    """A copy of what the contract test needs, apart from the tree in which others work."""
    for name in ("ingest", "shards", "splits", "models", "bench", "reports", "tests/ingest"):
        shutil.copytree(ROOT / name, tmp_path / "checkout" / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "checkout")
    return tmp_path / "checkout"


def contract(checkout, name):
    """Exit code and output of the contract tests of one source."""
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/ingest/test_contract.py", "-k", f"[{name}"]
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    done = subprocess.run(
        [sys.executable, *words], cwd=checkout, env=environment, capture_output=True, text=True, timeout=120
    )
    return done.returncode, done.stdout


@pytest.mark.slow
def test_the_contract_fails_for_a_skeleton_and_holds_once_it_is_filled_in(checkout):
    declaration, publisher = new("my_set", checkout)
    code, said = contract(checkout, "my_set")
    assert code == 1
    assert "[my_set-tree]" in said
    filled = declaration.read_text().replace('licence=""', 'licence="mine"').replace('band="unknown"', 'band="lwir"')
    declaration.write_text(filled)
    counts = 'pairs=1, subsets={"all": 1}, scenes={"0001": 1}'
    publisher.write_text(publisher.read_text().replace("pairs=0, subsets={}, scenes={}", counts))
    code, said = contract(checkout, "my_set")
    assert code == 0, said
    with pytest.raises(UserError, match="the name my_set is taken"):
        new("my_set", checkout)


def test_names_that_do_not_fit_and_names_that_are_taken_are_refused(tmp_path):
    (tmp_path / "tests/ingest/publishers").mkdir(parents=True)
    for name in ("My-Set", "", "a__b", "../x"):
        with pytest.raises(UserError, match="does not fit into keys"):
            new(name, tmp_path)
    for name in ("llvip", "check"):
        with pytest.raises(UserError, match=f"the name {name} is taken"):
            new(name, tmp_path)


def test_it_is_written_into_a_checkout_and_nowhere_else(tmp_path):
    with pytest.raises(UserError, match="is no checkout"):
        new("my_set", tmp_path)

"""A worker that dies or hangs costs its shard alone; the same command mends it."""

import sys

import pytest

from ingest import engine
from ingest.plan import make_plan
from ingest.run import ingest
from ingest.tree import open_tree
from shards import part

# A source whose box reader does what the file says. Workers are spawned, so it must be a module that they can import.
DEADLY = """
import os, signal, time
from pathlib import Path

from ingest.annotations.form import BoxFiles, whole
from ingest.source import Layout, Source
from ingest.template import Template


def read(data):
    if data == b"die":
        os.kill(os.getpid(), signal.SIGKILL)
    if data == b"leave":
        os._exit(3)
    if data == b"sleep":
        time.sleep(600)
    if data == b"disk full":
        raise MemoryError("a bug")
    return []


SOURCE = Source(
    "deadly", "Deadly", 0, "lwir", "driving", "", "", False, "",
    [Layout("rgb/{id}", "ir/{id}", boxes=[BoxFiles(Template("box/{id}.txt", image=False), read, whole)])], scene="{id}",
)
"""


@pytest.fixture
def deadly(tmp_path, save, monkeypatch):
    """`deadly(words)`: the plan of a raw folder of eight one-pair shards, whose box files hold these words."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "deadly_source.py").write_text(DEADLY)
    monkeypatch.syspath_prepend(tmp_path / "code")
    monkeypatch.delitem(sys.modules, "deadly_source", raising=False)
    import deadly_source

    raw = tmp_path / "raw"
    for number in range(8):
        save(raw / f"rgb/{number}.png", number, channels=3)
        save(raw / f"ir/{number}.png", number + 10)
    (raw / "box").mkdir()

    def plan(words):
        for path in (raw / "box").iterdir():
            path.unlink()
        for number in range(8):
            (raw / f"box/{number}.txt").write_text(words.get(number, "fine"))
        return make_plan(deadly_source.SOURCE, open_tree(raw), per_shard=1)

    yield plan
    sys.modules.pop("deadly_source", None)


@pytest.mark.slow
def test_workers_that_die_or_hang_lose_their_shards_alone_and_the_next_run_mends_them(deadly, home, monkeypatch):
    monkeypatch.setattr(engine, "_SECONDS_AT_LEAST", 6.0)  # a busy machine needs seconds for what takes milliseconds
    monkeypatch.setattr(engine, "_SECONDS_PER_SAMPLE", 0.1)
    done = ingest(deadly({1: "die", 4: "sleep", 6: "leave"}), home, workers=2)
    reasons = {lost.shard: lost.reason for lost in done.lost}
    assert sorted(reasons) == ["all-00001", "all-00004", "all-00006"]
    assert "died with -9: out of memory, or killed" in reasons["all-00001"]
    assert "hung" in reasons["all-00004"]
    assert "died with 3" in reasons["all-00006"]
    assert (done.written, done.statuses) == (5, {"ok": 5})
    assert len([path for path in part.parts(home) if part.is_done(path)]) == 5
    again = ingest(deadly({}), home, workers=2)
    assert (again.written, again.kept, again.lost, again.statuses) == (3, 5, [], {"ok": 8})


@pytest.mark.slow
def test_a_bug_in_a_worker_is_not_hidden_and_ends_the_pool(deadly, home):
    with pytest.raises(MemoryError, match="a bug"):
        ingest(deadly({3: "disk full"}), home, workers=2)


def test_one_worker_works_in_this_process(deadly, home, monkeypatch):
    import multiprocessing

    monkeypatch.setattr(multiprocessing, "get_context", lambda *_: pytest.fail("started a process"))
    assert ingest(deadly({}), home, workers=1).statuses == {"ok": 8}


def test_cores_are_those_that_this_process_may_use():
    assert engine.workers_available() >= 1

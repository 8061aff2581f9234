"""A file is there whole or not at all."""

import os
import platform
import subprocess
import sys
import threading

import pytest

from shards.atomic import remove_orphans, replacing, write_text


def test_a_file_appears_only_when_the_block_ends_well(tmp_path):
    with replacing(tmp_path / "deep" / "a.txt") as temporary:
        temporary.write_text("new")
        assert not (tmp_path / "deep" / "a.txt").exists()
    assert (tmp_path / "deep" / "a.txt").read_text() == "new"
    assert os.listdir(tmp_path / "deep") == ["a.txt"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_block_that_raises_leaves_the_old_file_and_nothing_else(tmp_path, error):
    write_text(tmp_path / "a.txt", "old")

    def fail_half_way():
        with replacing(tmp_path / "a.txt") as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        fail_half_way()
    assert (tmp_path / "a.txt").read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_writers_at_the_same_time_do_not_mix(tmp_path):
    texts = [str(number) * 100_000 for number in range(8)]
    threads = [threading.Thread(target=write_text, args=(tmp_path / "a.txt", text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "a.txt").read_text() in texts
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_killed_process_that_nobody_waited_for_is_gone_too(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    orphan = tmp_path / f".a.tar.{child.pid}@{platform.node()}-0123abcd.tmp"
    orphan.touch()
    remove_orphans(tmp_path)
    child.wait()
    assert not orphan.exists()


def test_orphans_of_killed_processes_go_and_files_of_living_ones_stay(tmp_path):
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    dead, host = int(gone.stdout), platform.node()
    orphan = tmp_path / f".a.tar.{dead}@{host}-0123abcd.tmp"
    log = tmp_path / f".a.duckdb.{dead}@{host}-0123abcd.tmp.wal"
    others = [
        tmp_path / f".a.tar.{os.getpid()}@{host}-0123abcd.tmp",  # still written
        tmp_path / f".a.tar.1@{host}-0123abcd.tmp",  # somebody else's
        tmp_path / f".a.tar.{dead}@elsewhere-0123abcd.tmp",  # of another machine on the same disk
        tmp_path / ".notes.tmp",
        tmp_path / "a.tar",
    ]
    for path in (orphan, log, *others):
        path.touch()
    remove_orphans(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(others)

"""The manifest may go, age or rot at any time; it is built anew from the parts, and says who holds it."""

import os
import random
import subprocess
import sys
import time

import pytest

from shards import layer, manifest, part, schema
from shards.__main__ import main
from shards.errors import UserError
from shards.manifest import Manifest


def keys(home):
    with Manifest.open(home) as opened:
        return [row["key"] for row in opened.rows("select key from samples order by key")]


def test_every_row_of_every_part_is_in_it_with_its_types(llvip_home):
    with Manifest.open(llvip_home) as opened:
        found = opened.rows("select * exclude (part) from samples order by key")
        assert opened.sources() == ["llvip"]
        places = [row["path"] for row in opened.rows("select path from parts order by path")]
    assert places == ["llvip/test-00000.parquet", "llvip/train-00000.parquet"]
    parts = [row for path in part.parts(llvip_home) for row in part.read_rows(path)]
    assert found == sorted(parts, key=lambda row: row["key"])
    assert len(found) == 9


def test_a_fresh_one_is_opened_and_not_built_again(llvip_home):
    keys(llvip_home)
    before = llvip_home.manifest.stat()
    keys(llvip_home)
    assert llvip_home.manifest.stat().st_mtime_ns == before.st_mtime_ns
    assert llvip_home.manifest.stat().st_ino == before.st_ino


def test_it_follows_parts_tars_and_layers_that_come_and_go(llvip_home):
    assert len(keys(llvip_home)) == 9
    layer.write(llvip_home.annotations / "words" / "llvip" / "a.parquet", "captions", {"llvip-1": ["x"]}, {})
    with Manifest.open(llvip_home) as opened:
        assert opened.rows("select * from layers") == [{"name": "words", "kind": "captions", "source": "llvip"}]
    (llvip_home.shards / "llvip" / "test-00000.tar").unlink()  # a shard whose tar is gone does not exist
    assert len(keys(llvip_home)) == 6
    (llvip_home.shards / "llvip" / "train-00000.parquet").unlink()
    assert keys(llvip_home) == []


def test_an_empty_home_has_an_empty_manifest(home):
    with Manifest.open(home) as opened:
        assert opened.sources() == []
        assert opened.table("select * exclude (part) from samples").schema.names == [c[0] for c in schema.COLUMNS]


@pytest.mark.parametrize("content", [b"", b"no database", bytes(20_000), "half", "flipped"])
def test_a_damaged_one_is_built_anew_with_one_line_and_exit_code_0(llvip_home, content, capsys):
    good = keys(llvip_home)
    data = llvip_home.manifest.read_bytes()
    if content == "half":
        content = data[: len(data) // 2]
    elif content == "flipped":
        content = data[:4100] + bytes([data[4100] ^ 255]) + data[4101:]
    llvip_home.manifest.write_bytes(content)
    assert main(["stats", "--home", str(llvip_home.root)]) == 0
    said = capsys.readouterr()
    assert said.err == f"{llvip_home.manifest} cannot be read; built anew from the parts\n"
    assert "train" in said.out
    assert keys(llvip_home) == good


def test_damage_anywhere_never_reaches_the_reader(llvip_home, capsys):
    good = keys(llvip_home)
    data = llvip_home.manifest.read_bytes()
    numbers = random.Random(0)
    for at in numbers.sample(range(len(data)), 12):
        llvip_home.manifest.write_bytes(data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :])
        assert keys(llvip_home) == good, f"byte {at}"


def test_a_wrong_query_is_not_taken_for_damage(llvip_home, capsys):
    import duckdb

    with Manifest.open(llvip_home) as opened, pytest.raises(duckdb.BinderException):
        opened.rows("select colour from samples")
    assert capsys.readouterr().err == ""


def test_a_damaged_part_is_an_error_that_names_the_next_command(llvip_home):
    path = llvip_home.shards / "llvip" / "train-00000.parquet"
    data = bytearray(path.read_bytes())
    data[4:2000] = bytes(1996)
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"manifest.duckdb cannot be built .*python -m shards verify"):
        Manifest.open(llvip_home)
    assert not list(llvip_home.root.glob(".*"))


def test_a_home_that_cannot_be_written_is_said(llvip_home, monkeypatch):
    import duckdb

    def refuse(path, **_):
        raise duckdb.IOException(f'IO Error: Cannot open file "{path}": Read-only file system')

    monkeypatch.setattr(duckdb, "connect", refuse)
    with pytest.raises(UserError, match=r"Read-only file system.*must be writable"):
        Manifest.open(llvip_home)


def test_streaming_gives_every_row_once_in_order(llvip_home, monkeypatch):
    monkeypatch.setattr(manifest, "_BATCH", 2)
    with Manifest.open(llvip_home) as opened:
        found = [row["key"] for row in opened.stream("select key from samples order by key")]
    assert found == keys(llvip_home)


def test_another_process_that_holds_it_is_waited_for_and_then_named(llvip_home, monkeypatch, capsys):
    keys(llvip_home)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()",
            llvip_home.manifest,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "held\n"
    monkeypatch.setattr(manifest, "_LOCK_PATIENCE_S", 0.5)
    begin = time.monotonic()
    try:
        assert main(["stats", "--home", str(llvip_home.root)]) == 1
    finally:
        holder.communicate("")
    assert 0.5 < time.monotonic() - begin < 30
    error = capsys.readouterr().err
    assert f"manifest.duckdb is held by {os.path.realpath(sys.executable)}, process {holder.pid}" in error
    assert error.count("\n") == 1
    assert main(["stats", "--home", str(llvip_home.root)]) == 0


def test_readers_share_it(llvip_home):
    keys(llvip_home)
    script = "import duckdb, sys; print(duckdb.connect(sys.argv[1], read_only=True).sql('from samples').count('*'))"
    with Manifest.open(llvip_home):
        done = subprocess.run([sys.executable, "-c", script, llvip_home.manifest], capture_output=True, text=True)
    assert (done.returncode, "9" in done.stdout) == (0, True)


def test_an_old_one_of_another_schema_is_stale(llvip_home, monkeypatch):
    keys(llvip_home)
    before = llvip_home.manifest.stat().st_ino
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    assert keys(llvip_home) == []  # parts of the former schema are not done
    assert llvip_home.manifest.stat().st_ino != before

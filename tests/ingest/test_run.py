"""What is done stays done: any interruption ends in the bytes of an uninterrupted run, any damage is mended."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shards import layer, part
from shards.home import Home
from shards.verify import verify

ROOT = Path(__file__).resolve().parents[2]


def contents(home):
    """Bytes of every file that ingest makes."""
    return {p.relative_to(home.root).as_posix(): p.read_bytes() for p in home.root.rglob("*") if p.is_file()}


def times(home):
    return {p: p.stat().st_mtime_ns for p in home.root.rglob("*")}


def start(raw, home, *options):
    return subprocess.Popen(
        [sys.executable, "-m", "ingest", "llvip", raw, "--home", home.root, *options],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell that runs the tests in the background lets them ignore SIGINT, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def wait_for_parts(home, count, process):
    deadline = time.monotonic() + 60
    while len(list(home.shards.glob("llvip/*.parquet"))) < count:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.fixture(scope="module")
def big(make_llvip, tmp_path_factory):
    """150 pairs, enough to be interrupted."""
    return make_llvip(tmp_path_factory.mktemp("big") / "LLVIP", train=120, test=30)


@pytest.fixture(scope="module")
def whole(big, take, tmp_path_factory):
    """The home of an uninterrupted run by one worker."""
    home = Home(tmp_path_factory.mktemp("whole"))
    assert take("llvip", big, home, "--per-shard", "2") == 0
    return home


def test_a_second_run_changes_no_byte_and_no_time(llvip_home, llvip_raw, take, capsys):
    before = contents(llvip_home), times(llvip_home)
    assert take("llvip", llvip_raw, llvip_home) == 0
    assert "0 shards written, 2 kept" in capsys.readouterr().out
    assert (contents(llvip_home), times(llvip_home)) == before


@pytest.mark.slow
def test_kill_9_in_the_middle_and_again_with_two_workers_ends_in_the_same_bytes(big, whole, home):
    process = start(big, home, "--per-shard", "2", "--workers", "2")
    wait_for_parts(home, 8, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    kept = {path: path.stat().st_mtime_ns for path in part.parts(home) if part.is_done(path)}
    assert 8 <= len(kept) < 75
    process = start(big, home, "--per-shard", "2", "--workers", "2")
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert f"llvip: 150 pairs ok, 0 failed; {75 - len(kept)} shards written, {len(kept)} kept" in out
    assert contents(home) == contents(whole)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_in_one_line_and_the_same_command_goes_on(big, whole, home, take, capsys, number, code):
    process = start(big, home, "--per-shard", "2", "--workers", "2")
    wait_for_parts(home, 5, process)
    os.killpg(process.pid, number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert err == f"{ {130: 'interrupted', 143: 'terminated'}[code] }; the same command goes on from here\n"
    assert take("llvip", big, home, "--per-shard", "2") == 0
    assert contents(home) == contents(whole)


def test_shares_together_equal_the_whole(big, whole, home, take, capsys):
    for share in ("2/3", "3/3", "1/3"):
        assert take("llvip", big, home, "--per-shard", "2", "--part", share) == 0
    assert "llvip: 150 pairs ok" in capsys.readouterr().out
    assert contents(home) == contents(whole)


def test_a_share_without_a_shard_is_no_failure_and_says_what_is_left(llvip_raw, home, take, capsys):
    assert take("llvip", llvip_raw, home, "--part", "3/3") == 0
    assert "2 shards are left to the other shares of --part" in capsys.readouterr().out


def test_the_place_of_the_raw_folder_does_not_matter(llvip_raw, llvip_home, home, take, tmp_path, capsys):
    (tmp_path / "elsewhere" / "deeper").mkdir(parents=True)
    (tmp_path / "elsewhere" / "deeper" / "LLVIP").symlink_to(llvip_raw, target_is_directory=True)
    before = contents(llvip_home)
    assert take("llvip", tmp_path / "elsewhere" / "deeper" / "LLVIP", llvip_home) == 0
    assert "2 kept" in capsys.readouterr().out
    assert contents(llvip_home) == before


def _cut_tar(folder):
    path = folder / "train-00000.tar"
    path.write_bytes(path.read_bytes()[:-1])


def _lose_tar(folder):
    (folder / "train-00000.tar").unlink()


def _lose_part(folder):
    (folder / "train-00000.parquet").unlink()


def _damage_part(folder):
    path = folder / "train-00000.parquet"
    path.write_bytes(path.read_bytes()[:-3])


@pytest.mark.parametrize("damage", [_cut_tar, _lose_tar, _lose_part, _damage_part])
def test_a_shard_that_is_not_whole_is_written_again_alone(llvip_home, llvip_raw, take, damage, capsys):
    before = contents(llvip_home)
    other = llvip_home.shards / "llvip" / "test-00000.tar"
    untouched = other.stat().st_mtime_ns
    damage(llvip_home.shards / "llvip")
    assert take("llvip", llvip_raw, llvip_home) == 0
    assert "1 shards written, 1 kept" in capsys.readouterr().out
    assert contents(llvip_home) == before
    assert other.stat().st_mtime_ns == untouched


def test_shards_of_other_raw_files_are_in_the_way_until_they_may_be_replaced(
    llvip_home, make_llvip, take, tmp_path, capsys
):
    raw = make_llvip(tmp_path / "other", train=4)
    before = contents(llvip_home)
    assert take("llvip", raw, llvip_home) == 1
    error = capsys.readouterr().err
    assert "2 shards of llvip in" in error
    assert "came from other raw files or options" in error
    assert "--replace writes them anew" in error
    assert contents(llvip_home) == before
    assert take("llvip", raw, llvip_home, "--replace") == 0
    fresh = Home(tmp_path / "fresh")
    take("llvip", raw, fresh)
    assert contents(llvip_home) == contents(fresh)


def test_a_part_of_a_former_schema_is_in_the_way_too(llvip_home, llvip_raw, take, capsys):
    before = contents(llvip_home)
    for path in part.parts(llvip_home):
        mark = part.read_mark(path)
        part.write(path, part.read_rows(path), part.Mark("of old", mark.tar_sha256, mark.tar_size, schema=0))
    assert take("llvip", llvip_raw, llvip_home) == 1
    assert "--replace" in capsys.readouterr().err
    assert take("llvip", llvip_raw, llvip_home, "--replace") == 0
    assert contents(llvip_home) == before


def test_replacing_leaves_nothing_of_shards_that_are_no_more(home, big, whole, take, tmp_path, capsys):
    take("llvip", big, home, "--per-shard", "1", "--part", "1/9")
    (home.shards / "llvip" / "train-00777.tar").write_bytes(b"of a run that was killed")
    assert take("llvip", big, home, "--per-shard", "2", "--replace") == 0
    assert contents(home) == contents(whole)
    assert [found for _, found in verify(home) if found] == []


def test_captions_that_a_model_made_outlive_a_replacement_and_raw_maps_do_not(home, save, take, tmp_path, capsys):
    raw = tmp_path / "raw"
    for number in range(4):
        for side, channels in (("rgb", 3), ("ir", 1), ("seg", 1)):
            save(raw / side / f"{number}.png", 3 * number + channels + len(side), channels=channels)
    assert take("folder", raw, home, "--per-shard", "1") == 0
    words = {f"folder-{number}": [f"text {number}"] for number in range(4)}
    place = home.annotations / "words" / "folder" / "all-00003.parquet"
    layer.write(place, "captions", words, {"made_by": "a captioner that took days"})
    assert len(list(home.annotations.glob("raw-maps/folder/*"))) == 4
    assert take("folder", raw, home, "--per-shard", "4", "--replace") == 0
    assert [p.name for p in home.annotations.glob("raw-maps/folder/*")] == ["all-00000.parquet"]
    reader = layer.LayerReader(home, "words", ["folder"])
    assert [reader[key] for key in words] == list(words.values())
    for path in (raw / "seg").iterdir():
        path.unlink()
    assert take("folder", raw, home, "--per-shard", "4", "--replace") == 0
    assert not layer.LayerReader(home, "raw-maps", ["folder"]).covers(["folder-0"])


def test_temporary_files_of_a_killed_process_are_swept(llvip_home, llvip_raw, take, capsys):
    import platform

    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    orphan = llvip_home.shards / "llvip" / f".train-00000.tar.{int(gone.stdout)}@{platform.node()}-0123abcd.tmp"
    orphan.write_bytes(b"half")
    (llvip_home.shards / "llvip" / "train-00000.parquet").unlink()
    assert take("llvip", llvip_raw, llvip_home) == 0
    assert not orphan.exists()


def test_a_disk_too_small_is_said_before_anything_is_written(llvip_raw, home, take, monkeypatch, capsys):
    import shutil
    from types import SimpleNamespace

    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100))
    assert take("llvip", llvip_raw, home) == 1
    assert "has 0.0 GB free: free some space, or give another --home" in capsys.readouterr().err
    assert not home.shards.exists()


def test_the_same_frame_under_two_names_is_told(make_llvip, take, home, tmp_path, capsys):
    import shutil

    raw = make_llvip(tmp_path / "LLVIP")
    assert take("llvip", raw, home) == 0
    assert "same pixels" not in capsys.readouterr().out
    for side in ("visible", "infrared"):
        shutil.copy(raw / side / "train/010000.jpg", raw / side / "train/990000.jpg")
        shutil.copy(raw / side / "train/010000.jpg", raw / side / "test/990001.jpg")
    shutil.copy(raw / "visible/train/010001.jpg", raw / "visible/train/010002.jpg")
    assert take("llvip", raw, home, "--per-shard", "3", "--replace") == 0
    assert (
        "2 samples show the same pixels as another one: llvip-010000 = llvip-990001 for one" in capsys.readouterr().out
    )


def test_what_is_asked_of_registration_is_part_of_what_is_done(llvip_home, llvip_raw, take, capsys):
    for options in (["--no-registration"], ["--min-registration", "1"]):
        assert take("llvip", llvip_raw, llvip_home, *options) == 1
        assert "came from other raw files or options" in capsys.readouterr().err
    assert take("llvip", llvip_raw, llvip_home, "--no-registration", "--replace") == 0
    assert {row["registration"] for path in part.parts(llvip_home) for row in part.read_rows(path)} == {"unchecked"}
    assert take("llvip", llvip_raw, llvip_home, "--min-registration", "1", "--replace") == 1
    assert "0 pairs ok, 9 not_registered" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--min-registration", "nan"], "--min-registration"),
        (["--min-registration", "-1"], "--min-registration"),
        (["--no-registration", "--min-registration", "1"], "--min-registration needs the check"),
    ],
)
def test_options_of_registration_that_mean_nothing(llvip_raw, home, take, capsys, options, words):
    assert take("llvip", llvip_raw, home, *options) == 2
    assert words in capsys.readouterr().err


@pytest.mark.slow
def test_workers_read_an_archive_in_place(llvip_raw, llvip_home, take, tmp_path, capsys):
    import shutil

    archive = shutil.make_archive(str(tmp_path / "LLVIP"), "zip", llvip_raw)
    two = Home(tmp_path / "two")
    assert take("llvip", archive, two, "--per-shard", "2", "--workers", "2") == 0
    one = Home(tmp_path / "one")
    assert take("llvip", llvip_raw, one, "--per-shard", "2") == 0
    assert contents(two) == contents(one)

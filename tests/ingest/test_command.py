"""`python -m ingest`: whatever is given, the answer is one clear line, the right exit code and a valid document."""

import json
import os
import shutil
from dataclasses import replace

import pytest

from ingest.__main__ import main
from ingest.sources import synthetic
from shards.home import Home


@pytest.fixture
def ingest(home, capsys):
    """`ingest(words)`: exit code, document, and what was said, of both forms of output."""

    def call(*words):
        options = [] if "--home" in words else ["--home", str(home.root)]
        code = main([*map(str, words), *options, "--workers", "1"])
        said = capsys.readouterr()
        assert main([*map(str, words), *options, "--workers", "1", "--json"]) == code
        document = json.loads(capsys.readouterr().out)
        assert document["command"] == ("ingest take" if code < 2 or document["command"] else "")
        return code, document, said.out + said.err

    return call


def refused(answer, code, *words):
    found, document, said = answer
    assert found == code
    assert said.count("\n") == 1
    assert said.startswith("error: ")
    assert document["ok"] is False
    (error,) = document["errors"]
    assert all(word in said for word in words), said
    assert said == f"error: {error['problem']}" + (f": {error['remedy']}\n" if error["remedy"] else "\n")


# Raw folders that are not what they should be


def test_a_raw_folder_that_is_missing_empty_or_a_file(ingest, tmp_path, home):
    refused(ingest("llvip", tmp_path / "nowhere"), 1, "nowhere does not exist", "into which the dataset was unpacked")
    (tmp_path / "empty").mkdir()
    refused(ingest("llvip", tmp_path / "empty"), 1, "holds no files")
    (tmp_path / "LLVIP.zip").touch()
    refused(ingest("llvip", tmp_path / "LLVIP.zip"), 1, "LLVIP.zip has no bytes", "fetch it again")
    assert not home.root.exists()


def test_the_raw_folder_of_another_dataset(ingest, llvip_raw, home):
    answer = ingest("roadscene", llvip_raw)
    refused(
        answer, 1, "looked for crop_LR_visible/{id} + cropinfrared/{id}", "found infrared/train/ (6 files), visible/"
    )
    assert answer[2].endswith("this looks like llvip (9 pairs)\n")
    assert not home.root.exists()


def test_a_raw_folder_that_holds_two_copies(ingest, make_llvip, tmp_path):
    for name in ("one", "two"):
        make_llvip(tmp_path / "raw" / name)
    refused(ingest("llvip", tmp_path / "raw"), 1, "2 copies of llvip: one/, two/", "give one of these folders")


def test_two_files_that_would_be_one_sample(ingest, save, tmp_path):
    for name in ("x 1", "x-1"):
        save(tmp_path / f"rgb/{name}.png", 1)
        save(tmp_path / f"ir/{name}.png", 2)
    refused(ingest("folder", tmp_path), 1, "would both be folder-x-1", "rename or remove one")
    os.rename(tmp_path / "rgb/x 1.png", tmp_path / "rgb/x-1.jpg")
    refused(ingest("folder", tmp_path), 1, "rgb/x-1.jpg and rgb/x-1.png would be one sample")


def test_failed_rows_end_well_unless_strict_or_all_there_is(ingest, make_llvip, tmp_path, home):
    raw = make_llvip(tmp_path / "LLVIP")
    (raw / "visible/train/010000.jpg").write_bytes(b"")
    (raw / "infrared/train/010001.jpg").unlink()
    code, document, said = ingest("llvip", raw)
    assert (code, document["ok"]) == (0, True)
    assert document["data"]["failed"] == {"empty": 1, "missing_pair": 1}
    assert "llvip: 7 pairs ok, 1 empty, 1 missing_pair; " in said
    assert "`python -m shards show llvip` tells what failed and why" in said
    assert ingest("llvip", raw, "--strict")[0] == 1
    for path in (raw / "visible").rglob("*.jpg"):
        path.write_bytes(b"text")
    assert ingest("llvip", raw, "--replace")[0] == 1


def test_junk_is_counted(ingest, make_llvip, tmp_path):
    raw = make_llvip(tmp_path / "LLVIP")
    for name in ("visible/train/Thumbs.db", "visible/.DS_Store", "infrared/._010001.jpg"):
        (raw / name).write_bytes(b"junk")
    (raw / "readme.txt").write_text("hello")
    code, document, said = ingest("llvip", raw)
    assert (code, document["data"]["ignored"]) == (0, {"junk": 3, "other": 1})
    assert "ignored: 3 junk files, 1 files that no template names" in said


# Homes that cannot be used


def test_a_file_in_the_home_s_place_or_above_it(ingest, llvip_raw, tmp_path):
    (tmp_path / "file").touch()
    refused(ingest("llvip", llvip_raw, "--home", tmp_path / "file"), 1, f"{tmp_path}/file", "give another --home")
    refused(ingest("llvip", llvip_raw, "--home", tmp_path / "file/deeper"), 1, "Not a directory", "give another --home")


def test_a_read_only_home(ingest, llvip_raw, tmp_path, monkeypatch):
    real = os.mkdir

    def refuse(path, *rest, **options):
        if "locked" in str(path):
            raise OSError(30, "Read-only file system", str(path))
        real(path, *rest, **options)

    monkeypatch.setattr(os, "mkdir", refuse)
    answer = ingest("llvip", llvip_raw, "--home", tmp_path / "locked")
    refused(answer, 1, f"{tmp_path}/locked: Read-only file system", "give another --home")


def test_a_disk_that_is_full_half_way_loses_nothing_that_is_done(home, llvip_raw, take, monkeypatch, capsys):
    from shards.tar import TarWriter

    add = TarWriter.add

    def full(self, name, data):
        if name.startswith("llvip-020004"):
            raise OSError(28, "No space left on device")
        return add(self, name, data)

    monkeypatch.setattr(TarWriter, "add", full)
    assert take("llvip", llvip_raw, home) == 1
    assert capsys.readouterr().err == "error: No space left on device: free some space, or give another --home\n"
    assert sorted(p.name for p in (home.shards / "llvip").iterdir()) == ["test-00000.parquet", "test-00000.tar"]
    monkeypatch.undo()
    assert take("llvip", llvip_raw, home) == 0
    assert "1 shards written, 1 kept" in capsys.readouterr().out


# Words


def test_an_unknown_source_gets_the_nearest(ingest, llvip_raw):
    refused(ingest("lvip", llvip_raw), 2, "no source named 'lvip'", "did you mean llvip?", "`folder` takes any")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--part", "0/3"], "--part 0/3 is not I/N"),
        (["--part", "4/3"], "--part 4/3 is not I/N"),
        (["--part", "x"], "--part x is not I/N"),
        (["--per-shard", "0"], "'0' is not a whole number from 1 on"),
        (["--store", "jpg"], "no choice for --store named 'jpg'"),
        (["--visible", "rgb/{id}"], "go with `folder`"),
    ],
)
def test_options_that_mean_nothing(ingest, llvip_raw, words, said):
    refused(ingest("llvip", llvip_raw, *words), 2, said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--visible", "VIS{a}", "--infrared", "IR{b}"], "share no field"),
        (["--visible", "VIS{id}"], "--visible needs --infrared"),
        (["--visible", "VIS{id", "--infrared", "IR{id}"], "stray brace"),
        (["--infrared", "IR"], "share no field"),
        (["--name", "llvip"], "the name 'llvip' is taken by a source"),
        (["--name", "My Set"], "does not fit into keys"),
        (["--name", "a__b"], "does not fit into keys"),
        (["--name", "é"], "does not fit into keys"),
    ],
)
def test_templates_and_names_that_mean_nothing(ingest, tmp_path, words, said):
    refused(ingest("folder", tmp_path, *words), 2, said)


def test_the_user_s_own_templates_make_a_source_of_their_own(ingest, save, tmp_path, home):
    for number in (1, 2):
        save(tmp_path / f"raw/VIS{number:03d}.bmp", number, channels=3)
        save(tmp_path / f"raw/IR{number}.png", number + 9)
    templates = ["--visible", "VIS{id:d}", "--infrared", "IR{id:d}", "--name", "tno_2"]
    assert ingest("folder", tmp_path / "raw", *templates)[0] == 0
    assert sorted(p.name for p in home.shards.rglob("*")) == ["all-00000.parquet", "all-00000.tar", "tno_2"]


def test_a_second_folder_without_a_name_is_not_taken_for_the_first(ingest, save, tmp_path):
    for name in ("one", "two"):
        save(tmp_path / name / f"rgb/{name}.png", 1)
        save(tmp_path / name / f"ir/{name}.png", 2)
    assert ingest("folder", tmp_path / "one")[0] == 0
    refused(ingest("folder", tmp_path / "two"), 1, "came from other raw files", "another --name, keeps both")
    assert ingest("folder", tmp_path / "two", "--name", "two")[0] == 0


def test_a_dry_run_tells_the_plan_and_writes_nothing(ingest, llvip_raw, home):
    code, document, said = ingest("llvip", llvip_raw, "--dry-run")
    assert (code, document["data"]) == (0, {"samples": 9, "shards": ["test-00000", "train-00000"]})
    assert "9 samples in 2 shards" in said
    assert not home.root.exists()


def test_options_may_stand_before_the_source(llvip_raw, home, capsys):
    assert main(["--home", str(home.root), "--workers", "1", "llvip", str(llvip_raw)]) == 0
    assert "9 pairs ok" in capsys.readouterr().out


def test_the_sources_are_listed_with_what_is_ingested(llvip_home, capsys):
    assert main(["sources", "--json", "--home", str(llvip_home.root)]) == 0
    listed = {row["name"]: row for row in json.loads(capsys.readouterr().out)["data"]["sources"]}
    assert (listed["llvip"]["ingested"], listed["m3fd"]["ingested"]) == (9, 0)
    assert (listed["synthetic"]["redistribute"], listed["llvip"]["redistribute"]) == (True, False)


def test_raw_data_that_are_rendered_are_made_where_they_are_missing_and_only_there(
    home, llvip_raw, tmp_path, monkeypatch, take, capsys
):
    made = []

    def render(folder):
        made.append(folder)
        shutil.copytree(llvip_raw, folder)

    monkeypatch.setattr(synthetic, "SOURCE", replace(synthetic.SOURCE, prepare=render))
    for _ in range(2):
        assert take("synthetic", tmp_path / "rendered", home) == 0
    said = capsys.readouterr()
    assert made == [tmp_path / "rendered"]
    assert said.err.count("rendered scenes are made there") == 1
    assert take("synthetic", tmp_path / "other", home, "--dry-run") == 1
    assert made == [tmp_path / "rendered"]


def test_a_bad_image_says_nothing_but_its_row(command, make_llvip, tmp_path):
    raw = make_llvip(tmp_path / "LLVIP")
    path = raw / "visible/train/010000.jpg"
    path.write_bytes(path.read_bytes()[:300])
    (raw / "infrared/train/010001.jpg").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    done = command("ingest", "llvip", raw, "--home", tmp_path / "home", "--workers", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert "7 pairs ok, 1 corrupt, 1 truncated; 2 shards written" in done.stdout
    assert Home(tmp_path / "home").shards.is_dir()

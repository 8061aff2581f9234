"""`python -m shards`: what is there, what a sample says, what failed and why, and pictures."""

import json

import pytest
from PIL import Image

from shards.__main__ import main
from shards.layer import write


@pytest.fixture
def run(llvip_home, capsys):
    """`run(words)`: exit code and what was printed."""

    def call(*words):
        code = main([*map(str, words), "--home", str(llvip_home.root)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def broken_home(home, make_llvip, take, tmp_path, capsys):
    """Nine pairs of which one lacks a side and one is cut."""
    raw = make_llvip(tmp_path / "LLVIP")
    (raw / "infrared/train/010001.jpg").unlink()
    path = raw / "visible/test/530006.jpg"
    path.write_bytes(path.read_bytes()[:-20])
    assert take("llvip", raw, home) == 0
    capsys.readouterr()
    return home


def test_stats_count_samples_failures_scenes_and_layers(broken_home, capsys):
    write(broken_home.annotations / "words" / "llvip" / "a.parquet", "captions", {"llvip-010000": ["x"]}, {})
    assert main(["stats", "--json", "--home", str(broken_home.root)]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    rows = [{k: row[k] for k in ("subset", "samples", "failed", "scenes")} for row in data["subsets"]]
    assert rows == [
        {"subset": "test", "samples": 2, "failed": 1, "scenes": 1},
        {"subset": "train", "samples": 5, "failed": 1, "scenes": 2},
    ]
    assert data["failures"] == [
        {"source": "llvip", "status": "missing_pair", "rows": 1},
        {"source": "llvip", "status": "truncated", "rows": 1},
    ]
    assert data["layers"] == [{"name": "words", "kind": "captions", "source": "llvip"}]


def test_stats_of_nothing_tell_the_next_command(home, capsys):
    assert main(["stats", "--home", str(home.root)]) == 0
    assert "python -m ingest SOURCE RAW" in capsys.readouterr().out


def test_a_source_shows_what_failed_and_why(broken_home, capsys):
    assert main(["show", "llvip", "--home", str(broken_home.root)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "llvip: 7 ok, 1 missing_pair, 1 truncated",
        "llvip-010001: missing_pair: has no infrared side",
        "llvip-530006: truncated: visible: visible/test/530006.jpg: the JPEG has no end marker",
    ]


def test_a_sample_shows_its_facts(run):
    code, out, _ = run("show", "llvip-010000")
    assert code == 0
    assert "vis_path            visible/train/010000.jpg\n" in out
    document = json.loads(run("show", "llvip-010000", "--json")[1])
    assert document["data"]["scene"] == "01"
    assert len(document["data"]["vis_hash256"]) == 64


def test_an_unknown_name_gets_the_nearest(run):
    code, _, err = run("show", "llvip-010009")
    assert code == 2
    assert "no source or sample named 'llvip-010009': did you mean llvip-01000" in err


def test_a_contact_sheet_is_drawn_of_samples_spread_evenly(run, tmp_path):
    code, out, _ = run("show", "llvip", "--sheet", tmp_path / "sheet.png", "--count", "4")
    assert (code, out) == (0, f"{tmp_path / 'sheet.png'}: 4 samples\n")
    with Image.open(tmp_path / "sheet.png") as sheet:
        four = sheet.size
        assert len(sheet.getcolors(10**6)) > 500
    assert run("show", "llvip-010000", "--sheet", tmp_path / "one.png")[0] == 0
    with Image.open(tmp_path / "one.png") as sheet:
        assert sheet.height < four[1]


def test_the_sheet_shows_maps_where_only_some_samples_have_one(run, llvip_home, tmp_path, picture):
    from shards.image import encode_png

    run("show", "llvip", "--sheet", tmp_path / "plain.png")
    maps = {"llvip-530006": encode_png(picture(3))}
    write(llvip_home.annotations / "areas" / "llvip" / "test-00000.parquet", "maps", maps, {})
    assert run("show", "llvip", "--sheet", tmp_path / "wide.png")[0] == 0
    with Image.open(tmp_path / "plain.png") as plain, Image.open(tmp_path / "wide.png") as wide:
        assert wide.width > plain.width


def test_a_sheet_of_nothing_that_is_ok_is_an_error(home, save, take, tmp_path, capsys):
    save(tmp_path / "raw/rgb/a.png", 0, channels=3)
    save(tmp_path / "raw/ir/a.png", 1, channels=3)
    assert take("folder", tmp_path / "raw", home) == 1
    assert main(["show", "folder", "--sheet", str(tmp_path / "x.png"), "--home", str(home.root)]) == 1
    assert "has no sample that is ok" in capsys.readouterr().err
    assert not (tmp_path / "x.png").exists()


def test_index_builds_the_manifest_and_counts(run, llvip_home):
    llvip_home.manifest.write_text("damaged")
    assert run("index") == (0, f"{llvip_home.manifest}: 9 rows\n", "")

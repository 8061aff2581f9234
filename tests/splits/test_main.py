"""`python -m splits`: list, build, show, and lists or tars for those who use other tools."""

import csv
import json
import re
import tarfile
from pathlib import Path

import pytest

from splits.__main__ import main
from splits.definition import get, names

KEYS = {
    "train": [f"llvip-{n:06d}" for n in (10000, 10001, 10002, 20003, 20004, 20005)],
    "test": [f"llvip-{n}" for n in (530006, 530007, 530008)],
}


@pytest.fixture
def run(llvip_home, tmp_path, capsys):
    """`run(words)`: exit code and what was printed; TINY stands for a dataset of the user's own."""
    toml = tmp_path / "tiny.toml"
    toml.write_text('title = "Tiny"\nnote = "N."\nversion = 1\n[[source]]\nname = "llvip"\n[split]\nby = "official"\n')

    def call(*words):
        code = main([str(toml) if word == "TINY" else str(word) for word in words] + ["--home", str(llvip_home.root)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_the_list_tells_what_is_built(run):
    assert re.search(r"^llvip +llvip +official +not built", run("list")[1], re.MULTILINE)
    run("build", "llvip", "--partial")
    rows = {row["dataset"]: row for row in json.loads(run("list", "--json")[1])["data"]["datasets"]}
    assert rows["llvip"]["samples"] == "test 3, train 6"
    assert rows["roadscene"]["samples"] == "not built"


def test_a_build_tells_counts_and_fingerprints(run):
    code, out, _ = run("build", "TINY")
    assert code == 0
    data = json.loads(run("build", "TINY", "--json")[1])["data"]
    assert data["counts"] == {"train": 6, "test": 3}
    assert out.startswith(f"tiny@{data['fingerprint'][:8]}: test 3 ({data['subsets']['test'][:8]}), train 6 (")
    assert "PARTIAL" in run("build", "llvip", "--partial")[1]


def test_show_tells_groups_and_that_none_straddles(run):
    code, out, _ = run("show", "TINY")
    assert (code, out.split("\n")[:2]) == (0, ["Tiny", "N."])
    assert "groups: test 1, train 2; on more than one side: 0" in out
    assert json.loads(run("show", "TINY", "--json")[1])["data"]["straddling_groups"] == 0


def test_show_tells_groups_that_a_random_split_tears_apart(run, tmp_path):
    text = (
        (tmp_path / "tiny.toml").read_text().replace('"official"', '"random"\nfractions = { train = 0.5, test = 0.5 }')
    )
    (tmp_path / "tiny.toml").write_text(text)
    assert json.loads(run("show", "TINY", "--json")[1])["data"]["straddling_groups"] > 0


def test_lists_as_text_csv_and_json(run, tmp_path):
    out = tmp_path / "out"
    for form in ("txt", "csv", "json"):
        code, said, _ = run("export", "TINY", "--to", form, "--out", out)
        assert code == 0
        assert all(line.startswith(str(out)) for line in said.splitlines())
    for subset, keys in KEYS.items():
        assert (out / f"tiny_{subset}.txt").read_text().splitlines() == keys
        rows = list(csv.DictReader((out / f"tiny_{subset}.csv").open()))
        assert [row["key"] for row in rows] == keys
        assert rows[0]["visible"] == f"visible/{subset}/{keys[0][6:]}.jpg"
        assert rows[0]["group"] == f"llvip/{keys[0][6:8]}"
        assert rows[0]["frame"] == "", "LLVIP declares none"
    document = json.loads((out / "tiny.json").read_text())
    assert {s: [row["key"] for row in rows] for s, rows in document["subsets"].items()} == KEYS
    assert (document["dataset"], document["partial"], len(document["fingerprint"])) == ("tiny", False, 64)


def test_lists_of_videos_tell_the_frame(home, save, take, tmp_path, capsys):
    for side, channels in (("rgb", 3), ("ir", 1)):
        for number in (0, 10):
            save(tmp_path / f"raw/bus_001/{side}/{number:06d}.jpg", number, channels=channels)
    assert take("vtuav", tmp_path / "raw", home) == 0
    words = ["export", "vtuav", "--partial", "--out", str(tmp_path / "out"), "--home", str(home.root)]
    assert main([*words, "--to", "csv"]) == 0
    assert [row["frame"] for row in csv.DictReader((tmp_path / "out/vtuav_test.csv").open())] == ["0", "10"]
    assert main([*words, "--to", "json"]) == 0
    rows = json.loads((tmp_path / "out/vtuav.json").read_text())["subsets"]["test"]
    assert [row["frame"] for row in rows] == [0, 10]


def test_complete_tars_by_subset(run, llvip_home):
    code, out, _ = run("export", "TINY", "--to", "webdataset")
    assert code == 0
    assert out.split() == [str(llvip_home.root / f"export/tiny/{subset}-00000.tar") for subset in ("test", "train")]
    with tarfile.open(llvip_home.root / "export/tiny/test-00000.tar") as archive:
        assert [name for name in archive.getnames() if name.endswith("json")] == [f"{key}.json" for key in KEYS["test"]]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["show", "tin"], 2, "no dataset named 'tin'"),
        (["build", "llvip"], 1, "12,025 belong there"),
        (["build", "roadscene"], 1, "`python -m ingest roadscene RAW`"),
        (["show", "llvip@0123", "--partial"], 2, "no build of llvip named '0123'"),
        (["export", "TINY", "--to", "webdataset", "--layers", "words"], 2, "no layer named 'words'"),
        (["export", "TINY", "--to", "json", "--layers", "words"], 2, "--layers goes into tars, not into json"),
        (["export", "msrs@ffffffff"], 1, "msrs needs source msrs"),
        (["export", "llvip@ffffffff"], 2, "no build of llvip named 'ffffffff'"),
    ],
)
def test_what_cannot_be_done_is_one_line(run, words, code, said):
    found, _, error = run(*words)
    assert (found, error.count("\n")) == (code, 1)
    assert said in error


def test_a_published_list_is_exported_without_any_image(tmp_path, capsys):
    assert main(["export", "m3fd_manual", "--out", str(tmp_path / "out"), "--home", str(tmp_path / "none")]) == 0
    counts = {path.name: len(path.read_text().split()) for path in (tmp_path / "out").iterdir()}
    assert counts == {"m3fd_manual_train.txt": 3550, "m3fd_manual_test.txt": 650}
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("m3fd_manual", {"key": "m3fd-00324", "id": "00324"}),
        ("llvip", {"key": "llvip-190001", "id": "190001"}),
        ("dronevehicle", {"key": "dronevehicle-test_00001", "id": "test_00001"}),
    ],
)
def test_published_lists_are_exported_in_every_form(tmp_path, capsys, name, row):
    home = ["--home", str(tmp_path / "none"), "--out", str(tmp_path / "out")]
    for form in ("txt", "csv", "json"):
        assert main(["export", name, "--to", form, *home]) == 0
    assert (tmp_path / f"out/{name}_test.txt").read_text().split()[0] == row["key"]
    assert next(csv.DictReader((tmp_path / f"out/{name}_test.csv").open())) == row
    document = json.loads((tmp_path / f"out/{name}.json").read_text())
    assert document["subsets"]["test"][0] == row
    assert (document["dataset"], document["published"]) == (name, True)


def test_published_sequences_are_exported_by_name(tmp_path, capsys):
    assert main(["export", "vtuav", "--home", str(tmp_path / "none"), "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.endswith("all sequences on no list: test\n")
    counts = {path.name: len(path.read_text().split()) for path in (tmp_path / "out").iterdir()}
    assert counts == {"vtuav_train.txt": 190, "vtuav_val.txt": 60}


def test_a_partial_build_does_not_hide_the_published_list(run, tmp_path):
    assert run("build", "llvip", "--partial")[0] == 0
    for words, count in (((), 3_463), (("--partial",), 3)):
        assert run("export", "llvip", "--out", tmp_path / "out", *words)[0] == 0
        assert len((tmp_path / "out/llvip_test.txt").read_text().split()) == count


def test_what_is_not_built_is_shown_by_its_declaration(tmp_path, capsys):
    assert main(["show", "ir500k_pairs", "--home", str(tmp_path / "none")]) == 0
    out = capsys.readouterr().out
    assert out.startswith("IR-500K, the released pairs, cut as DiffV2IR cuts them\n66,023 pairs.")
    assert "not built: `python -m splits build ir500k_pairs`" in out
    assert "published lists: train 59,420, val 3,301, test 3,302 images" in out
    assert not (tmp_path / "none").exists()


def test_every_dataset_stands_in_the_documentation():
    page = (Path(__file__).parents[2] / "docs/splits.md").read_text()
    for name in names():
        definition = get(name)
        assert f"| `{name}` | {definition.title} | {definition.note} |" in page, name

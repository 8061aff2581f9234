"""`python -m splits`: list, build, show, and lists or tars for those who use other tools."""

import csv
import json
import re
import tarfile

import pytest

from splits.__main__ import main

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
    document = json.loads((out / "tiny.json").read_text())
    assert {s: [row["key"] for row in rows] for s, rows in document["subsets"].items()} == KEYS
    assert (document["dataset"], document["partial"], len(document["fingerprint"])) == ("tiny", False, 64)


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
    ],
)
def test_what_cannot_be_done_is_one_line(run, words, code, said):
    found, _, error = run(*words)
    assert (found, error.count("\n")) == (code, 1)
    assert said in error


def test_a_published_list_is_exported_without_any_image(tmp_path, capsys):
    from splits.__main__ import main

    assert main(["export", "m3fd_manual", "--out", str(tmp_path / "out"), "--home", str(tmp_path / "none")]) == 0
    counts = {path.name: len(path.read_text().split()) for path in (tmp_path / "out").iterdir()}
    assert counts == {"m3fd_manual_train.txt": 3550, "m3fd_manual_test.txt": 650}
    assert not (tmp_path / "none").exists()

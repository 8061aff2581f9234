"""Pairs that names do not tell: `ingest folder --pairs order`, or a table."""

import json

import pytest

from ingest.__main__ import main
from shards import part


@pytest.fixture
def raw(save, tmp_path):
    """Three pairs whose names say nothing of each other; 10 comes after 2."""
    for seed, (seen, heat) in enumerate([("Shot 1", "t001"), ("Shot 2", "t007"), ("Shot 10", "t100")]):
        save(tmp_path / f"raw/day/{seen}.png", seed, channels=3)
        save(tmp_path / f"raw/warm/{heat}.png", 100 + seed)
    return tmp_path / "raw"


@pytest.fixture
def folder(home, capsys):
    """`folder(raw, *options)`: exit code, document and complaint of `ingest folder`."""

    def run(raw, *options):
        words = ["folder", str(raw), "--home", str(home.root), "--workers", "1", "--json", *options]
        code = main(words)
        said = capsys.readouterr()
        return code, json.loads(said.out), said.err

    return run


def pairs(home):
    return {row["key"]: row["ir_path"] for path in part.parts(home) for row in part.read_rows(path)}


EXPECTED = {
    "mine-day-shot-1": "warm/t001.png",
    "mine-day-shot-2": "warm/t007.png",
    "mine-day-shot-10": "warm/t100.png",
}


def test_order_pairs_the_nth_with_the_nth_and_counts_numbers_as_numbers(folder, raw, home):
    options = ["--visible", "day/{id}", "--infrared", "warm/{id}", "--pairs", "order", "--name", "mine"]
    assert folder(raw, *options)[0] == 0
    assert pairs(home) == {key.replace("day-", ""): path for key, path in EXPECTED.items()}


def test_unequal_counts_are_refused_with_both_numbers(folder, raw, save, home):
    save(raw / "warm/t101.png", 7)
    code, _, said = folder(raw, "--visible", "day/{id}", "--infrared", "warm/{id}", "--pairs", "order")
    assert code == 1
    assert "holds 3 files day/{id} and 4 files warm/" in said
    assert not home.root.exists()


@pytest.mark.parametrize("header", ["", "visible,infrared\n"])
def test_a_table_pairs_what_it_names_and_leaves_the_rest(folder, raw, home, tmp_path, header, save):
    save(raw / "warm/unused.png", 9)
    rows = "".join(
        f"day/{key.removeprefix('mine-day-').replace('shot-', 'Shot ')}.png,{EXPECTED[key]}\n" for key in EXPECTED
    )
    (tmp_path / "pairs.csv").write_text(header + rows)
    code, document, _ = folder(raw, "--pairs", str(tmp_path / "pairs.csv"), "--name", "mine")
    assert code == 0
    assert pairs(home) == EXPECTED
    assert document["data"]["ignored"]["other"] == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("day/Shot 1.png,warm/none.png\n", "names 1 files that are not below"),
        ("day/Shot 1.png,warm/t001.png\nday/Shot 2.png,warm/t001.png\n", "names warm/t001.png twice"),
        ("day/Shot 1.png;warm/t001.png\n", "two columns are wanted"),
        ("visible,infrared\n", "is no table of pairs"),
        ("", "is no table of pairs"),
    ],
)
def test_a_table_that_cannot_hold_is_refused(folder, raw, tmp_path, content, told):
    (tmp_path / "pairs.csv").write_text(content)
    code, _, said = folder(raw, "--pairs", str(tmp_path / "pairs.csv"))
    assert code == 1
    assert told in said


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--pairs", "nowhere.csv"], "no such file"),
        (["--pairs", "order"], "--pairs order needs --visible and --infrared"),
        (["--pairs", "order", "--visible", "day/{id}"], "--visible needs --infrared"),
        (["--visible", "day/{seen}", "--infrared", "warm/{heat}"], "share no field"),
    ],
)
def test_options_that_do_not_go_together_are_a_usage_error(folder, raw, options, told):
    code, _, said = folder(raw, *options)
    assert code == 2
    assert told in said


def test_infrared_alone_takes_any_folder_or_the_template_given(save, tmp_path, home, capsys):
    save(tmp_path / "raw/flight 1/0001.png", 1)
    save(tmp_path / "raw/flight 1/0002.png", 2)
    words = ["--home", str(home.root), "--workers", "1", "--infrared", "{flight}/{frame:d}", "--name", "mine"]
    assert main(["ir_folder", str(tmp_path / "raw"), *words]) == 0
    (path,) = part.parts(home, "mine")
    rows = part.read_rows(path)
    assert [row["key"] for row in rows] == ["mine-flight-1-1", "mine-flight-1-2"]
    assert all(row["vis_size"] == 0 for row in rows)
    assert main(["ir_folder", str(tmp_path / "raw"), "--visible", "{id}", "--infrared", "{id}"]) == 2

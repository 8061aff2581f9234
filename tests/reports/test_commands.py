import json

import pytest

from reports.__main__ import main


def run(*words: str, capsys) -> tuple[int, str, str]:
    code = main(list(words))
    found = capsys.readouterr()
    return code, found.out, found.err


def test_the_published_table_needs_no_home(capsys):
    code, out, _ = run("table2", "--published", capsys=capsys)
    assert code == 0
    assert "**70.29**" in out
    assert "<u>81.64</u>" in out


@pytest.mark.parametrize("form", ["md", "latex", "csv", "json", "html"])
def test_measured_rows_in_every_form(form, scored_home, capsys):
    dataset = str(scored_home / "mini.toml")
    code, out, _ = run(
        "table2", "--dataset", dataset, "--home", str(scored_home / "home"), "--format", form, capsys=capsys
    )
    assert code == 0
    assert "Mean image" in out
    if form == "json":
        assert json.loads(out)["n"] == 5


def test_a_dataset_without_results_says_which_command_to_run(scored_home, capsys):
    code, _, err = run("table2", "--dataset", "roadscene", "--home", str(scored_home / "home"), capsys=capsys)
    assert code == 1
    assert "python -m bench run METHOD --dataset roadscene" in err


def test_the_page_holds_table_and_gallery(scored_home, tmp_path, capsys):
    out = tmp_path / "page.html"
    words = [
        "build",
        "--dataset",
        str(scored_home / "mini.toml"),
        "--home",
        str(scored_home / "home"),
        "--out",
        str(out),
    ]
    code, _, err = run(*words, capsys=capsys)
    assert code == 0, err
    text = out.read_text()
    assert "Grayscale" in text
    assert text.count("data:image/") >= 5 * 3

"""The same pictures by several protocols."""

import json
from pathlib import Path

from bench.__main__ import main as bench
from reports.__main__ import main
from reports.sensitivity import sensitivity_table


def cells(psnr: float | None, **more: float) -> dict:
    return {name: {"value": v, "reason": None if v else "no weights"} for name, v in ({"psnr": psnr} | more).items()}


def record(folder: str, family: str, metrics: dict) -> dict:
    about = {"dataset": "d", "subset": "test", "fingerprint": "f", "n": 4}
    return about | {"folder": folder, "label": folder, "family": family, "metrics": metrics}


def test_rows_are_predictions_and_columns_are_metrics_by_protocol() -> None:
    table = sensitivity_table(
        {
            "a@1": [record("x", "gan", cells(10.0, ssim=0.5)), record("once", "gan", cells(1.0))],
            "b@1": [record("x", "gan", cells(12.0))],
        }
    )
    assert table is not None
    assert [row.label for row in table.rows] == ["x"]
    assert [(c.group, c.title) for c in table.columns] == [("PSNR", "a@1"), ("PSNR", "b@1"), ("SSIM", "a@1")]
    row = table.rows[0].cells
    assert (row["a@1.psnr"].value, row["b@1.psnr"].value) == (10.0, 12.0)


def test_predictions_of_one_protocol_tell_nothing() -> None:
    assert sensitivity_table({"a@1": [record("x", "gan", cells(1.0))], "b@1": []}) is None


def test_numbers_of_other_pictures_never_share_a_row() -> None:
    """A folder whose pictures changed between two protocols."""
    old, new = (record("x", "gan", cells(10.0)) | {"submission_sha256": sha} for sha in ("old", "new"))
    assert sensitivity_table({"a@1": [old], "b@1": [new]}) is None
    table = sensitivity_table({"a@1": [old, new], "b@1": [new]})
    assert table is not None
    assert len(table.rows) == 1


def test_the_command_shows_what_rescore_has_added(scored_home: Path, tmp_path: Path, capsys) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for path in (scored_home / "home").iterdir():
        if path.name != "runs":
            (home / path.name).symlink_to(path)
    words = ["--dataset", str(scored_home / "mini.toml"), "--home", str(home)]
    assert bench(["run", "grayscale", *words, "--quiet"]) == 0
    capsys.readouterr()
    assert main(["protocols", *words]) == 1
    assert "bench rescore" in capsys.readouterr().err
    (run,) = home.glob("runs/grayscale-*")
    assert bench(["rescore", run.name, "--home", str(home), "--quiet"]) == 0
    capsys.readouterr()
    assert main(["protocols", *words, "--json"]) == 0
    table = json.loads(capsys.readouterr().out)["data"]
    assert [row["label"] for row in table["rows"]] == ["Grayscale"]
    values = [cell["value"] for key, cell in table["rows"][0]["cells"].items() if key.endswith(".ssim")]
    assert len(set(values)) == 4

"""Table 1: leak studies beside the paper's two rows."""

import json
from pathlib import Path

from reports import render
from reports.__main__ import main
from reports.leaks import table1


def study() -> dict:
    def arm(psnr: float) -> dict:
        cells = {"psnr": {"value": psnr, "reason": None}, "fid": {"value": None, "reason": "no weights"}}
        return {"step": 40, "result": {"n": 20, "metrics": cells}}

    known = {"metric": "psnr", "random": 21.0, "scene": 17.0, "difference": 4.0, "interval": [3.5, 4.5]}
    known |= {"both": 3.0, "both_interval": [2.0, 4.0], "images": 5, "method": "resampled", "reason": ""}
    absent = {"metric": "fid", "random": None, "scene": None, "difference": None, "interval": None}
    absent |= {"both": None, "both_interval": None, "images": 0, "method": "", "reason": "no weights"}
    arms = {"random": arm(21.0), "scene": arm(17.0)}
    return {"source": "m3svd", "label": "Pix2Pix", "protocol": "p@1", "arms": arms, "gaps": [absent, known]}


def test_the_published_rows_are_the_papers() -> None:
    table = table1([])
    assert [(row.cells["fid"].value, row.cells["psnr"].value) for row in table.rows] == [(45.89, 21.7), (70.29, 19.3)]
    assert [row.cells["ssim"].value for row in table.rows] == [0.7196, 0.662]


def test_a_study_has_both_splits_the_gap_and_the_gap_on_the_same_images() -> None:
    table = table1([study()])
    rows = {row.label: row.cells["psnr"] for row in table.rows[:4]}
    assert [cell.value for cell in rows.values()] == [21.0, 17.0, 4.0, 3.0]
    assert rows["gap"].interval == (3.5, 4.5)
    assert rows["gap on the 5 images tested in both"].interval == (2.0, 4.0)
    assert table.rows[2].cells["fid"].note == "no weights"


def test_no_row_is_marked_as_the_best() -> None:
    assert "**2" not in render.markdown(table1([study()]))


def test_the_command_needs_no_study(tmp_path: Path, capsys) -> None:
    assert main(["table1", "--home", str(tmp_path)]) == 0
    found = capsys.readouterr()
    assert "45.89" in found.out
    assert "bench leak-study" in found.err
    folder = tmp_path / "runs/leak-study-x"
    folder.mkdir(parents=True)
    (folder / "study.json").write_text(json.dumps(study()))
    assert main(["table1", "--home", str(tmp_path), "--protocol", "p@1", "--format", "csv"]) == 0
    assert "Pix2Pix on m3svd" in capsys.readouterr().out
    assert main(["table1", "--home", str(tmp_path), "--protocol", "q@1"]) == 0
    assert "no study of our own under q@1: there are some under p@1" in capsys.readouterr().err

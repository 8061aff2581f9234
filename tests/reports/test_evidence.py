"""Per-image tables beside the results: seeds become one row, and ties are found on evidence."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.score import write
from bench.statistics.paired import paired
from reports import render
from reports.evidence import gather, ties
from reports.measured import measured_table

PROTOCOL = "v2ir-256@1"


def keep(
    home: Path, name: str, *, psnr: float, family: str = "gan", seed: int = 0, scenes: int = 12, images: int = 36,
    steps: int = 100, parents: dict[str, str] | None = None, **changes: Any,
) -> dict[str, Any]:  # fmt: skip
    """A scored run on disk, and its result as `bench.run.results` gives it."""
    rng = np.random.default_rng(sum(map(ord, f"{name}{seed}{steps}")))
    level = np.random.default_rng(0).normal(0, 3, scenes)
    rows = [
        {"key": f"k{i:02d}", "scene": f"s{i % scenes:02d}", "psnr": psnr + level[i % scenes] + rng.normal(0, 0.5)}
        for i in range(images)
    ]
    mean = float(np.mean([row["psnr"] for row in rows]))
    cells = {"psnr": {"value": mean}, "swd": {"value": 10.0 + seed}}
    result = {
        "schema": "ir500k.result/1",
        "protocol": PROTOCOL,
        "dataset": "mini",
        "subset": "test",
        "fingerprint": "ab" * 32,
        "n": images,
        "label": name,
        "family": family,
        "method": name,
        "preset": "tiny",
        "metrics": {
            metric: cell | {"direction": "higher" if metric == "psnr" else "lower", "reason": None, "n_defined": images}
            for metric, cell in cells.items()
        },
        "warnings": [],
        "notes": [],
    } | changes
    run = home / "runs" / f"{name}-mini-s{seed}-{steps}"
    folder = run / "predictions" / "mini-test"
    write(folder / "scores" / PROTOCOL, result, rows)
    spec = {"method": name, "train": {"steps": steps}, "seed": seed, "parents": parents or {}}
    (run / "spec.json").write_text(json.dumps({"spec": spec}))
    (folder / "submission.json").write_text(json.dumps({"sampler": {"settings": {"scale": 7.5}, "seed": seed}}))
    return result | {"folder": str(folder)}


# Ties


def test_rows_are_tied_with_the_best_unless_the_test_tells_them_apart(tmp_path: Path) -> None:
    records = [keep(tmp_path, "best", psnr=16.0), keep(tmp_path, "near", psnr=15.95), keep(tmp_path, "far", psnr=14.0)]
    found = ties(gather(records), "psnr", 0)
    assert found[1] > 0.05 > found[2]
    table = measured_table(records)
    assert [row.cells["psnr"].tied for row in table.rows] == [False, True, False]
    assert [row.cells["psnr"].p_best for row in table.rows] == [None, found[1], found[2]]
    assert " ≈" in render.markdown(table)
    (remark,) = [text for text in table.footnotes if text.startswith("≈")]
    assert "Tested: PSNR." in remark


def test_controls_are_no_part_of_the_family(tmp_path: Path) -> None:
    records = [
        keep(tmp_path, "mean", psnr=20.0, family="control"),
        keep(tmp_path, "one", psnr=16.0),
        keep(tmp_path, "two", psnr=15.8),
    ]
    candidates = gather(records)
    values = [np.array([row["psnr"] for row in c.images]) for c in candidates]
    scenes = [row["scene"] for row in candidates[0].images]
    assert ties(candidates, "psnr", 1) == {2: pytest.approx(paired(values[1], values[2], scenes).test.p)}


def test_what_cannot_be_tested_is_not_marked(tmp_path: Path) -> None:
    few = [keep(tmp_path / "few", name, psnr=15.0, scenes=5) for name in ("one", "two")]
    assert ties(gather(few), "psnr", 0) == {}
    records = [keep(tmp_path, name, psnr=15.0) for name in ("one", "two")]
    assert ties(gather(records), "swd", 0) == {}
    assert ties(gather(records[:1]), "psnr", 0) == {}
    assert ties(gather([{k: v for k, v in record.items() if k != "folder"} for record in records]), "psnr", 0) == {}


def test_few_scenes_are_remarked_on(tmp_path: Path) -> None:
    cell = {"value": 15.0, "direction": "higher", "reason": None, "ci95": None, "method": "none: 5 scenes are too few"}
    cell |= {"scenes": 5, "per_scene": {f"s{i}": 14.0 + i for i in range(5)}}
    table = measured_table([keep(tmp_path, "one", psnr=15.0, scenes=5, metrics={"psnr": cell})])
    assert table.footnotes[:1] == (
        "5 scenes are too few for intervals and tests: the values of each scene are kept instead.",
    )
    assert table.rows[0].cells["psnr"].per_scene == cell["per_scene"]
    assert "scenes: s0 14.00, s1 15.00" in render.html(table)


# Seeds


def test_runs_that_differ_in_their_seed_alone_are_one_row(tmp_path: Path) -> None:
    records = [keep(tmp_path, "gan", psnr=15.0 + seed, seed=seed) for seed in range(3)]
    other = keep(tmp_path, "other", psnr=12.0)
    table = measured_table([*records, other])
    assert [row.label for row in table.rows] == ["gan", "other"]
    row = table.rows[0]
    means = [record["metrics"]["psnr"]["value"] for record in records]
    assert row.cells["psnr"].value == pytest.approx(np.mean(means))
    assert row.cells["psnr"].sd == pytest.approx(np.std(means, ddof=1))
    assert (row.cells["swd"].value, row.cells["swd"].sd) == (11.0, 1.0)
    assert row.notes[0] == "mean of 3 seeds, ± their standard deviation"
    assert row.cells["psnr"].interval is not None
    assert row.cells["psnr"].interval[0] < row.cells["psnr"].value < row.cells["psnr"].interval[1]
    assert f"{np.mean(means):.2f} ± {np.std(means, ddof=1):.2f}" in render.markdown(table).replace("**", "")
    assert table.rows[1].cells["psnr"].sd is None


def test_images_are_averaged_over_seeds_before_rows_are_compared(tmp_path: Path) -> None:
    records = [keep(tmp_path, "gan", psnr=15.0, seed=seed) for seed in range(2)]
    (candidate,) = gather(records)
    tables = [gather([record])[0].images for record in records]
    assert [row["psnr"] for row in candidate.images] == pytest.approx(
        [(a["psnr"] + b["psnr"]) / 2 for a, b in zip(*tables, strict=True)]
    )
    assert candidate.seeds == 2


def test_other_settings_other_subsets_and_the_same_seed_twice_stay_apart(tmp_path: Path) -> None:
    one = keep(tmp_path, "gan", psnr=15.0)
    longer = keep(tmp_path, "gan", psnr=15.0, seed=1, steps=200)
    relabelled = keep(tmp_path, "gan", psnr=15.0, seed=2, label="gan, V only")
    assert [c.seeds for c in gather([one, longer, relabelled])] == [1, 1, 1]
    again = keep(tmp_path / "again", "gan", psnr=15.0)
    assert [c.seeds for c in gather([one, again])] == [1, 1]


def test_parents_of_other_seeds_are_the_same_parents(tmp_path: Path) -> None:
    for seed in range(2):
        first = tmp_path / "runs" / f"stage-s{seed}-id{seed}"
        first.mkdir(parents=True)
        (first / "spec.json").write_text(json.dumps({"spec": {"method": "stage", "seed": seed, "parents": {}}}))
    same = [keep(tmp_path, "ldm", psnr=15.0, seed=seed, parents={"vae": f"id{seed}"}) for seed in range(2)]
    assert [c.seeds for c in gather(same)] == [2]
    given = [keep(tmp_path, "ldm", psnr=15.0, seed=seed, parents={"vae": f"file{seed}"}) for seed in range(2)]
    assert [c.seeds for c in gather(given)] == [1, 1]


def test_a_value_that_one_seed_lacks_is_missing_with_its_reason(tmp_path: Path) -> None:
    records = [keep(tmp_path, "gan", psnr=15.0, seed=seed) for seed in range(2)]
    records[1]["metrics"]["swd"] |= {"value": None, "reason": "a distance between sets needs two images at least"}
    cell = measured_table(records).rows[0].cells["swd"]
    assert (cell.value, cell.note) == (None, "a distance between sets needs two images at least")

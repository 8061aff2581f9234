"""What a run was not scored by is added later, from its pictures alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

import splits
from bench.__main__ import main
from bench.networks import Network

ROOT = Path(__file__).parents[2]


@pytest.fixture
def external(small_home, fresh_home, tmp_path, capsys):
    """Somebody's predictions, scored by two metrics of one protocol: the folder of their scores."""
    samples = splits.load(str(small_home / "mini.toml"), "test", home=fresh_home)
    (tmp_path / "p").mkdir()
    rng = np.random.default_rng(0)
    for i in range(len(samples)):
        noise = rng.integers(0, 256, samples[i].infrared.shape, np.uint8)
        Image.fromarray(noise).save(tmp_path / "p" / f"{samples[i].key}_out.png")
    words = ["--dataset", str(small_home / "mini.toml"), "--home", str(fresh_home), "--suffix", "_out"]
    assert main(["score", str(tmp_path / "p"), *words, "--metrics", "psnr,ssim", "--label", "Mine"]) == 0
    capsys.readouterr()
    (place,) = fresh_home.glob("runs/external-mine-*/predictions/p/scores")
    return place


def rescore(home: Path, run: str, *words: str) -> int:
    return main(["rescore", run, "--home", str(home), "--quiet", "--json", *words])


def test_missing_metrics_and_protocols_are_added(external, fresh_home, capsys):
    before = json.loads((external / "v2ir-256@1/result.json").read_text())
    assert rescore(fresh_home, external.parents[2].name) == 0
    added = {a["protocol"]: a["metrics"] for a in json.loads(capsys.readouterr().out)["data"]["added"]}
    assert set(added) == {"v2ir-256@1", "v2ir-native@1", "pix2pix-legacy@1", "torchmetrics@1"}
    assert not {"psnr", "ssim"} & set(added["v2ir-256@1"])
    after = json.loads((external / "v2ir-256@1/result.json").read_text())
    assert after["label"] == "Mine"
    assert {name: after["metrics"][name] for name in before["metrics"]} == before["metrics"]
    assert after["metrics"]["ncc"]["n_defined"] == 8
    columns = pq.read_table(external / "v2ir-256@1/per_image.parquet").column_names
    assert {"psnr", "ssim", "ncc", "edge_f1_visible"} <= set(columns)


def test_a_complete_record_is_left_as_it_is(external, fresh_home, capsys):
    rescore(fresh_home, external.parents[2].name)
    files = {path: path.read_bytes() for path in external.rglob("*.*")}
    capsys.readouterr()
    assert rescore(fresh_home, str(external.parents[2])) == 0
    assert all(a["metrics"] == [] for a in json.loads(capsys.readouterr().out)["data"]["added"])
    assert {path: path.read_bytes() for path in external.rglob("*.*")} == files


def test_an_added_record_equals_one_that_was_whole_at_once(external, small_home, fresh_home, tmp_path, capsys):
    rescore(fresh_home, external.parents[2].name)
    words = ["--dataset", str(small_home / "mini.toml"), "--home", str(fresh_home), "--suffix", "_out"]
    out = ["--out", str(tmp_path / "out"), "--protocol", "all", "--label", "Mine"]
    assert main(["score", str(tmp_path / "p"), *words, *out]) == 0
    for name in ("result.json", "scores.json"):
        assert (external / "v2ir-256@1" / name).read_bytes() == (tmp_path / "out/v2ir-256@1" / name).read_bytes()


def test_weights_that_came_later_fill_the_gaps(external, fresh_home, capsys, monkeypatch):
    rescore(fresh_home, external.parents[2].name)
    stand_in = Network("w.pth", "7" * 64, lambda inputs: inputs[:, 0, ::40, ::40].reshape(len(inputs), -1))
    monkeypatch.setattr("bench.rescore.has_weights", lambda name, *_, **__: name == "inception")
    monkeypatch.setattr("bench.score.set_network", lambda *_, **__: stand_in)
    capsys.readouterr()
    assert rescore(fresh_home, external.parents[2].name) == 0
    added = {a["protocol"]: a["metrics"] for a in json.loads(capsys.readouterr().out)["data"]["added"]}
    assert added["v2ir-256@1"] == ["fid", "kid"]
    result = json.loads((external / "v2ir-256@1/result.json").read_text())
    assert result["metrics"]["fid"]["value"] > 0
    assert result["weights"] == {"w.pth": "7" * 64}
    assert not any(warning.startswith("W07") for warning in result["warnings"])


def test_pictures_that_have_changed_are_not_mixed_in(external, fresh_home, tmp_path, capsys):
    path = sorted((tmp_path / "p").iterdir())[0]
    Image.open(path).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(path)
    assert rescore(fresh_home, external.parents[2].name) == 1
    assert "no longer that of its scores" in capsys.readouterr().err


def test_a_protocol_of_other_pictures_is_not_set_beside_the_old_ones(external, fresh_home, tmp_path, capsys):
    path = sorted((tmp_path / "p").iterdir())[0]
    Image.open(path).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(path)
    assert rescore(fresh_home, external.parents[2].name, "--protocol", "pix2pix-legacy@1") == 1
    assert "no longer that of its scores" in capsys.readouterr().err
    assert [place.name for place in external.iterdir()] == ["v2ir-256@1"]


def test_copies_of_the_references_are_refused_here_too(small_home, fresh_home, tmp_path, capsys):
    samples = splits.load(str(small_home / "mini.toml"), "test", home=fresh_home)
    (tmp_path / "truth").mkdir()
    for i in range(len(samples)):
        Image.fromarray(samples[i].infrared).save(tmp_path / "truth" / f"{samples[i].key}.png")
    about = tmp_path / "truth" / "submission.json"
    about.write_text(json.dumps({"model": {"family": "control"}}))
    words = ["--dataset", str(small_home / "mini.toml"), "--home", str(fresh_home)]
    assert main(["score", str(tmp_path / "truth"), *words, "--metrics", "psnr"]) == 0
    about.unlink()
    (run,) = fresh_home.glob("runs/external-truth-*")
    assert rescore(fresh_home, run.name) == 1
    assert "E08" in capsys.readouterr().err
    assert len(list(run.rglob("result.json"))) == 1


def test_a_folder_that_was_scored_stands_for_its_run(external, fresh_home, tmp_path, capsys):
    assert rescore(fresh_home, str(tmp_path / "p"), "--protocol", "pix2pix-legacy@1") == 0
    assert {place.name for place in external.iterdir()} == {"v2ir-256@1", "pix2pix-legacy@1"}


def test_only_what_got_a_value_was_added(external, fresh_home, capsys):
    assert rescore(fresh_home, external.parents[2].name, "--protocol", "v2ir-256@1") == 0
    (added,) = json.loads(capsys.readouterr().out)["data"]["added"]
    result = json.loads((external / "v2ir-256@1/result.json").read_text())
    cells = result["metrics"]
    assert set(added["metrics"]) == {n for n, c in cells.items() if c["value"] is not None} - {"psnr", "ssim"}
    assert added["missing"] == {name: cell["reason"] for name, cell in cells.items() if cell["value"] is None}
    assert "fid" in added["missing"]
    assert json.loads((external / "v2ir-256@1/run.json").read_text())["images"] == result["n"]
    assert main(["rescore", external.parents[2].name, "--home", str(fresh_home), "--quiet"]) == 0
    found = capsys.readouterr().out
    assert "--: the Inception weights are missing" in found


def test_an_unknown_run_names_the_near_ones(external, fresh_home, capsys):
    assert rescore(fresh_home, "external-mein") == 2
    assert "external-mine" in capsys.readouterr().err


def test_a_run_without_predictions_says_how_to_make_them(fresh_home, capsys):
    (fresh_home / "runs/empty").mkdir(parents=True)
    assert rescore(fresh_home, "empty") == 1
    assert "bench predict" in capsys.readouterr().err


def test_no_method_is_imported(external, fresh_home):
    code = (
        "import sys; from bench.__main__ import main\n"
        f"code = main(['rescore', {external.parents[2].name!r}, '--home', {str(fresh_home)!r}])\n"
        "print('LOADED', code, sorted(m for m in sys.modules if m.split('.')[0] in ('models', 'diffusers')))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "IR500K_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED 0 []"

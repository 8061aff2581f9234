import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import splits
from bench import weights
from bench.__main__ import main
from bench.metrics import METRICS


def make_predictions(small_home: Path, folder: Path, name="{key}", change=lambda picture: picture) -> list[str]:
    """Noisy copies of the truth, named by a rule."""
    samples = splits.load(str(small_home / "mini.toml"), "test", home=small_home / "home")
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(len(samples)):
        sample = samples[i]
        noisy = np.clip(sample.infrared + rng.normal(0, 10, sample.infrared.shape), 0, 255).astype(np.uint8)
        stem = Path(sample.facts["ir_path"]).stem
        change(Image.fromarray(noisy)).save(folder / f"{name.format(key=sample.key, stem=stem)}.png")
    return samples.keys


def score(small_home: Path, folder: Path, *words: str) -> int:
    home = ["--dataset", str(small_home / "mini.toml"), "--home", str(small_home / "home")]
    return main(["score", str(folder), *home, "--json", "--quiet", *words])


@pytest.mark.parametrize(
    ("name", "rule", "words"),
    [
        ("{key}", "key", []),
        ("{stem}", "publisher's id", []),
        ("{stem}_fake_B", "publisher's id", ["--suffix", "_fake_B"]),
    ],
)
def test_files_match_by_one_rule_for_the_whole_folder(name, rule, words, small_home, tmp_path, capsys):
    make_predictions(small_home, tmp_path / "p", name)
    assert score(small_home, tmp_path / "p", *words) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert data["matched_by"] == rule
    assert data["metrics"]["psnr"]["value"] == pytest.approx(28.5, abs=2)


def test_equal_scores_make_equal_bytes(small_home, tmp_path, capsys):
    make_predictions(small_home, tmp_path / "p")
    assert score(small_home, tmp_path / "p") == 0
    first = capsys.readouterr().out
    assert score(small_home, tmp_path / "p") == 0
    assert capsys.readouterr().out == first


def test_a_plain_folder_is_scored_without_anything_ingested(small_home, tmp_path, capsys):
    make_predictions(small_home, tmp_path / "p")
    make_predictions(small_home, tmp_path / "r")
    (tmp_path / "scenes.csv").write_text(
        "".join(f"{p.stem},s{i % 3}\n" for i, p in enumerate((tmp_path / "r").iterdir()))
    )
    words = ["score", str(tmp_path / "p"), "--reference", str(tmp_path / "r"), "--scenes", str(tmp_path / "scenes.csv")]
    assert main([*words, "--home", str(tmp_path / "none"), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert data["metrics"]["psnr"]["value"] == 100
    assert data["metrics"]["ssim"]["value"] == pytest.approx(1)
    assert len(data["fingerprint"]) == 64


def missing(first: Path):
    first.unlink()


def extra(first: Path):
    shutil.copy(first, first.with_name("stranger.png"))


def unreadable(first: Path):
    first.write_bytes(b"not a picture")


def sixteen_bits(first: Path):
    Image.fromarray(np.zeros((56, 72), np.uint16)).save(first)


def undeclared_crop(first: Path):
    Image.new("L", (72, 30)).save(first)


def twin(first: Path):
    Image.open(first).save(first.with_suffix(".tiff"))


def false_colour(first: Path):
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (56, 72, 3), np.uint8)).save(first)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (missing, "E01"),
        (extra, "E02"),
        (unreadable, "E03"),
        (sixteen_bits, "E04"),
        (undeclared_crop, "E05"),
        (twin, "one stem"),
        (false_colour, "W02"),
    ],
)
def test_a_broken_submission_is_refused_with_its_code(damage, says, small_home, tmp_path, capsys):
    keys = make_predictions(small_home, tmp_path / "p")
    damage(tmp_path / "p" / f"{keys[0]}.png")
    assert score(small_home, tmp_path / "p") == 1
    found = capsys.readouterr()
    assert says in found.err
    assert len(found.err.strip().splitlines()) == 1
    assert json.loads(found.out)["ok"] is False


def test_a_declared_crop_is_compared_with_the_equally_cropped_truth(small_home, tmp_path, capsys):
    samples = splits.load(str(small_home / "mini.toml"), "test", home=small_home / "home")
    folder = tmp_path / "p"
    folder.mkdir()
    boxes = {}
    for i in range(len(samples)):
        sample = samples[i]
        width, height = sample.size
        boxes[sample.key] = [8, 0, width - 8, height]
        Image.fromarray(sample.infrared[:, 8:-8]).save(folder / f"{sample.key}.png")
    assert score(small_home, folder) == 1
    assert "E05" in capsys.readouterr().err
    (folder / "submission.json").write_text(json.dumps({"geometry": {"kind": "crop", "boxes": boxes}}))
    assert score(small_home, folder) == 0
    assert json.loads(capsys.readouterr().out)["data"]["metrics"]["psnr"]["value"] > 45


def test_missing_weights_leave_a_reason_and_exit_zero(small_home, tmp_path, capsys):
    make_predictions(small_home, tmp_path / "p")
    assert score(small_home, tmp_path / "p") == 0
    metrics = json.loads(capsys.readouterr().out)["data"]["metrics"]
    assert [n for n in metrics if metrics[n]["value"] is None] == ["fid", "kid"]
    assert set(metrics) == set(METRICS)


def test_weights_of_another_digest_are_refused(tmp_path, capsys):
    (tmp_path / "w.pth").write_bytes(b"other")
    assert main(["weights", "add", "inception", str(tmp_path / "w.pth"), "--home", str(tmp_path)]) == 1
    assert "sha256" in capsys.readouterr().err
    assert not weights.get("inception").path(weights.Home(tmp_path)).exists()

"""Several draws of each input: KEY__s0.png, KEY__s1.png."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import splits
from bench.__main__ import main


@pytest.fixture
def two_draws(small_home: Path, tmp_path: Path) -> dict[str, Path]:
    """Folders of the first draw, of the second, and of both under their numbered names."""
    samples = splits.load(str(small_home / "mini.toml"), "test", home=small_home / "home")
    folders = {name: tmp_path / name for name in ("first", "second", "both")}
    for folder in folders.values():
        folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(len(samples)):
        truth = np.asarray(samples[i].infrared, np.float64)
        for draw, name in enumerate(("first", "second")):
            pixels = (truth * 0.5 + rng.normal(60, 10 + 20 * draw, truth.shape)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folders[name] / f"{samples[i].key}.png")
            Image.fromarray(pixels).save(folders["both"] / f"{samples[i].key}__s{draw}.png")
    return folders


def score(small_home: Path, folder: Path, capsys) -> dict:
    words = ["score", str(folder), "--dataset", str(small_home / "mini.toml"), "--home", str(small_home / "home")]
    assert main([*words, "--json", "--quiet"]) == 0
    return json.loads(capsys.readouterr().out)["data"]


def test_numbers_are_means_over_draws_and_sets_are_of_the_first(small_home, two_draws, capsys):
    first, second, both = (score(small_home, two_draws[name], capsys)["metrics"] for name in two_draws)
    for name in ("psnr", "ssim", "mae", "psnr_pooled"):
        values = first[name]["value"], second[name]["value"]
        assert both[name]["value"] == pytest.approx(np.mean(values), abs=1e-12)
        assert both[name]["sd"] == pytest.approx(np.std(values, ddof=1), abs=1e-12)
    assert both["swd"]["value"] == first["swd"]["value"]


def test_the_result_says_how_many_there_were(small_home, two_draws, capsys):
    result = score(small_home, two_draws["both"], capsys)
    assert result["draws"] == 2
    assert result["n"] == 8
    assert any("mean of 2 draws" in note for note in result["notes"])


def test_an_input_with_fewer_draws_is_refused(small_home, two_draws, capsys):
    next(two_draws["both"].glob("*__s1.png")).unlink()
    words = ["score", str(two_draws["both"]), "--dataset", str(small_home / "mini.toml")]
    assert main([*words, "--home", str(small_home / "home")]) == 1
    assert "every input needs as many draws" in capsys.readouterr().err


def test_the_checker_looks_at_every_draw(small_home, two_draws, capsys):
    broken = next(two_draws["both"].glob("*__s1.png"))
    broken.write_bytes(b"no picture")
    words = ["check", str(two_draws["both"]), "--dataset", str(small_home / "mini.toml")]
    assert main([*words, "--home", str(small_home / "home")]) == 1
    assert f"E03 {broken.name}" in capsys.readouterr().out


def test_a_method_draws_with_other_noise_and_the_first_is_that_of_a_single_one(small_home, fresh_home, capsys):
    words = [str(small_home / "toy.py"), "--dataset", str(small_home / "mini.toml"), "--preset", "tiny"]
    words += ["--home", str(fresh_home), "--json", "--quiet"]
    assert main(["run", *words, "--draws", "3"]) == 0
    result = json.loads(capsys.readouterr().out)["data"]["results"][-1]
    assert result["draws"] == 3
    assert main(["predict", *words]) == 0
    single = Path(json.loads(capsys.readouterr().out)["data"]["predictions"])
    assert main(["predict", *words, "--draws", "3"]) == 0
    several = Path(json.loads(capsys.readouterr().out)["data"]["predictions"])
    assert several != single
    for path in single.glob("*.png"):
        draws = [(several / f"{path.stem}__s{k}.png").read_bytes() for k in range(3)]
        assert draws[0] == path.read_bytes()
    assert len(list(several.glob("*.png"))) == 3 * len(list(single.glob("*.png")))

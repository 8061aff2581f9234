"""What a leak is worth: both arms, one budget, and the gap with and without the other test images."""

import json

import numpy as np
import pytest
from PIL import Image

from bench import leak_study
from bench.__main__ import main
from bench.leak_study import Place, datasets_of, gap
from shards.errors import UserError


def result(value):
    return {"metrics": {"psnr": {"value": value, "reason": None}, "fid": {"value": None, "reason": "no weights"}}}


def rows(values):
    return [{"key": key, "scene": key, "psnr": value} for key, value in values.items()]


def test_the_gap_is_random_minus_scene_and_on_shared_images_paired():
    rng = np.random.default_rng(0)
    places = {f"k{i}": Place(f"s{i // 4}", f"k{i}") for i in range(80)}
    hard = {f"k{i}": float(value) for i, value in enumerate(rng.normal(15, 3, 80))}
    random = {key: value + 2 for key, value in list(hard.items())[:60]}
    scene = dict(list(hard.items())[20:])
    values = [float(np.mean([*side.values()])) for side in (random, scene)]
    found = gap("psnr", result(values[0]), result(values[1]), rows(random), rows(scene), places)
    assert found.difference == pytest.approx(values[0] - values[1])
    assert found.interval[0] < found.difference < found.interval[1]
    assert found.images == 40
    assert found.both == pytest.approx(2)
    assert found.both_interval == pytest.approx((2, 2))
    assert found.interval[1] - found.interval[0] > 0.5
    assert "scenes" in found.method


def test_few_scenes_are_resampled_in_stretches_and_the_method_says_so():
    places = {f"k{i}": Place(f"s{i // 40}", f"s{i // 40}/{i // 5}") for i in range(80)}
    values = {key: float(i % 7) for i, key in enumerate(places)}
    found = gap("psnr", result(3.0), result(3.0), rows(values), rows(values), places)
    assert "16 stretches of 25 frames within 2 scenes, which says nothing about other places" in found.method
    assert found.both == 0


def test_a_metric_without_a_number_says_why():
    found = gap("fid", result(1.0), result(1.0), rows({"a": 1.0}), rows({"a": 1.0}), {})
    assert (found.difference, found.reason) == (None, "no weights")


def test_the_gap_of_a_distance_has_an_interval_where_both_results_know_their_error():
    sides = [{"metrics": {"fid": {"value": v, "se": e, "scenes": n}}} for v, e, n in ((40.0, 3.0, 20), (70.0, 4.0, 9))]
    found = gap("fid", *sides, rows({"a": 1.0}), rows({"a": 1.0}), {})
    assert found.difference == -30
    assert found.interval == pytest.approx((-30 - 2.306004 * 5, -30 + 2.306004 * 5))  # Student's t, 8 degrees
    few = {"metrics": {"fid": {"value": 70.0, "se": None, "scenes": 4}}}
    assert gap("fid", sides[0], few, rows({"a": 1.0}), rows({"a": 1.0}), {}).interval is None


def test_test_sets_without_a_common_image_have_the_plain_gap_alone():
    places = {f"k{i}": Place(f"s{i}", f"k{i}") for i in range(20)}
    first, second = ({f"k{i}": float(i) for i in half} for half in (range(10), range(10, 20)))
    found = gap("psnr", result(4.5), result(14.5), rows(first), rows(second), places)
    assert (found.difference, found.both) == (-10.0, None)
    assert "no image is tested under both" in found.reason


def test_a_source_without_both_splits_names_those_that_have_them():
    assert datasets_of("m3svd") == ("m3svd_random", "m3svd_scene")
    assert datasets_of("m3fd") == ("m3fd_random", "m3fd_manual")
    with pytest.raises(UserError, match="m3fd, m3svd"):
        datasets_of("llvip")


def test_the_command_trains_both_arms_and_writes_the_study(small_home, tmp_path, monkeypatch, capsys):
    raw = tmp_path / "raw"
    rng = np.random.default_rng(0)
    for clip in range(4):
        base = rng.integers(0, 200, (5, 6, 3), dtype=np.uint8)
        for frame in range(6):
            for side in ("rgb", "ir"):
                path = raw / side / f"c{clip}_{frame:02d}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                moved = np.clip(base + rng.integers(0, 9, base.shape), 0, 255).astype(np.uint8)
                shown = moved if side == "rgb" else 255 - moved[..., 0]
                Image.fromarray(shown).resize((48, 40), Image.Resampling.BICUBIC).save(path)
    home = ["--home", str(tmp_path / "home"), "--quiet"]
    from ingest.__main__ import main as ingest

    assert ingest(["folder", str(raw), "--workers", "1", *home]) == 0
    head = 'title = "T"\nversion = 1\n[[source]]\nname = "folder"\n[split]\nseed = 0\n'
    for name, by in (("clips_random", "random"), ("clips_scene", "group")):
        text = f'{head}by = "{by}"\nfractions = {{ train = 0.75, test = 0.25 }}\n'
        (tmp_path / f"{name}.toml").write_text(text)
    pair = tuple(str(tmp_path / f"clips_{word}.toml") for word in ("random", "scene"))
    monkeypatch.setattr(leak_study, "datasets_of", lambda source: pair)
    words = [str(small_home / "toy.py"), "--source", "clips", "--preset", "tiny", *home]
    capsys.readouterr()
    assert main(["leak-study", *words, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert data["schema"] == "ir500k.leak-study/1"
    assert {arm["step"] for arm in data["arms"].values()} == {12}
    assert data["arms"]["random"]["train"] != data["arms"]["scene"]["train"]
    assert {one["metric"] for one in data["gaps"]} == {"fid", "psnr", "ssim", "kid", "swd"}
    assert main(["leak-study", *words]) == 0  # from what is there
    assert "gap (95 %)" in capsys.readouterr().out

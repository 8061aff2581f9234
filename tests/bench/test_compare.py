"""Scored runs are compared on the same images, from their records alone."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import splits
from bench import record
from bench.__main__ import main
from bench.compare import OTHER_PARTS, compare
from bench.comparison import document, extremes, text
from bench.external import write_source
from bench.score import write
from bench.statistics.multiple import holm
from bench.statistics.paired import paired
from shards.errors import UserError
from shards.home import Home

PROTOCOL = "v2ir-256@1"


def keep(home: Path, name: str, *, psnr=15.0, noise=0.3, scenes=10, images=40, features=True, about=None) -> Path:
    """A run's records as `bench score` leaves them; `psnr` and `noise` say how good its predictions are."""
    rng = np.random.default_rng(sum(map(ord, name)))
    truth = np.random.default_rng(0).normal(size=(images, 16)).astype(np.float32)
    level = np.random.default_rng(1).normal(0, 3, scenes)  # some scenes are hard for every model
    rows = [
        {
            "key": f"k{i:02d}",
            "scene": f"s{i % scenes}",
            "psnr": psnr + level[i % scenes] + rng.normal(0, 0.3),
            "mae": 20.0 - psnr / 10 + rng.normal(0, 0.1),
        }
        for i in range(images)
    ]
    means = {metric: float(np.mean([row[metric] for row in rows])) for metric in ("psnr", "mae")}
    values = {"fid": 10 * noise, "psnr": means["psnr"], "kid": noise, "swd": 20.0, "mae": means["mae"]}
    result = {
        "schema": "ir500k.result/1",
        "protocol": PROTOCOL,
        "dataset": "mini",
        "subset": "test",
        "fingerprint": "ab" * 32,
        "n": images,
        "label": name.upper(),
        "metrics": {metric: {"value": value, "reason": None} for metric, value in values.items()},
    }
    if features:
        folder = home / "cache" / "features"
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "truth.npy", truth)
        np.save(folder / f"{name}.npy", (truth + noise * rng.normal(size=truth.shape)).astype(np.float32))
        result["features"] = {"inception": {"predictions": name, "references": "truth"}}
    place = home / "runs" / name / "predictions" / "test-1"
    write(place / "scores" / PROTOCOL, result | (about or {}), rows)
    return place


def found(home: Path, *names: str, metrics=()):
    scored = [record.find(name, Home(home), PROTOCOL) for name in names]
    return scored, compare(scored, Home(home), metrics)


def test_every_headline_metric_is_compared_with_interval_and_test(tmp_path):
    keep(tmp_path, "good", psnr=16.0, noise=0.2)
    keep(tmp_path, "poor", psnr=15.0, noise=1.5)
    scored, differences = found(tmp_path, "good", "poor")
    by_name = {d.metric: d for d in differences}
    assert list(by_name) == ["fid", "psnr", "kid", "swd"]
    psnr = by_name["psnr"]
    expected = paired(scored[0].column("psnr"), scored[1].column("psnr"), scored[0].scenes)
    assert (psnr.effect, psnr.interval, psnr.test) == (expected.effect, expected.interval, expected.test)
    assert psnr.effect == pytest.approx(1.0, abs=0.2)
    assert psnr.interval.low > 0.5
    assert psnr.test.p == 2 / 1024
    assert (psnr.record(["A", "B"])["scenes_up"], len(psnr.per_scene)) == (10, 10)
    for name in ("fid", "kid"):
        assert by_name[name].interval.high < 0
        assert by_name[name].interval.method == "jackknife, 10 scenes"
        assert by_name[name].test.p < 0.01
    assert by_name["fid"].test.tried == by_name["kid"].test.tried == 1024
    assert by_name["swd"].test is None
    assert by_name["swd"].reason == "one number for all images: the records hold nothing to test"


def test_the_effect_of_features_is_that_of_the_values(tmp_path):
    from bench.metrics.frechet import frechet

    keep(tmp_path, "good", noise=0.2)
    keep(tmp_path, "poor", noise=0.6)
    features = np.load(tmp_path / "cache/features/truth.npy")
    values = [frechet(np.load(tmp_path / f"cache/features/{name}.npy"), features) for name in ("good", "poor")]
    (difference,) = found(tmp_path, "good", "poor", metrics=["fid"])[1]
    middle = (difference.interval.low + difference.interval.high) / 2
    assert middle == pytest.approx(values[0] - values[1], rel=1e-6)


def test_runs_that_show_other_parts_of_the_frames_are_not_swapped(tmp_path):
    keep(tmp_path, "whole")
    rng = np.random.default_rng(9)
    cropped = rng.normal(size=(40, 16)).astype(np.float32)
    np.save(tmp_path / "cache/features/cropped-truth.npy", cropped)
    np.save(tmp_path / "cache/features/crop.npy", cropped + np.float32(0.1))
    names = {"predictions": "crop", "references": "cropped-truth"}
    keep(tmp_path, "crop", features=False, about={"features": {"inception": names}})
    (difference,) = found(tmp_path, "whole", "crop", metrics=["kid"])[1]
    assert difference.test is None
    assert "different parts" in difference.reason
    assert difference.interval.se > 0


def test_other_parts_of_the_frames_have_no_p_and_no_better_one(tmp_path):
    crop = {"geometry": {"kind": "crop", "share": 3e-5, "boxes": "5" * 64}}
    keep(tmp_path, "whole", psnr=15.0, about={"geometry": {"kind": "whole", "share": 1.0, "boxes": None}})
    keep(tmp_path, "crop", psnr=17.0, about=crop)
    keep(tmp_path, "again", psnr=16.0, about=crop)
    scored, differences = found(tmp_path, "whole", "crop", metrics=["psnr", "swd"])
    assert [d.reason for d in differences] == [OTHER_PARTS] * 2
    assert [d.test for d in differences] == [None, None]
    assert differences[0].interval.high < 0
    shown = document(scored, differences)
    assert [row["better"] for row in shown["differences"]] == [None, None]
    assert shown["images"] == []
    assert OTHER_PARTS in text(shown)
    (alike,) = found(tmp_path, "crop", "again", metrics=["psnr"])[1]
    assert alike.test.p < 0.01


def test_p_values_are_adjusted_over_all_that_was_tested(tmp_path):
    for name, psnr in (("one", 15.0), ("three", 15.1), ("seven", 15.2)):
        keep(tmp_path, name, psnr=psnr, features=False)
    differences = found(tmp_path, "one", "three", "seven", metrics=["psnr", "mae"])[1]
    assert [(d.first, d.second) for d in differences] == [(0, 1), (0, 2), (1, 2)] * 2
    assert [d.holm for d in differences] == holm([d.test.p for d in differences])


def test_the_order_of_runs_turns_signs_and_nothing_else(tmp_path):
    keep(tmp_path, "good", psnr=16.0)
    keep(tmp_path, "poor")
    ab, ba = (found(tmp_path, *names, metrics=["psnr", "fid"])[1] for names in (("good", "poor"), ("poor", "good")))
    for one, other in zip(ab, ba, strict=True):
        assert one.effect == pytest.approx(-other.effect)
        assert one.interval.se == pytest.approx(other.interval.se)
        assert one.test == other.test
        assert one.record(["A", "B"])["better"] == other.record(["B", "A"])["better"]


def test_lower_is_better_where_the_metric_says_so(tmp_path):
    keep(tmp_path, "good", psnr=18.0)
    keep(tmp_path, "poor", psnr=12.0)
    scored, differences = found(tmp_path, "good", "poor", metrics=["psnr", "mae"])
    assert [d.record(["A", "B"])["better"] for d in differences] == ["A", "A"]
    assert [d.effect > 0 for d in differences] == [True, False]
    best = extremes(*scored, "mae")["best"]
    gains = [image["difference"] for image in best]
    assert gains == sorted(gains)
    assert gains[0] == min(scored[0].column("mae") - scored[1].column("mae")) < 0
    assert extremes(*scored, "mae")["worst"] == []


def test_few_scenes_are_listed_instead_of_an_interval(tmp_path):
    keep(tmp_path, "good", psnr=16.0, scenes=4)
    keep(tmp_path, "poor", scenes=4)
    differences = found(tmp_path, "good", "poor", metrics=["psnr", "fid"])[1]
    assert [d.interval.record()["ci95"] for d in differences] == [None, None]
    assert list(differences[0].per_scene) == ["s0", "s1", "s2", "s3"]
    assert differences[0].test.p == 2 / 16  # no test of four scenes can reach 0.05


def test_what_the_records_lack_is_told(tmp_path):
    keep(tmp_path, "good")
    keep(tmp_path, "poor", features=False)
    no_weights = {"fid": {"value": None, "reason": "weights are missing"}, "psnr": {"value": 1.0, "reason": None}}
    keep(tmp_path, "bare", about={"metrics": no_weights})
    reasons = {d.metric: d.reason for d in found(tmp_path, "good", "poor", metrics=["fid", "psnr"])[1]}
    assert reasons == {"fid": "features are not cached: score both runs again", "psnr": None}
    reasons = {d.metric: d.reason for d in found(tmp_path, "good", "bare", metrics=["fid", "ssim"])[1]}
    assert reasons == {"fid": "weights are missing", "ssim": "GOOD was not scored by it"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"fingerprint": "cd" * 32}, "test subsets"),
        ({"protocol": "other@1"}, "protocols"),
        ({"n": 39}, "numbers of images"),
    ],
)
def test_what_was_not_measured_alike_is_refused(tmp_path, change, says):
    keep(tmp_path, "good")
    keep(tmp_path, "other", about=change)
    with pytest.raises(UserError, match=f"different {says} cannot be compared: GOOD: .*, OTHER: "):
        found(tmp_path, "good", "other")


def test_runs_with_other_scenes_are_refused(tmp_path):
    keep(tmp_path, "good")
    keep(tmp_path, "other", scenes=9)
    with pytest.raises(UserError, match="different images or scenes"):
        found(tmp_path, "good", "other")


def test_a_run_is_found_by_name_by_path_and_by_its_predictions(tmp_path):
    place = keep(tmp_path, "good")
    home = Home(tmp_path)
    for name in ("good", str(tmp_path / "runs" / "good"), str(place)):
        assert record.find(name, home, PROTOCOL).folder == place
    with pytest.raises(UserError, match="did you mean good"):
        record.find("god", home, PROTOCOL)
    with pytest.raises(UserError, match="no scores of val"):
        record.find("good", home, PROTOCOL, subset="val")
    with pytest.raises(UserError, match="no scores under other@1"):
        record.find(str(place), home, "other@1")
    write(
        place.parent / "test-2" / "scores" / PROTOCOL, {"subset": "test", "metrics": {}}, [{"key": "k", "scene": "s"}]
    )
    with pytest.raises(UserError, match="2 scored sets of predictions"):
        record.find("good", home, PROTOCOL)


def test_a_folder_that_was_scored_is_found_by_its_path(tmp_path):
    place, folder = keep(tmp_path, "external-mine"), tmp_path / "mine"
    folder.mkdir()
    with pytest.raises(UserError, match="no scores of test"):
        record.find(str(folder), Home(tmp_path), PROTOCOL)
    write_source(place, folder, "mini", "test", suffix="", allow_missing=False)
    assert record.find(str(folder), Home(tmp_path), PROTOCOL).folder == place
    with pytest.raises(UserError) as caught:
        record.find(str(place), Home(tmp_path), "other@1")
    assert f"bench score {folder} --dataset mini --protocol other@1" in caught.value.remedy
    other = keep(tmp_path, "external-other")
    write_source(other, folder, "mini", "test", suffix="", allow_missing=False)
    with pytest.raises(UserError, match="2 scored sets of predictions"):
        record.find(str(folder), Home(tmp_path), PROTOCOL)


def test_what_a_score_wrote_elsewhere_is_found(small_home, tmp_path, capsys):
    samples = splits.load(str(small_home / "mini.toml"), "test", home=small_home / "home")
    for name, gain in (("r", 1), ("a", 0.9), ("b", 0.5)):
        (tmp_path / name).mkdir()
        for i in range(len(samples)):
            pixels = (samples[i].infrared * gain).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{samples[i].key}.png")
    words = ["--reference", str(tmp_path / "r"), "--home", str(tmp_path / "home"), "--metrics", "psnr", "--quiet"]
    for name in "ab":
        assert main(["score", str(tmp_path / name), *words, "--out", str(tmp_path / f"out-{name}")]) == 0
    capsys.readouterr()
    runs = [str(tmp_path / "out-a"), str(tmp_path / "out-b")]
    assert main(["compare", *runs, "--home", str(tmp_path / "home"), "--json"]) == 0
    (difference,) = json.loads(capsys.readouterr().out)["data"]["differences"]
    assert difference["better"] == "A"


def test_the_command_prints_a_table_and_the_images_that_differ_most(tmp_path, capsys):
    keep(tmp_path, "good", psnr=16.0)
    keep(tmp_path, "poor")
    assert main(["compare", "good", "poor", "--home", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "mini test (abababab), 40 images, 10 scenes, v2ir-256@1" in out
    assert "A: GOOD" in out
    assert "10 of 10 scenes" in out
    assert "images in which A is better than B by most PSNR:" in out
    assert "SWD: one number for all images" in out
    assert main(["compare", "good", "--home", str(tmp_path)]) == 2
    assert "two runs" in capsys.readouterr().err


def test_the_document_says_everything(tmp_path, capsys):
    keep(tmp_path, "good", psnr=16.0)
    keep(tmp_path, "poor")
    assert main(["compare", "good", "poor", "--home", str(tmp_path), "--json", "--by", "mae"]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert data["schema"] == "ir500k.comparison/1"
    assert [run["label"] for run in data["runs"]] == ["GOOD", "POOR"]
    psnr = next(row for row in data["differences"] if row["metric"] == "psnr")
    assert psnr["better"] == "A"
    assert psnr["ci95"][0] < psnr["effect"] < psnr["ci95"][1]
    assert psnr["p"] <= psnr["p_holm"]
    assert set(psnr["per_scene"]) == {f"s{i}" for i in range(10)}
    assert data["images"][0]["metric"] == "mae"
    assert main(["compare", "good", "poor", "--home", str(tmp_path), "--by", "fid"]) == 2
    assert "no metric per image" in capsys.readouterr().err


def test_many_runs_have_names_of_their_own(tmp_path):
    keep(tmp_path, "good", features=False)
    scored, differences = found(tmp_path, *["good"] * 28, metrics=["psnr"])
    shown = document(scored, differences[:1])
    assert [run["name"] for run in shown["runs"]][24:] == ["Y", "Z", "A1", "B1"]
    assert differences[0].test.p == 1.0
    assert "how: all 1,024 relabellings" in text(shown)


def test_no_model_is_imported(tmp_path):
    keep(tmp_path, "good")
    keep(tmp_path, "poor")
    words = ["compare", "good", "poor", "--home", str(tmp_path), "--quiet"]
    code = (
        "import sys; from bench.__main__ import main; "
        f"assert main({words!r}) == 0; "
        "assert not [m for m in sys.modules if m.split('.')[0] in ('models', 'torch', 'diffusers')]"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

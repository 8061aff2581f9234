"""Anybody's folder of predictions gets the same numbers as our own runs, or one line that says why not."""

import json
import re
import shutil
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

import splits
from bench import weights
from bench.__main__ import main
from bench.metrics import METRICS
from bench.networks import Network
from bench.protocol import load

HEADLINE = load("v2ir-256@1")
STAND_IN = Network("stand-in.pth", "5" * 64, lambda inputs: inputs[:, 0, ::40, ::40].reshape(len(inputs), -1))


def make_predictions(small_home: Path, folder: Path, name: str = "{key}") -> list[str]:
    """Noisy copies of the truth, named by a rule."""
    samples = splits.load(str(small_home / "mini.toml"), "test", home=small_home / "home")
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(len(samples)):
        sample = samples[i]
        noisy = np.clip(sample.infrared + rng.normal(0, 10, sample.infrared.shape), 0, 255).astype(np.uint8)
        stem = Path(sample.facts["ir_path"]).stem
        Image.fromarray(noisy).save(folder / f"{name.format(key=sample.key, stem=stem)}.png")
    return samples.keys


def score(small_home: Path, folder: Path, *words: str, home: Path | None = None) -> int:
    place = ["--dataset", str(small_home / "mini.toml"), "--home", str(home or small_home / "home")]
    return main(["score", str(folder), *place, "--json", "--quiet", *words])


@pytest.fixture
def scored(small_home, tmp_path, capsys):
    """`scored(*words)`: the document of a score of `tmp_path / "p"`, which is made where it is not there."""

    def run(*words: str, home: Path | None = None) -> dict:
        if not (tmp_path / "p").is_dir():
            make_predictions(small_home, tmp_path / "p")
        assert score(small_home, tmp_path / "p", *words, home=home) == 0
        return json.loads(capsys.readouterr().out)["data"]

    return run


@pytest.fixture
def network(monkeypatch):
    """A network that is there, in the place of Inception; counts the pictures that go through it."""
    seen = []

    def extract(inputs):
        seen.extend(inputs)
        return STAND_IN.extract(inputs)

    found = {"inception": Network(STAND_IN.file, STAND_IN.sha256, extract)}
    monkeypatch.setattr("bench.score.set_network", lambda name, *_, **__: found.get(name))
    return seen


# Matching


@pytest.mark.parametrize(
    ("name", "rule", "words"),
    [
        ("{key}", "key", []),
        ("{stem}", "publisher's id", []),
        ("{stem}_fake_B", "publisher's id", ["--suffix", "_fake_B"]),
    ],
)
def test_files_match_by_one_rule_for_the_whole_folder(name, rule, words, small_home, tmp_path, scored):
    make_predictions(small_home, tmp_path / "p", name)
    data = scored(*words)
    assert data["matched_by"] == rule
    assert data["metrics"]["psnr"]["value"] == pytest.approx(28.5, abs=2)


def test_a_plain_folder_is_scored_without_anything_ingested(small_home, tmp_path, capsys):
    make_predictions(small_home, tmp_path / "p")
    make_predictions(small_home, tmp_path / "r")
    (tmp_path / "scenes.csv").write_text(
        "".join(f"{p.stem},s{i % 3}\n" for i, p in enumerate(sorted((tmp_path / "r").iterdir())))
    )
    words = ["score", str(tmp_path / "p"), "--reference", str(tmp_path / "r"), "--scenes", str(tmp_path / "scenes.csv")]
    assert main([*words, "--home", str(tmp_path / "none"), "--out", str(tmp_path / "out"), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert data["metrics"]["psnr"]["value"] == 100
    assert data["metrics"]["ssim"]["value"] == pytest.approx(1)
    assert len(data["fingerprint"]) == 64
    assert set(data["per_scene"]) == {"s0", "s1", "s2"}
    assert data["per_scene"]["s0"]["n"] == 3
    assert data["metrics"]["grad_corr_visible"]["reason"] == "the references have no visible images"
    assert any(warning.startswith("E08") for warning in data["warnings"])
    flat = json.loads((tmp_path / "out/v2ir-256@1/scores.json").read_text())
    assert flat["psnr"] == 100
    assert "fid" not in flat


# What a result holds


def test_every_metric_of_the_protocol_has_a_value_or_a_reason(scored):
    data = scored()
    assert list(HEADLINE.metrics) == sorted(data["metrics"], key=list(HEADLINE.metrics).index)
    through_networks = {name for name, use in HEADLINE.metrics.items() if use.metric.network}
    assert {name for name, cell in data["metrics"].items() if cell["value"] is None} == through_networks
    for name, cell in data["metrics"].items():
        assert (cell["reason"] is None) == (cell["value"] is not None)
        assert cell["direction"] == METRICS[name].direction
    assert data["metrics"]["psnr"]["n_defined"] == data["n"] == 8
    assert len(data["metrics"]["psnr"]["ci95"]) == 2
    assert "weights fetch inception" in data["metrics"]["fid"]["reason"]


def test_values_are_means_of_the_per_image_table(scored, tmp_path):
    data = scored("--out", str(tmp_path / "out"))
    rows = pq.read_table(tmp_path / "out/v2ir-256@1/per_image.parquet").to_pylist()
    uses = HEADLINE.metrics.items()
    image_metrics = [name for name, use in uses if use.metric.kind == "image" and not use.metric.network]
    assert list(rows[0]) == ["key", "scene", *image_metrics]
    assert [row["key"] for row in rows] == sorted(row["key"] for row in rows)
    for name in image_metrics:
        assert data["metrics"][name]["value"] == pytest.approx(np.mean([row[name] for row in rows]))


def test_equal_scores_make_equal_bytes(small_home, tmp_path, capsys, network):
    make_predictions(small_home, tmp_path / "p")
    printed = []
    for home in ("a", "b", "b"):  # two homes that know nothing, and one that remembers
        (tmp_path / home).mkdir(exist_ok=True)
        for name in ("shards", "annotations"):
            link = tmp_path / home / name
            if not link.exists():
                link.symlink_to(small_home / "home" / name)
        out = tmp_path / f"out-{len(printed)}"
        words = ["--dataset", str(small_home / "mini.toml"), "--home", str(tmp_path / home), "--protocol", "all"]
        assert main(["score", str(tmp_path / "p"), *words, "--out", str(out), "--json"]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] == printed[2]
    for path in sorted(path for path in (tmp_path / "out-0").rglob("*.*") if path.name != "run.json"):
        for other in ("out-1", "out-2"):
            assert path.read_bytes() == (tmp_path / other / path.relative_to(tmp_path / "out-0")).read_bytes()


def test_all_protocols_agree_with_each_alone(scored, network):
    together = scored("--protocol", "all")["protocols"]
    assert len(together) == 4
    for protocol, result in together.items():
        assert result["protocol"] == protocol
        assert result == scored("--protocol", protocol)


def test_only_the_metrics_that_are_asked_for_are_computed(scored):
    assert list(scored("--metrics", "psnr,ssim")["metrics"]) == ["psnr", "ssim"]
    every = scored("--metrics", "psnr", "--protocol", "v2ir-256@1,torchmetrics@1")["protocols"]
    assert [list(result["metrics"]) for result in every.values()] == [["psnr"], ["psnr"]]


def test_what_it_took_stands_beside_the_result(scored, tmp_path):
    data = scored("--out", str(tmp_path / "out"))
    ran = json.loads((tmp_path / "out/v2ir-256@1/run.json").read_text())
    assert ran["images"] == data["n"] == 8
    assert ran["seconds"] > 0
    assert ran["images_per_second"] > 0
    assert ran["peak_memory_bytes"] > 1e6
    assert datetime.fromisoformat(ran["created"]).tzinfo is not None
    assert ran["environment"]["packages"]["numpy"] == np.__version__


def test_folders_of_one_last_name_are_kept_apart(small_home, fresh_home, tmp_path):
    for side in ("a", "b"):
        (tmp_path / side).mkdir()
        make_predictions(small_home, tmp_path / side / "images")
    for path in (tmp_path / "b/images").iterdir():
        Image.fromarray(255 - np.asarray(Image.open(path))).save(path)
    assert score(small_home, tmp_path / "a/images", home=fresh_home) == 0
    assert score(small_home, tmp_path / "b/images", "--protocol", "all", home=fresh_home) == 0
    sources = [json.loads(path.read_text())["folder"] for path in fresh_home.glob("runs/*/predictions/*/source.json")]
    assert sorted(sources) == [str(tmp_path / side / "images") for side in ("a", "b")]
    assert len(list(fresh_home.glob("runs/*/predictions/images/scores/*/result.json"))) == 1 + 4


def test_scores_of_pictures_that_have_changed_are_removed_and_it_is_told(small_home, fresh_home, tmp_path, capsys):
    make_predictions(small_home, tmp_path / "p")
    assert score(small_home, tmp_path / "p", "--protocol", "v2ir-256@1,pix2pix-legacy@1", home=fresh_home) == 0
    for path in (tmp_path / "p").iterdir():
        Image.fromarray(255 - np.asarray(Image.open(path))).save(path)
    words = ["--dataset", str(small_home / "mini.toml"), "--home", str(fresh_home), "--quiet"]
    capsys.readouterr()
    assert main(["score", str(tmp_path / "p"), *words]) == 0
    assert "removed the scores by pix2pix-legacy@1: they were of other pictures" in capsys.readouterr().out
    (scores,) = fresh_home.glob("runs/*/predictions/p/scores")
    assert [path.name for path in scores.iterdir()] == ["v2ir-256@1"]


def test_a_greyscale_copy_shows_itself_against_the_visible_image(small_home, tmp_path, capsys):
    samples = splits.load(str(small_home / "mini.toml"), "test", home=small_home / "home")
    (tmp_path / "p").mkdir()
    for i in range(len(samples)):
        luma = np.asarray(Image.fromarray(samples[i].visible).convert("L"))
        Image.fromarray(255 - luma).save(tmp_path / "p" / f"{samples[i].key}.png")
    assert score(small_home, tmp_path / "p") == 0
    metrics = json.loads(capsys.readouterr().out)["data"]["metrics"]
    assert metrics["grad_corr_visible"]["value"] == pytest.approx(-1, abs=1e-3)
    assert metrics["edge_f1_visible"]["value"] > 0.999
    assert abs(metrics["grad_corr"]["value"]) < 0.5


# What is remembered


def test_a_second_method_decodes_no_reference(fresh_home, scored, monkeypatch):
    first = scored(home=fresh_home)
    assert len(list((fresh_home / "cache/references").iterdir())) == 2  # infrared and visible
    monkeypatch.setattr("shards.reader.Reader.read", lambda *_: pytest.fail("a reference was read"))
    assert scored(home=fresh_home) == first


def test_each_picture_goes_through_the_network_once(fresh_home, tmp_path, scored, network):
    first = scored(home=fresh_home)
    count = len(network)
    assert count == 16
    assert first["metrics"]["fid"]["value"] > 0
    assert first["weights"] == {STAND_IN.file: STAND_IN.sha256}
    assert scored(home=fresh_home) == first
    assert len(network) == count
    changed = sorted((tmp_path / "p").glob("*.png"))[0]
    Image.fromarray(255 - np.asarray(Image.open(changed))).save(changed)
    assert scored(home=fresh_home)["metrics"]["fid"]["value"] != first["metrics"]["fid"]["value"]
    assert len(network) == count + 1


# Geometry


def test_a_declared_crop_is_compared_with_the_equally_cropped_truth(small_home, tmp_path, capsys):
    samples = splits.load(str(small_home / "mini.toml"), "test", home=small_home / "home")
    folder = tmp_path / "p"
    folder.mkdir()
    boxes, sizes = {}, {}
    for i in range(len(samples)):
        sample = samples[i]
        width, height = sample.size
        boxes[sample.key], sizes[sample.key] = [8, 0, width - 8, height], sample.size
        noisy = sample.infrared[:, 8:-8].copy()
        noisy[0, 0] ^= 1
        Image.fromarray(noisy).save(folder / f"{sample.key}.png")
    assert score(small_home, folder) == 1
    assert "E05" in capsys.readouterr().err
    (folder / "submission.json").write_text(json.dumps({"geometry": {"kind": "crop", "boxes": boxes}}))
    assert score(small_home, folder, "--protocol", "all") == 0
    results = json.loads(capsys.readouterr().out)["data"]["protocols"]
    assert all(result["metrics"]["psnr"]["value"] > 45 for result in results.values())
    shown = [result["geometry"] for result in results.values()]
    kept = sum((width - 16) * height for width, height in map(sizes.get, boxes))
    assert shown[0]["share"] == pytest.approx(kept / sum(width * height for width, height in sizes.values()))
    assert len(shown[0]["boxes"]) == 64
    assert all(one == shown[0] for one in shown)
    words = ["--dataset", str(small_home / "mini.toml"), "--home", str(small_home / "home"), "--quiet"]
    assert main(["score", str(folder), *words, "--metrics", "psnr"]) == 0
    assert "8 images, 79 % of the frame" in capsys.readouterr().out
    (folder / "submission.json").write_text(json.dumps({"geometry": {"kind": "squash"}}))
    assert score(small_home, folder) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert data["metrics"]["psnr"]["value"] < 35
    assert data["geometry"] == {"kind": "whole", "share": 1.0, "boxes": None}


# Bad input


def missing(first: Path):
    first.unlink()


def extra(first: Path):
    shutil.copy(first, first.with_name("stranger.png"))


def unreadable(first: Path):
    first.write_bytes(b"not a picture")


def sixteen_bits(first: Path):
    Image.fromarray(np.zeros((56, 72), np.uint16)).save(first)


def no_numbers(first: Path):
    Image.fromarray(np.full((56, 72), np.nan, np.float32)).save(first.with_suffix(".tiff"))
    first.unlink()


def transparent(first: Path):
    Image.new("RGBA", (72, 56), (9, 9, 9, 0)).save(first)


def for_print(first: Path):
    Image.new("CMYK", (72, 56)).save(first.with_suffix(".jpg"))
    first.unlink()


def undeclared_crop(first: Path):
    Image.new("L", (72, 30)).save(first)


def twin(first: Path):
    Image.open(first).save(first.with_suffix(".tiff"))


def false_colour(first: Path):
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (56, 72, 3), np.uint8)).save(first)


def of_another_dataset(first: Path):
    for i, path in enumerate(sorted(first.parent.iterdir())):
        path.rename(path.with_name(f"m3fd-{i:05d}.png"))


def another_fingerprint(first: Path):
    first.with_name("submission.json").write_text(json.dumps({"split_fingerprint": "0" * 64}))


def no_json(first: Path):
    first.with_name("submission.json").write_text("{")


def no_geometry(first: Path):
    first.with_name("submission.json").write_text(json.dumps({"geometry": {"kind": "crop", "box": [1]}}))


def repeated(first: Path):
    for path in first.parent.iterdir():
        if path != first:
            shutil.copy(first, path)
    first.with_name("submission.json").write_text(json.dumps({"geometry": {"kind": "squash"}}))


BROKEN = [
    (missing, "E01: 1 of 8 predictions are missing: folder-test00"),
    (of_another_dataset, "holds m3fd-00000"),
    (extra, "E02: 1 files belong to no sample: stranger"),
    (unreadable, "E03 folder-test00.png"),
    (sixteen_bits, "E04 folder-test00.png: mode I;16"),
    (no_numbers, "E04 folder-test00.tiff: holds NaN"),
    (transparent, "E04 folder-test00.png: transparent"),
    (for_print, "E04 folder-test00.jpg: mode CMYK"),
    (false_colour, "E04 folder-test00.png: 100% of the pixels are in colour"),
    (undeclared_crop, "E05 folder-test00.png"),
    (no_geometry, "E05 submission.json"),
    (another_fingerprint, "E06 submission.json: made for split fingerprint 0000"),
    (repeated, "E07: 8 of 8 predictions are copies"),
    (twin, "one stem"),
    (no_json, "is not JSON"),
]


@pytest.mark.parametrize(("damage", "says"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_broken_submission_is_refused_with_its_line(damage, says, small_home, tmp_path, capsys):
    keys = make_predictions(small_home, tmp_path / "p")
    damage(tmp_path / "p" / f"{keys[0]}.png")
    assert score(small_home, tmp_path / "p") == 1
    found = capsys.readouterr()
    assert says in found.err
    assert len(found.err.strip().splitlines()) == 1
    assert json.loads(found.out)["ok"] is False


def test_a_folder_of_the_references_is_no_prediction_of_the_dataset(small_home, tmp_path, capsys):
    samples = splits.load(str(small_home / "mini.toml"), "test", home=small_home / "home")
    train = splits.load(str(small_home / "mini.toml"), "train", home=small_home / "home")
    (tmp_path / "p").mkdir()
    for i in range(len(samples)):
        Image.fromarray(samples[i].infrared).save(tmp_path / "p" / f"{samples[i].key}.png")
    assert score(small_home, tmp_path / "p") == 1
    assert "E08 folder-test00.png: equals its reference" in capsys.readouterr().err
    for i in range(len(samples)):
        stolen = next(train[j] for j in range(i, 24) if train[j].size == samples[i].size)
        Image.fromarray(stolen.infrared).save(tmp_path / "p" / f"{samples[i].key}.png")
    assert score(small_home, tmp_path / "p") == 1
    assert "(train)" in capsys.readouterr().err
    (tmp_path / "p/submission.json").write_text(json.dumps({"model": {"family": "control"}}))
    assert score(small_home, tmp_path / "p") == 0


def test_a_reference_is_known_again_whatever_the_protocol(small_home, tmp_path, capsys):
    """As `check` compares: a reference made smaller beforehand is the reference still."""
    samples = splits.load(str(small_home / "mini.toml"), "test", home=small_home / "home")
    (tmp_path / "p").mkdir()
    for i in range(len(samples)):
        square = Image.fromarray(samples[i].infrared).resize((256, 256), Image.Resampling.BICUBIC)
        square.save(tmp_path / "p" / f"{samples[i].key}.png")
    assert score(small_home, tmp_path / "p", "--protocol", "v2ir-native@1") == 1
    assert "E08 folder-test00.png: equals its reference" in capsys.readouterr().err


def test_files_of_another_subset_are_left_out_and_told(small_home, tmp_path, capsys):
    """A folder made from all images of a source, as a one-liner makes it."""
    make_predictions(small_home, tmp_path / "p")
    assert score(small_home, tmp_path / "p") == 0
    alone = json.loads(capsys.readouterr().out)["data"]
    train = splits.load(str(small_home / "mini.toml"), "train", home=small_home / "home")
    for i in range(len(train)):
        Image.fromarray(np.full((16, 20), i, np.uint8)).save(tmp_path / "p" / f"{train[i].key}.png")
    assert score(small_home, tmp_path / "p") == 0
    both = json.loads(capsys.readouterr().out)["data"]
    assert both["metrics"] == alone["metrics"]
    assert any(warning.startswith("W08: 24 files belong to train") for warning in both["warnings"])
    Image.new("L", (20, 16)).save(tmp_path / "p" / "stranger.png")
    assert score(small_home, tmp_path / "p") == 1
    assert "E02: 1 files belong to no sample: stranger" in capsys.readouterr().err


def test_half_a_set_is_scored_only_when_told_and_marked(small_home, tmp_path, scored, network):
    keys = make_predictions(small_home, tmp_path / "p")
    for key in keys[:4]:
        (tmp_path / "p" / f"{key}.png").unlink()
    data = scored("--allow-missing")
    assert data["partial"] is True
    assert (data["n"], data["missing"]) == (4, 4)
    assert data["metrics"]["fid"]["n_defined"] == 4


def test_one_image_has_no_distance_between_sets(small_home, tmp_path, scored, network):
    keys = make_predictions(small_home, tmp_path / "p")
    for key in keys[1:]:
        (tmp_path / "p" / f"{key}.png").unlink()
    data = scored("--allow-missing")
    undefined = {name for name, cell in data["metrics"].items() if cell["value"] is None}
    assert undefined == {"swd"} | {name for name, use in HEADLINE.metrics.items() if use.metric.network}
    assert "two images" in data["metrics"]["swd"]["reason"]


def test_constant_images_are_left_out_where_nothing_is_defined(small_home, tmp_path, scored):
    keys = make_predictions(small_home, tmp_path / "p")
    Image.new("L", (72, 56), 90).save(tmp_path / "p" / f"{keys[0]}.png")
    data = scored()
    assert data["metrics"]["psnr"]["n_defined"] == 8
    assert data["metrics"]["ncc"]["n_defined"] == 7
    assert any(warning.startswith("W05: 1 of 8") for warning in data["warnings"])


def test_scenes_of_which_a_reference_knows_nothing_are_named(small_home, tmp_path, capsys):
    make_predictions(small_home, tmp_path / "p")
    (tmp_path / "scenes.csv").write_text("folder-test00,s0\n")
    words = ["score", str(tmp_path / "p"), "--reference", str(tmp_path / "p"), "--scenes", str(tmp_path / "scenes.csv")]
    assert main([*words, "--home", str(tmp_path)]) == 1
    assert "no scene for folder-test01" in capsys.readouterr().err


def test_a_broken_reference_is_its_owners_to_mend(small_home, tmp_path, capsys):
    make_predictions(small_home, tmp_path / "p")
    make_predictions(small_home, tmp_path / "r")
    sixteen_bits(tmp_path / "r/folder-test00.png")
    words = ["score", str(tmp_path / "p"), "--reference", str(tmp_path / "r"), "--home", str(tmp_path)]
    assert main(words) == 1
    assert "the reference folder-test00.png cannot be used" in capsys.readouterr().err


def test_weights_of_another_digest_are_refused(tmp_path, capsys):
    (tmp_path / "w.pth").write_bytes(b"other")
    assert main(["weights", "add", "inception", str(tmp_path / "w.pth"), "--home", str(tmp_path)]) == 1
    assert "sha256" in capsys.readouterr().err
    assert not weights.get("inception").path(weights.Home(tmp_path)).exists()


def test_weights_that_were_damaged_later_are_one_line(small_home, tmp_path, fresh_home, capsys):
    make_predictions(small_home, tmp_path / "p")
    place = weights.get("inception").path(weights.Home(fresh_home))
    place.parent.mkdir(parents=True)
    place.write_bytes(b"cut short")
    words = ["--dataset", str(small_home / "mini.toml"), "--home", str(fresh_home)]
    assert main(["score", str(tmp_path / "p"), *words]) == 1
    assert "not the FID weights" in capsys.readouterr().err


def test_the_table_for_people_names_the_protocol_and_what_is_missing(small_home, tmp_path, capsys):
    make_predictions(small_home, tmp_path / "p")
    words = ["--dataset", str(small_home / "mini.toml"), "--home", str(small_home / "home"), "--quiet"]
    assert main(["score", str(tmp_path / "p"), *words]) == 0
    found = capsys.readouterr().out
    assert "v2ir-256@1" in found
    assert "--: the Inception weights are missing" in found
    assert re.search(r"95 % intervals of p by v2ir-256@1: PSNR [\d.]+ \.\. [\d.]+, SSIM", found)
    assert f"no floor rows yet: `python -m bench run mean --dataset {small_home / 'mini.toml'}" in found
    assert main(["score", str(tmp_path / "p"), *words, "--protocol", "all"]) == 0
    assert "pix2pix-legacy@1" in capsys.readouterr().out


def test_metrics_that_are_asked_for_are_shown_or_say_why_not(small_home, tmp_path, capsys):
    make_predictions(small_home, tmp_path / "p")
    words = ["score", str(tmp_path / "p"), "--dataset", str(small_home / "mini.toml"), "--quiet"]
    words += ["--home", str(small_home / "home")]
    assert main([*words, "--metrics", "mae,lpips"]) == 0
    found = capsys.readouterr().out
    assert METRICS["mae"].title in found
    assert "weights fetch" in next(line for line in found.splitlines() if line.startswith("--: "))
    for protocols in ("v2ir-256@1", "all"):
        assert main([*words, "--metrics", ",", "--protocol", protocols]) == 2
        assert "--metrics names no metric" in capsys.readouterr().err


def test_the_floors_are_asked_for_until_they_are_there(small_home, fresh_home, tmp_path, capsys):
    make_predictions(small_home, tmp_path / "p")
    words = ["--dataset", str(small_home / "mini.toml"), "--home", str(fresh_home), "--quiet"]
    assert main(["score", str(tmp_path / "p"), *words]) == 0
    assert "bench run mean" in capsys.readouterr().out
    assert main(["run", "mean", *words]) == 0
    capsys.readouterr()
    assert main(["score", str(tmp_path / "p"), *words]) == 0
    assert "bench run mean" not in capsys.readouterr().out

"""Floors and ceilings that no method makes are scored like everybody's predictions."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench import floors
from bench.metrics.frechet import frechet
from bench.metrics.kid import kid
from bench.networks import Network
from bench.protocol import load
from bench.references import References, of_folder
from reports.measured import measured_table
from shards.home import Home

HEADLINE = load("v2ir-256@1")
PROTOCOL = replace(HEADLINE, metrics={name: use for name, use in HEADLINE.metrics.items() if use.metric.headline})


def references(folder: Path, scenes: int = 6, images: int = 12) -> References:
    """Smooth infrared images, two of each scene, of a scene's own brightness."""
    rng = np.random.default_rng(0)
    (folder / "truth").mkdir(parents=True)
    lines = []
    for i in range(images):
        small = rng.integers(0, 128, (5, 6)) + 127 * (i % scenes) // max(1, scenes - 1)
        picture = Image.fromarray(small.astype(np.uint8)).resize((72, 56), Image.Resampling.BICUBIC)
        picture.save(folder / "truth" / f"i{i:02d}.png")
        lines.append(f"i{i:02d},s{i % scenes}")
    (folder / "scenes.csv").write_text("\n".join(lines))
    return of_folder(folder / "truth", folder / "scenes.csv")


def no_network(name: str, home: Home, *, quiet: bool = False) -> None:
    """As where the weights are missing."""


def stand_in(name: str, home: Home, *, quiet: bool = False) -> Network | None:
    """In the place of Inception, a network whose features are coarse pixels."""
    if name != "inception":
        return None

    def extract(inputs: np.ndarray) -> np.ndarray:
        return inputs[:, 0, ::60, ::60].reshape(len(inputs), -1).astype(np.float32)

    return Network("stand-in", "0" * 64, extract)


def made(truth: References, home: Path) -> dict[str, dict]:
    return {row["method"]: row for row in floors.rows(truth, PROTOCOL, Home(home), quiet=True)}


def values(row: dict) -> dict[str, float | None]:
    return {name: cell["value"] for name, cell in row["metrics"].items()}


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[References, Path, dict[str, dict]]]:
    """References, a home, and the rows in it."""
    folder = tmp_path_factory.mktemp("floors")
    truth = references(folder)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("bench.score.set_network", stand_in)
        yield truth, folder / "home", made(truth, folder / "home")


def test_ground_truth_is_the_ceiling(scored):
    row = scored[2]["truth"]
    assert (row["family"], row["label"], row["n"]) == ("control", "Ground truth", 12)
    found = values(row)
    assert (found["psnr"], found["ssim"], found["swd"]) == (100.0, pytest.approx(1.0), 0.0)
    assert found["fid"] == pytest.approx(0.0, abs=1e-6)
    assert found["kid"] < 0  # unbiased, so below zero for equal sets


def test_fid_does_not_see_that_pairs_are_shuffled_and_psnr_does(scored):
    shuffled, truth = values(scored[2]["shuffled"]), values(scored[2]["truth"])
    assert shuffled["fid"] == pytest.approx(0.0, abs=1e-6)
    assert shuffled["kid"] == pytest.approx(truth["kid"])
    assert shuffled["psnr"] < 40


def test_real_halves_differ_by_more_than_nothing(scored):
    truth, home, rows = scored
    row = rows["halves"]
    features = np.load(Home(home).cache / "features" / f"{row['features']['inception']['references']}.npy")
    first, _ = floors.halves(truth.scenes)
    mask = np.isin(truth.keys, first)
    assert values(row)["fid"] > 1e-3
    assert values(row)["fid"] == pytest.approx(frechet(features[mask], features[~mask]))
    assert values(row)["kid"] == pytest.approx(kid(features[mask], features[~mask]))
    assert values(row)["psnr"] is None
    assert row["metrics"]["psnr"]["reason"] == "two halves of the references have no pairs"
    assert row["notes"] == ["6 against 6 real images of other scenes; FID of half as many images is larger"]
    assert row["trace_real"] > 0


def test_the_rows_make_a_table_and_are_never_ranked(scored):
    table = measured_table(list(scored[2].values()))
    assert [row.label for row in table.rows] == [floors.TITLES[name] for name in ("shuffled", "halves", "truth")]
    assert {row.kind for row in table.rows} == {"floor"}
    assert not any(note.startswith("E") for row in table.rows for note in row.notes)


def test_rows_are_made_once_and_stand_among_the_runs(scored, monkeypatch):
    truth, home, rows = scored
    assert all((Path(row["folder"]) / "scores" / PROTOCOL.id / "result.json").is_file() for row in rows.values())
    monkeypatch.setattr(floors, "score_all", lambda *_, **__: pytest.fail("scored again"))
    assert made(truth, home) == rows


def test_without_weights_the_pairs_are_scored_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("bench.score.set_network", no_network)
    rows = made(references(tmp_path), tmp_path / "home")
    assert values(rows["truth"])["psnr"] == 100.0
    assert "weights fetch inception" in rows["halves"]["metrics"]["fid"]["reason"]


def test_rows_that_need_other_scenes_are_left_out_where_there_are_none(tmp_path, monkeypatch):
    monkeypatch.setattr("bench.score.set_network", no_network)
    assert list(made(references(tmp_path, scenes=1, images=2), tmp_path / "home")) == ["truth"]


def test_every_key_gets_another_of_another_scene_once():
    for sizes in ([1, 1], [3, 2, 1], [5, 1, 1, 1, 1, 1], [4, 4, 2]):
        scenes = {f"k{s}{i}": f"s{s}" for s, size in enumerate(sizes) for i in range(size)}
        found = floors.another_scene(scenes)
        assert sorted(found.values()) == sorted(scenes)
        assert all(scenes[key] != scenes[other] for key, other in found.items())


def test_a_scene_of_more_than_half_leaves_no_other_scene():
    assert floors.another_scene({"a": "x", "b": "x", "c": "y"}) == {}
    assert floors.halves({"a": "x", "b": "x", "c": "y"}) is None
    assert floors.halves({"a": "x", "b": "x"}) is None


def test_halves_share_no_scene_and_are_about_equal():
    scenes = {f"k{i:03d}": f"s{i % 7 if i < 60 else 9}" for i in range(100)}
    first, second = floors.halves(scenes)
    assert not {scenes[key] for key in first} & {scenes[key] for key in second}
    assert abs(len(first) - len(second)) <= 10
    assert sorted([*first, *second]) == sorted(scenes)

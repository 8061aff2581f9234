import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.__main__ import main


def bench(*words: object, capsys) -> dict:
    """Runs a command with --json; its document."""
    code = main([*map(str, words), "--json", "--quiet"])
    found = capsys.readouterr()
    document = json.loads(found.out)
    assert document["ok"] == (code == 0), found.err
    return document


def stage_words(small_home: Path, home: Path, preset: str = "tiny") -> list[object]:
    return [small_home / "toy.py", "--dataset", small_home / "mini.toml", "--preset", preset, "--home", home]


def log_lines(home: Path) -> list[dict]:
    (log,) = home.glob("runs/toy-*/log.jsonl")
    return [{k: v for k, v in json.loads(line).items() if k != "seconds"} for line in log.read_text().splitlines()]


def test_a_run_trains_predicts_scores_and_stands_beside_the_floors(small_home, fresh_home, capsys):
    document = bench("run", *stage_words(small_home, fresh_home), capsys=capsys)
    results = document["data"]["results"]
    controls = ["Grayscale", "Inverted grayscale", "Constant 128", "Mean image"]
    references = ["Ground truth", "Infrared of another scene", "Real half against the other"]
    assert [r["label"] for r in results] == [*controls, *references, "Toy (tiny)"]
    assert all(r["n"] == 8 and r["protocol"] == "v2ir-256@1" for r in results)
    assert len({r["fingerprint"] for r in results}) == 1
    toy = results[-1]["metrics"]
    assert toy["psnr"]["value"] > 5
    assert toy["swd"]["value"] > 0
    assert toy["fid"]["value"] is None
    assert "weights fetch inception" in toy["fid"]["reason"]
    (folder,) = fresh_home.glob("runs/toy-*/predictions/*")
    assert len(list(folder.glob("*.png"))) == 8
    about = json.loads((folder / "submission.json").read_text())
    assert about["geometry"]["kind"] == "crop"
    assert (folder.parents[1] / "curves.png").is_file()


def test_a_stopped_run_goes_on_to_the_bits_of_an_uninterrupted_one(small_home, fresh_home, tmp_path, capsys):
    other = tmp_path / "other"
    other.mkdir()
    for name in ("shards", "annotations"):
        (other / name).symlink_to(fresh_home / name)
    whole = bench("train", *stage_words(small_home, fresh_home), capsys=capsys)
    cut = bench("train", *stage_words(small_home, other), "--max-steps", 7, capsys=capsys)
    assert cut["data"]["step"] == 7
    assert cut["data"]["run"] == whole["data"]["run"]
    rest = bench("train", *stage_words(small_home, other), capsys=capsys)
    assert rest["data"]["digests"] == whole["data"]["digests"]
    assert "ema.safetensors" in rest["data"]["digests"]
    assert log_lines(other) == log_lines(fresh_home)


@pytest.mark.slow
def test_a_killed_training_ends_with_the_bits_of_an_uninterrupted_one(small_home, fresh_home, tmp_path, capsys):
    other = tmp_path / "other"
    other.mkdir()
    for name in ("shards", "annotations"):
        (other / name).symlink_to(fresh_home / name)
    words = ["--set", "train.steps=200", "--set", "train.save_every=10", "--set", "train.log_every=1"]
    whole = bench("train", *stage_words(small_home, fresh_home), *words, capsys=capsys)
    command = [sys.executable, "-m", "bench", "train", *map(str, stage_words(small_home, other)), *words, "--quiet"]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not list(other.glob("runs/*/checkpoints/step-*/state.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    rest = bench("train", *stage_words(small_home, other), *words, capsys=capsys)
    assert rest["data"]["digests"] == whole["data"]["digests"]
    assert log_lines(other) == log_lines(fresh_home)


def test_predictions_do_not_depend_on_the_batch_size(small_home, fresh_home, tmp_path, capsys):
    bench("train", *stage_words(small_home, fresh_home), capsys=capsys)
    first = Path(bench("predict", *stage_words(small_home, fresh_home), capsys=capsys)["data"]["predictions"])
    pictures = {p.name: p.read_bytes() for p in first.glob("*.png")}
    alone = tmp_path / "toy.py"
    text = (small_home / "toy.py").read_text()
    alone.write_text(text.replace('frozenset({"v", "s"}))', 'frozenset({"v", "s"}), predict_batch=1)'))
    for path in [*first.glob("*.png"), first / "submission.json"]:
        path.unlink()
    again = bench("predict", alone, *stage_words(small_home, fresh_home)[1:], capsys=capsys)
    assert Path(again["data"]["predictions"]) == first
    assert {p.name: p.read_bytes() for p in first.glob("*.png")} == pictures


def test_a_sweep_over_sampling_never_trains_again(small_home, fresh_home, capsys):
    first = bench("train", *stage_words(small_home, fresh_home), capsys=capsys)
    second = bench("train", *stage_words(small_home, fresh_home), "--seed", 1, capsys=capsys)
    assert first["data"]["run"] != second["data"]["run"]
    limited = bench("train", *stage_words(small_home, fresh_home), "--max-steps", 3, capsys=capsys)
    assert limited["data"]["run"] == first["data"]["run"]
    assert limited["data"]["step"] == 12


def test_accumulation_steps_once_per_window(small_home, fresh_home, capsys):
    document = bench("train", *stage_words(small_home, fresh_home, "fixed"), capsys=capsys)
    assert document["data"]["step"] == 6
    from safetensors.torch import load_file

    (final,) = fresh_home.glob("runs/*/checkpoints/step-00000006")
    assert int(load_file(final / "model.safetensors")["seen"]) == 6 * 2 * 4
    state = json.loads((final / "state.json").read_text())
    assert state["total"] == 6


def test_conditions_that_the_data_lack_are_refused_with_the_layer_to_make(small_home, fresh_home, capsys):
    document = bench("train", *stage_words(small_home, fresh_home), "--conditions", "v,t", capsys=capsys)
    assert "captions" in document["errors"][0]["problem"]
    less = bench("run", *stage_words(small_home, fresh_home), "--conditions", "v", capsys=capsys)
    assert less["data"]["results"][-1]["label"] == "Toy (tiny), V only"


def test_a_checkpoint_of_another_stage_is_refused(small_home, fresh_home, capsys):
    bench("train", *stage_words(small_home, fresh_home), capsys=capsys)
    (state,) = fresh_home.glob("runs/*/checkpoints/step-00000012/state.json")
    content = json.loads(state.read_text())
    state.write_text(json.dumps(content | {"stage": "0123456789"}))
    document = bench("train", *stage_words(small_home, fresh_home), capsys=capsys)
    assert "another stage" in document["errors"][0]["problem"]


def test_a_run_that_somebody_else_works_on_is_left_alone(small_home, fresh_home, capsys):
    from bench.journal import locked

    document = bench("train", *stage_words(small_home, fresh_home), "--max-steps", 1, capsys=capsys)
    with locked(fresh_home / "runs" / document["data"]["run"]):
        busy = bench("train", *stage_words(small_home, fresh_home), capsys=capsys)
    assert str(os.getpid()) in busy["errors"][0]["problem"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "pix2pics", "--dataset", "roadscene"], "pix2pix"),
        (["run", "pix2pix", "--dataset", "rodscene"], "roadscene"),
        (["run", "pix2pix", "--dataset", "roadscene", "--preset", "tyni"], "tiny"),
        (["run", "pix2pix", "--dataset", "llvip"], "python -m ingest llvip"),
        (["run", "nowhere.py", "--dataset", "roadscene"], "does not exist"),
        (["clean", "nothing"], "no run named"),
        (["weights", "add", "inceptoin", "x"], "inception"),
    ],
)
def test_a_wrong_name_is_one_line_with_what_to_do(words, says, tmp_path, capsys):
    assert main([*words, "--home", str(tmp_path)]) in {1, 2}
    found = capsys.readouterr().err
    assert says in found
    assert len(found.strip().splitlines()) == 1


def test_clean_removes_only_when_told_twice(small_home, fresh_home, capsys):
    name = bench("train", *stage_words(small_home, fresh_home), capsys=capsys)["data"]["run"]
    bench("clean", name, "--home", fresh_home, capsys=capsys)
    assert (fresh_home / "runs" / name).is_dir()
    bench("clean", name, "--yes", "--home", fresh_home, capsys=capsys)
    assert not (fresh_home / "runs" / name).exists()

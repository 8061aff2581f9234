import os
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file

ROOT = Path(__file__).parents[2]

_LEAVES = """
import atexit

atexit.register(lambda: os._exit(7) if torch.distributed.is_initialized() else None)  # runs after the trainer's own
"""


@pytest.mark.slow
def test_two_ranks_learn_what_one_learns(small_home, fresh_home, tmp_path):
    method = tmp_path / "toy.py"
    noisy = " + 0.01 * torch.randn(batch.visible.shape)"  # differs by rank, as dropout does
    text = (small_home / "toy.py").read_text()
    assert noisy in text
    method.write_text(f"import os\n{text.replace(noisy, '')}{_LEAVES}")
    other = tmp_path / "other"
    other.mkdir()
    for name in ("shards", "annotations"):
        (other / name).symlink_to(fresh_home / name)
    words = ["bench", "train", str(method), "--dataset", str(small_home / "mini.toml"), "--quiet"]
    environment = os.environ | {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}
    for launcher, home in (
        ([], fresh_home),
        (["torch.distributed.run", "--standalone", "--local-addr=127.0.0.1", "--nproc_per_node=2", "-m"], other),
    ):
        command = [sys.executable, "-m", *launcher, *words, "--home", str(home)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stderr
    one, two = (
        load_file(next(h.glob("runs/toy-*/checkpoints/step-00000012/model.safetensors"))) for h in (fresh_home, other)
    )
    for name in ("net.weight", "net.bias"):
        assert (one[name] - two[name]).abs().max() < 1e-6


@pytest.mark.parametrize(
    "words", [["run", "pix2pix", "--dataset", "synthetic"], ["leak-study", "pix2pix", "--source", "x"]]
)
def test_what_follows_training_is_one_process(monkeypatch, capsys, words):
    from bench.__main__ import main

    monkeypatch.setenv("WORLD_SIZE", "2")
    assert main(words) == 2
    assert "one of 2 ranks" in capsys.readouterr().err

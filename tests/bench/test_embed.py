"""Embeddings of a source, by a small DINOv2 in the true file format."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from bench import weights
from bench.__main__ import main
from models import pretrained
from shards.home import Home
from splits.__main__ import main as splits_main
from splits.embeddings import read


@pytest.fixture
def network(fresh_home):
    """Its weights lie in the home."""
    library = pretrained.transformers()
    torch.manual_seed(0)
    shape = {"hidden_size": 64, "num_hidden_layers": 1, "num_attention_heads": 1, "image_size": 70, "patch_size": 14}
    place = weights.get("dinov2").path(Home(fresh_home))
    place.parent.mkdir(parents=True)
    save_file(library.Dinov2Model(library.Dinov2Config(**shape)).state_dict(), place)


def test_both_sides_of_every_sample_are_embedded_once(small_home, fresh_home, network, capsys):
    words = ["embed", "folder", "--home", str(fresh_home), "--quiet"]
    folder = fresh_home / "annotations/dinov2/folder"
    assert main(words) == 0
    assert "32 samples of folder" in capsys.readouterr().out
    files = {path: path.read_bytes() for path in folder.glob("*.parquet")}
    found = read(Home(fresh_home), "dinov2", ["folder-test00", "folder-train00"])
    for side in found.values():
        assert side.shape == (2, 64)
        assert np.linalg.norm(side, axis=1) == pytest.approx([1, 1], abs=1e-2)
    assert main(words) == 0
    assert "0 samples" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in folder.glob("*.parquet")} == files
    words = ["audit", str(small_home / "mini.toml"), "--home", str(fresh_home), "--max-leak", "1"]
    assert splits_main([*words, "--embeddings", "dinov2"]) == 0
    assert "Embeddings: dinov2" in capsys.readouterr().out


def test_without_weights_or_source_it_says_what_to_do(fresh_home, capsys):
    assert main(["embed", "folder", "--home", str(fresh_home)]) == 1
    assert "weights fetch dinov2" in capsys.readouterr().err
    assert main(["embed", "folder", "--network", "inception", "--home", str(fresh_home)]) == 2
    assert "dinov2" in capsys.readouterr().err

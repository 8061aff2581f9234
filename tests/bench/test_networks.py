"""Pretrained networks from files in their true formats, small and filled at random."""

import json
import pickle
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

import splits
from bench import networks, weights
from bench.__main__ import main
from bench.network_input import PREPARATIONS
from bench.networks import folded, pair_network, set_network
from models import inception, pretrained
from models.inception import Unit
from shards.errors import UserError
from shards.hashing import sha256
from shards.home import Home


def keep(home: Path, name: str, file: Path) -> None:
    """As `weights add`, for stand-ins of files with a known digest too."""
    place = weights.get(name).path(Home(home))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(file.read_bytes())


@pytest.fixture
def any_digest(monkeypatch):
    """Files of networks whose digest is known may be stand-ins."""
    monkeypatch.setattr(weights.Weights, "digest_begins", "")


@pytest.fixture
def dinov2(tmp_path):
    """A DINOv2 of two layers and its file."""
    library = pretrained.transformers()
    torch.manual_seed(0)
    shape = {"hidden_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 70, "patch_size": 14}
    network = library.Dinov2Model(library.Dinov2Config(**shape)).eval()
    save_file(network.state_dict(), tmp_path / "model.safetensors")
    return network, tmp_path / "model.safetensors"


@pytest.fixture
def clip(tmp_path):
    """A CLIP vision tower of two layers with something of the text side in its file."""
    library = pretrained.transformers()
    torch.manual_seed(0)
    shape = {"hidden_size": 128, "intermediate_size": 512, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = library.CLIPVisionConfig(**shape, image_size=336, patch_size=84, projection_dim=48)
    network = library.CLIPVisionModelWithProjection(config).eval()
    torch.save(network.state_dict() | {"text_model.x": torch.zeros(2), "logit_scale": torch.zeros(())}, tmp_path / "c")
    return network, tmp_path / "c"


def trunk(name: str, folder: Path) -> Path:
    """An untrained network of torchvision in a file."""
    torch.manual_seed(0)
    network = getattr(pretrained.torchvision().models, name)(weights=None)
    torch.save(network.state_dict(), folder / f"{name}.pth")
    return folder / f"{name}.pth"


def picture(seed: int, side: int = 64) -> np.ndarray:
    small = np.random.default_rng(seed).integers(0, 256, (5, 6), np.uint8)
    return np.asarray(Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC))


def test_dinov2_gives_the_class_token_of_the_network_in_the_file(home, dinov2):
    network, file = dinov2
    keep(home.root, "dinov2", file)
    found = set_network("dinov2", home)
    inputs = np.random.default_rng(0).normal(size=(3, 3, 70, 70)).astype(np.float32)
    with torch.inference_mode():
        expected = network(pixel_values=torch.from_numpy(inputs)).last_hidden_state[:, 0].numpy()
    assert np.abs(found.extract(inputs) - expected).max() < 1e-5
    assert (found.preparation, found.sha256) == ("dinov2", sha256(file.read_bytes()))


def test_clip_gives_projected_embeddings_of_length_one(home, clip):
    network, file = clip
    keep(home.root, "clip", file)
    inputs = np.random.default_rng(0).normal(size=(3, 3, 336, 336)).astype(np.float32)
    with torch.inference_mode():
        expected = network(pixel_values=torch.from_numpy(inputs)).image_embeds.numpy()
    found = set_network("clip", home).extract(inputs)
    assert np.abs(found - expected / np.linalg.norm(expected, axis=1, keepdims=True)).max() < 1e-5


def test_pictures_come_to_the_transformers_at_their_size_and_scale():
    for name, side in (("dinov2", 224), ("clip", 336)):
        prepared = networks.SETS[name][1]
        made = PREPARATIONS[prepared](np.full((40, 50), 255, np.uint8))
        assert made.shape == (3, side, side)
        assert made.dtype == np.float32
    assert made[0, 0, 0] == pytest.approx((1 - 0.48145466) / 0.26862954, abs=1e-5)


def test_lpips_equals_the_library_with_the_same_trunk(home, tmp_path, any_digest):
    file = trunk("alexnet", tmp_path)
    keep(home.root, "alexnet", file)
    compare = pair_network("lpips", home)
    first, second = picture(0), picture(1)
    assert compare(first, first) == 0
    library = pretrained.torchmetrics_image("lpips")
    oracle = library._LPIPS(net="alex", pretrained=True, pnet_rand=True)
    torch.manual_seed(0)
    whole = pretrained.torchvision().models.alexnet(weights=None).features
    for stage in oracle.net.children():
        for number, layer in stage.named_children():
            layer.load_state_dict(whole[int(number)].state_dict())
    tensors = [torch.from_numpy(np.repeat(p[None, None], 3, axis=1)).float() / 255 for p in (first, second)]
    assert compare(first, second) == pytest.approx(float(oracle(*tensors, normalize=True)), rel=1e-5)
    assert compare(first, second) > 0


def test_dists_is_zero_for_equal_pictures_and_grows_with_distance(home, tmp_path, any_digest):
    keep(home.root, "vgg16", trunk("vgg16", tmp_path))
    compare = pair_network("dists", home)
    first = picture(0)
    noisy = (first.astype(float) + np.random.default_rng(0).normal(0, 40, first.shape)).clip(0, 255).astype(np.uint8)
    assert abs(compare(first, first)) < 1e-5
    assert compare(first, noisy) > 1e-3
    assert compare(first, noisy) == pytest.approx(compare(noisy, first), abs=1e-5)


@pytest.mark.parametrize("name", ["dinov2", "clip", "lpips", "dists"])
def test_a_file_of_another_network_is_one_line(name, home, tmp_path, any_digest):
    weights_name = networks.PAIR_WEIGHTS.get(name, name)
    state = {"features.0.weight": torch.zeros(2, 2)}
    if name == "dinov2":
        save_file(state, tmp_path / "w")
    else:
        torch.save(state, tmp_path / "w")
    keep(home.root, weights_name, tmp_path / "w")
    with pytest.raises(UserError, match="is not of this network"):
        (set_network if name in networks.SETS else pair_network)(name, home)


@pytest.mark.parametrize(("name", "trunk_name"), [("lpips", "alexnet"), ("dists", "vgg16")])
def test_another_training_of_the_same_network_is_refused_by_its_digest(name, trunk_name, home, tmp_path):
    keep(home.root, trunk_name, trunk(trunk_name, tmp_path))
    with pytest.raises(UserError, match=rf"is not of this network: its sha256 is .*fetch {trunk_name}"):
        pair_network(name, home)


def test_a_pickle_that_would_run_code_is_not_loaded(home, tmp_path):
    (tmp_path / "w").write_bytes(pickle.dumps(Path("/")))
    keep(home.root, "clip", tmp_path / "w")
    with pytest.raises(UserError, match="cannot be read"):
        set_network("clip", home)


def test_a_score_has_their_numbers_where_the_weights_are(small_home, tmp_path, dinov2, clip, any_digest, capsys):
    keep(tmp_path / "home", "dinov2", dinov2[1])
    keep(tmp_path / "home", "clip", clip[1])
    keep(tmp_path / "home", "alexnet", trunk("alexnet", tmp_path))
    for name in ("shards", "splits"):
        (tmp_path / "home" / name).symlink_to(small_home / "home" / name)
    samples = splits.load(str(small_home / "mini.toml"), "test", home=small_home / "home")
    (tmp_path / "p").mkdir()
    for i in range(len(samples)):
        Image.fromarray(picture(i)).save(tmp_path / "p" / f"{samples[i].key}.png")
    (tmp_path / "p/submission.json").write_text('{"geometry": {"kind": "squash"}}')
    words = ["score", str(tmp_path / "p"), "--dataset", str(small_home / "mini.toml"), "--home", str(tmp_path / "home")]
    names = "psnr,lpips,dists,fd_dinov2,kd_dinov2,cmmd"
    assert main([*words, "--metrics", names, "--json", "--quiet"]) == 0, capsys.readouterr().err
    result = json.loads(capsys.readouterr().out)["data"]
    found = {name: cell["value"] for name, cell in result["metrics"].items()}
    assert found.keys() == set(names.split(","))
    assert all(found[name] > 0 for name in ("lpips", "fd_dinov2", "cmmd"))
    assert found["dists"] is None
    assert "weights fetch vgg16" in result["metrics"]["dists"]["reason"]
    assert set(result["features"]) == {"dinov2", "clip"}
    assert result["weights"].keys() == {"model.safetensors", "pytorch_model.bin", "alexnet-owt-7be5be79.pth"}
    assert result["weights"]["alexnet-owt-7be5be79.pth"] == sha256((tmp_path / "alexnet.pth").read_bytes())


def test_folding_batch_norms_changes_the_order_of_rounding_alone():
    torch.manual_seed(0)
    network = nn.Sequential(Unit(3, 8, (3, 3)), Unit(8, 6, (1, 7), valid=True)).eval().requires_grad_(False)
    for unit in network:
        unit.bn.running_mean.normal_()
        unit.bn.running_var.uniform_(0.2, 4.0)
        unit.bn.weight.data.uniform_(0.5, 2.0)
        unit.bn.bias.data.normal_()
    images = torch.randn(2, 3, 24, 20)
    before = network(images)
    after = folded(network)(images)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in network.modules())
    assert (after - before).norm() / before.norm() < 1e-6


def test_the_weights_file_becomes_the_network_that_it_holds(home, monkeypatch, tmp_path):
    torch.manual_seed(0)
    made = inception.FIDInception()
    for name, parameter in made.named_parameters():
        if name.endswith("conv.weight"):
            parameter.data *= np.sqrt(6)  # He's variance, else random weights let next to nothing through
    path = tmp_path / inception.FILE_NAME
    torch.save(made.state_dict(), path)
    monkeypatch.setattr("bench.weights.find_or_fetch", lambda *_, **__: path)
    monkeypatch.setattr(inception, "load", partial(inception.load, digest=sha256(path.read_bytes())))
    network = set_network("inception", home)
    inputs = np.random.default_rng(0).uniform(-1, 1, (2, 3, 299, 299)).astype(np.float32)
    found = network.extract(inputs)
    with torch.inference_mode():
        expected = made.eval()(torch.from_numpy(inputs)).numpy()
    assert found.shape == (2, 2048)
    assert np.linalg.norm(found - expected) < 1e-5 * np.linalg.norm(expected)
    assert 0.1 < np.linalg.norm(expected) < 1e6
    assert (network.file, network.sha256) == (inception.FILE_NAME, inception.FILE_SHA256)


def test_without_weights_there_is_no_network(home, monkeypatch):
    monkeypatch.setenv("IR500K_OFFLINE", "1")
    assert set_network("inception", home) is None

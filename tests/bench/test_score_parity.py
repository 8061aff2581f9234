"""FID and KID from folders equal what the libraries of the field make of the same files with the same network."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from bench.networks import Network
from bench.protocol import load
from bench.references import of_folder
from bench.score import match, score
from models import pretrained

COUNT = 12


class StandIn(nn.Module):
    """A small fixed network with clean-fid's interface: 0..255 in, features out."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.register_buffer("weights", torch.randn(24, 3, 16, 16, generator=generator))

    def forward(self, images):
        scaled = (images - 128) / 128
        return torch.relu(torch.nn.functional.conv2d(scaled, self.weights, stride=16)).mean(dim=(2, 3))


@pytest.fixture
def folders(tmp_path):
    """Two folders of smooth grey pictures, at sizes of their own."""
    rng = np.random.default_rng(3)
    for side in ("predictions", "references"):
        (tmp_path / side).mkdir()
        for i in range(COUNT):
            small = Image.fromarray(rng.integers(0, 256, (6, 8), np.uint8))
            picture = small.resize((320, 240) if i % 2 else (160, 120), Image.Resampling.BICUBIC)
            picture.save(tmp_path / side / f"{i:02d}.png")
    return tmp_path


def ours(folders, protocol, home, monkeypatch, levels):
    """Our FID and KID; the stand-in sees the levels that `levels` makes of our network's input."""
    network = StandIn()

    def extract(inputs):
        return network(levels(torch.from_numpy(inputs))).numpy()

    found = {"inception": Network("stand-in", "0", extract)}
    monkeypatch.setattr("bench.score.set_network", lambda name, *_, **__: found.get(name))
    references = of_folder(folders / "references")
    result, _ = score(match(folders / "predictions", references), references, load(protocol), home)
    return {name: result["metrics"][name]["value"] for name in ("fid", "kid") if name in result["metrics"]}


def cleanfid_features(folder, mode):
    module = pretrained.cleanfid()
    return module.get_folder_features(
        str(folder), StandIn(), num_workers=0, batch_size=5, device=torch.device("cpu"), mode=mode, verbose=False
    )


def test_native_equals_clean_fid(folders, home, monkeypatch):
    module = pretrained.cleanfid()
    found = ours(folders, "v2ir-native@1", home, monkeypatch, lambda x: x * 128 + 128)
    sides = [cleanfid_features(folders / side, "clean") for side in ("predictions", "references")]
    assert found["fid"] == pytest.approx(module.fid_from_feats(*map(np.float64, sides)), rel=1e-5)
    # All images in one subset: each of its subsets is then a permutation, and the estimate the full one.
    assert found["kid"] == pytest.approx(module.kernel_distance(*sides, num_subsets=2), rel=1e-4)


def test_the_headline_equals_clean_fid_on_the_256_pixel_pictures(folders, home, monkeypatch):
    module = pretrained.cleanfid()
    for side in ("predictions", "references"):
        (folders / "small" / side).mkdir(parents=True)
        for path in (folders / side).iterdir():
            small = Image.open(path).resize((256, 256), Image.Resampling.BICUBIC)
            small.save(folders / "small" / side / path.name)
    found = ours(folders, "v2ir-256@1", home, monkeypatch, lambda x: x * 128 + 128)
    sides = [cleanfid_features(folders / "small" / side, "clean") for side in ("predictions", "references")]
    assert found["fid"] == pytest.approx(module.fid_from_feats(*map(np.float64, sides)), rel=1e-5)
    legacy = ours(folders, "pix2pix-legacy@1", home, monkeypatch, lambda x: (x + 1) * 127.5)
    sides = [cleanfid_features(folders / "small" / side, "legacy_pytorch") for side in ("predictions", "references")]
    assert legacy["fid"] == pytest.approx(module.fid_from_feats(*map(np.float64, sides)), rel=1e-5)


def test_statistics_equal_torchmetrics_running_sums(folders, home, monkeypatch):
    image = pretrained.torchmetrics().image
    kept = []

    def remember(inputs):
        kept.append(inputs)
        return inputs * 128 + 128

    found = ours(folders, "torchmetrics@1", home, monkeypatch, remember)
    pictures = torch.cat(kept)  # in the order of keys, a prediction before its reference
    metric = image.fid.FrechetInceptionDistance(feature=_Features(), input_img_size=(3, 299, 299)).set_dtype(
        torch.float64
    )
    levels = (pictures * 128 + 128).double()
    metric.update(levels[1::2], real=True)
    metric.update(levels[0::2], real=False)
    assert found["fid"] == pytest.approx(metric.compute().item(), rel=1e-5)


class _Features(StandIn):
    """With torchmetrics' interface."""

    num_features = 24

    def forward(self, images):
        return super().forward(images.to(self.weights))

"""The FID Inception network is the published one: same file format, same features, refused where bytes differ."""

import hashlib
import json
import runpy
from pathlib import Path

import numpy as np
import pytest
import torch

from models import inception
from models.inception import FIDInception, features, load
from shards.errors import UserError

GOLDEN = Path(__file__).parents[1] / "golden"
EXPECTED = json.loads((GOLDEN / "evaluation.json").read_text())["inception"]
formula = runpy.run_path(str(GOLDEN / "formulas.py"))["image"]


def fill(network):
    """Weights by formula from the flat index i of an entry and the position n of its key in sorted order."""
    state = network.state_dict()
    for n, (key, tensor) in enumerate(sorted(state.items())):
        i = np.arange(tensor.numel(), dtype=np.int64)
        if key.endswith(("conv.weight", "fc.weight")):
            fan_in = tensor.numel() // tensor.shape[0]
            values = ((i * i * 31 + i * 7919 + n * 104729) % 65537 / 65537 - 0.5) * np.sqrt(24 / fan_in)
        elif key.endswith("bn.weight"):
            values = np.ones(len(i))
        elif key.endswith("bias"):
            values = 0.1 * ((i * 37 + n) % 11 / 11 - 0.3)
        elif key.endswith("running_mean"):
            values = 0.05 * ((i * 13 + n) % 7 / 7 - 0.5)
        elif key.endswith("running_var"):
            values = 0.8 + 0.4 * ((i * 17 + n) % 5) / 5
        else:
            continue
        tensor.copy_(torch.from_numpy(values.reshape(tensor.shape)))
    return network


def prepare(images):
    """The protocol's way to 299 x 299 belongs to bench; any deterministic float input tests the network."""
    planes = torch.from_numpy(images[:, None].astype(np.float32))
    resized = torch.nn.functional.interpolate(planes, size=(299, 299), mode="bilinear", align_corners=False)
    return ((resized - 128) / 128).expand(-1, 3, -1, -1).numpy()


def network_input():
    from PIL import Image

    plane = Image.fromarray(formula("tri_n", 256, 256).astype(np.float32)).resize((299, 299), Image.Resampling.BICUBIC)
    grey = torch.from_numpy((np.asarray(plane).clip(0, 255) - 128) / 128)
    return grey.expand(1, 3, 299, 299)


@pytest.fixture(scope="module")
def network():
    return fill(FIDInception().double()).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def single(network):
    copy = FIDInception()
    copy.load_state_dict(network.state_dict())
    return copy.eval().requires_grad_(False)


def test_every_key_and_shape_is_that_of_the_published_file(network):
    expected = {"fc.weight": (1008, 2048), "fc.bias": (1008,)}
    for name, *shape in EXPECTED["convolutions"]:
        expected[f"{name}.conv.weight"] = tuple(shape)
        expected |= {f"{name}.bn.{key}": (shape[0],) for key in ("weight", "bias", "running_mean", "running_var")}
        expected[f"{name}.bn.num_batches_tracked"] = ()
    state = network.state_dict()
    assert len(EXPECTED["convolutions"]) == 94
    assert len(state) == 566
    assert {key: tuple(tensor.shape) for key, tensor in state.items()} == expected
    assert sum(p.numel() for p in network.parameters()) == 23_850_960
    assert state["Conv2d_1a_3x3.bn.num_batches_tracked"].dtype == torch.int64


@pytest.mark.parametrize(("which", "tolerance"), [("network", 1e-6), ("single", 1e-4)], ids=["float64", "float32"])
def test_formula_weights_give_the_published_taps(which, tolerance, request):
    model = request.getfixturevalue(which)
    taps = model.taps(network_input().to(next(model.parameters()).dtype))
    assert sorted(taps) == [64, 192, 768, 2048]
    for depth, tap in taps.items():
        expected, values = EXPECTED["taps"][str(depth)], tap[0].double().numpy()
        assert tap.shape == (1, depth)
        assert values[:6] == pytest.approx(np.array(expected["first6"]), rel=tolerance, abs=tolerance)
        assert values.sum() == pytest.approx(expected["sum"], rel=tolerance)
        assert np.linalg.norm(values) == pytest.approx(expected["l2"], rel=tolerance)
        for index, value in {**expected["idx"], **expected.get("at", {})}.items():
            assert values[int(index)] == pytest.approx(value, rel=tolerance, abs=tolerance)


def test_the_last_block_takes_a_maximum(network):
    x = network_input().double()
    right = network(x)
    network.Mixed_7c.pool = "average"
    try:
        wrong = network(x)
    finally:
        network.Mixed_7c.pool = "maximum"
    moved = (wrong - right).norm() / right.norm()
    assert float(moved) == pytest.approx(EXPECTED["wrong_variants_relative_l2"][1], rel=1e-6)


def test_features_do_not_depend_on_batch_mates(single):
    images = np.stack([formula(name, 64, 64) for name in ("tri", "weave", "checker")])
    together = features(single, images, prepare)
    alone = np.concatenate([features(single, image[None], prepare) for image in images])
    assert together.shape == (3, 2048)
    assert together.dtype == np.float32
    assert np.abs(together - alone).max() < 1e-5 * np.abs(together).max()
    assert (features(single, images, prepare) == together).all()
    assert np.abs(features(single, images, prepare, batch=2) - together).max() < 1e-5 * np.abs(together).max()


def test_features_ignore_the_callers_precision(single):
    images = formula("weave", 64, 64)[None]
    plain = features(single, images, prepare)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert (features(single, images, prepare) == plain).all()


def test_no_images_give_no_rows(single):
    assert features(single, np.empty((0, 64, 64), np.uint8), prepare).shape == (0, 2048)


def test_a_file_in_the_published_format_loads(single, tmp_path):
    path = tmp_path / inception.FILE_NAME
    torch.save(single.state_dict(), path)
    loaded = load(path, hashlib.sha256(path.read_bytes()).hexdigest())
    assert not loaded.training
    assert not any(p.requires_grad for p in loaded.parameters())
    assert all(
        torch.equal(a, b) for a, b in zip(loaded.state_dict().values(), single.state_dict().values(), strict=True)
    )
    with pytest.raises(UserError, match=r"SHA-256 .* not the FID weights.*bench weights add inception"):
        load(path, "0" * 64)


def test_a_missing_or_truncated_file_says_what_to_do(tmp_path):
    path = tmp_path / inception.FILE_NAME
    with pytest.raises(UserError, match=r"no Inception weights at .*bench weights add inception"):
        load(path)
    path.write_bytes(b"x" * 1000)
    with pytest.raises(UserError, match=r"1,000 bytes instead of 95,628,359"):
        load(path)

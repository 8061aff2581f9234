"""The numbers of pix2pix's public code: network keys and outputs, losses, the schedule, three training steps."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from models.gan import losses
from models.gan.patchgan import PatchGAN, PixelGAN
from models.gan.pix2pix import Config, Pix2Pix, linear_decay
from models.gan.unet import UNet
from models.method import Batch, Context

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "gan.json").read_text())
TOLERANCE = 1e-9


def wave(shape: list[int], frequency: float = 0.11, phase: float = 0.0) -> Tensor:
    return torch.sin(torch.arange(math.prod(shape), dtype=torch.float64) * frequency + phase).reshape(shape)


def fill(network: nn.Module) -> None:
    """The parameter rule of the golden file, in float64."""
    network.double()
    for name, parameter in network.named_parameters():
        owner, leaf = name.rsplit(".", 1)
        values = 0.05 * wave(list(parameter.shape), 0.37, sum(name.encode()) % 97)
        is_scale = leaf == "weight" and isinstance(network.get_submodule(owner), nn.BatchNorm2d)
        with torch.no_grad():
            parameter.copy_(values + 1.0 if is_scale else values)


def make(spec: Mapping[str, Any]) -> nn.Module:
    match spec["class"]:
        case "UnetGenerator":
            return UNet(
                spec["input_nc"],
                spec["output_nc"],
                downs=spec["num_downs"],
                width=spec["ngf"],
                norm=spec["norm"],
                dropout=spec["use_dropout"],
            )
        case "NLayerDiscriminator":
            return PatchGAN(spec["input_nc"], width=spec["ndf"], layers=spec["n_layers"], norm=spec["norm"])
        case "PixelDiscriminator":
            return PixelGAN(spec["input_nc"], width=spec["ndf"], norm=spec["norm"])
    raise AssertionError(spec)


def full_width(name: str) -> nn.Module:
    """A network from its name in the golden file, e.g. `unet_256 ngf64 batch 3->1` or `pixel ndf64 batch in6`."""
    words = name.split()
    norm: Any = next(word for word in words if word in ("batch", "instance"))
    if words[0].startswith("unet"):
        inputs, outputs = map(int, words[-1].split("->"))
        return UNet(inputs, outputs, downs=int(math.log2(int(words[0][5:]))), width=64, norm=norm)
    inputs = int(words[-1].removeprefix("in"))
    return PatchGAN(inputs, width=64, norm=norm) if words[0] == "patchgan" else PixelGAN(inputs, width=64, norm=norm)


def keys(network: nn.Module) -> list[list[Any]]:
    return [[key, list(value.shape)] for key, value in network.state_dict().items()]


def assert_equals(tensor: Tensor, golden: Mapping[str, Any]) -> None:
    assert list(tensor.shape) == golden["shape"]
    tensor = tensor.detach()
    found = [tensor.mean(), tensor.std(correction=0), tensor.min(), tensor.max()]
    expected = [golden[name] for name in ("mean", "std", "min", "max")]
    assert [float(x) for x in found] == pytest.approx(expected, abs=TOLERANCE, rel=0)
    assert tensor.flatten()[golden["idx"]].tolist() == pytest.approx(golden["values"], abs=TOLERANCE, rel=0)


def test_the_parameter_rule_is_the_one_of_the_golden_file() -> None:
    network = UNet(3, 3, downs=6, width=8)
    fill(network)
    first = network.get_parameter("model.model.0.weight").flatten()[:3].tolist()
    assert first == pytest.approx([-0.047687632638, -0.039025538828, -0.025081521415], abs=1e-12)


@pytest.mark.parametrize("name", GOLDEN["networks"])
def test_networks_have_the_keys_and_the_outputs_of_the_public_ones(name: str) -> None:
    golden = GOLDEN["networks"][name]
    network = make(golden["constructor"])
    assert keys(network) == golden["state_dict"]
    assert sum(p.numel() for p in network.parameters()) == golden["num_params"]

    fill(network)
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    image = wave(golden["input_shape"])
    before = {key: buffer.clone() for key, buffer in network.named_buffers()}
    with torch.no_grad():
        assert_equals(network.train()(image), golden["out_train"])
        for key, statistics in golden.get("buffers_after_train_forward", {}).items():
            assert_equals(network.get_buffer(key), statistics)
        if "out_eval" in golden:  # with the running statistics as they were before
            network.load_state_dict(before, strict=False)
            assert_equals(network.eval()(image), golden["out_eval"])


@pytest.mark.parametrize(
    ("golden", "network"),
    [
        ("full_width_keys_unet_256", lambda: UNet(3, 3, downs=8, width=64)),
        ("full_width_keys_patchgan_in6", lambda: PatchGAN(6, width=64)),
    ],
)
def test_published_checkpoints_load_strictly_at_full_width(golden: str, network: Any) -> None:
    with torch.device("meta"):
        assert keys(network()) == GOLDEN[golden]


@pytest.mark.parametrize("name", GOLDEN["full_width_param_counts"])
def test_parameter_counts_at_full_width(name: str) -> None:
    with torch.device("meta"):
        network = full_width(name)
    assert sum(p.numel() for p in network.parameters()) == GOLDEN["full_width_param_counts"][name]


@pytest.mark.parametrize("mode", ["vanilla", "lsgan", "wgangp"])
def test_adversarial_terms(mode: str) -> None:
    scores = 2.0 * wave([2, 1, 6, 6], 0.3)
    term, golden = getattr(losses, mode), GOLDEN["losses"][f"GANLoss_{mode}"]
    assert float(term(scores, real=True)) == pytest.approx(golden["real"], abs=1e-12)
    assert float(term(scores, real=False)) == pytest.approx(golden["fake"], abs=1e-12)


def test_the_rate_falls_at_the_end_of_an_epoch() -> None:
    for epoch, rate in GOLDEN["lr_linear_100_100_step_at_end"].items():
        assert 2e-4 * linear_decay(int(epoch), 100, 100) == pytest.approx(rate, rel=1e-12)


class PlainUpdate:
    """Zero, backward, step: what a trainer does in float64 without clipping and accumulation."""

    def __init__(self, method: Pix2Pix) -> None:
        self.optimizers = method.optimizers()

    def __call__(self, loss: Tensor, *names: str) -> None:
        self.backward(loss, *names)
        self.step(*names)

    def backward(self, loss: Tensor, *names: str) -> None:
        for name in names:
            self.optimizers[name].zero_grad()
        loss.backward()

    def step(self, *names: str) -> None:
        for name in names:
            self.optimizers[name].step()


def test_three_training_steps_equal_the_public_ones() -> None:
    golden = GOLDEN["trace_pix2pix"]
    tiny = Pix2Pix.presets["tiny"]
    config = Config(downs=6, generator_width=8, discriminator_width=8, dropout=False)
    method = Pix2Pix(replace(tiny, train=replace(tiny.train, config=config)), Context())
    method.build(None)
    fill(method.generator)
    fill(method.discriminator)
    update = PlainUpdate(method)
    shape = [1, 3, 64, 64]
    batch = Batch(
        keys=("a",),
        visible=wave(shape),
        infrared=wave(shape, 0.07, 1.0),  # the trace's target has three different channels
        maps=None,
        captions=None,
        sizes=((64, 64),),
        draws=("0",),
        seed=0,
        views=(None,),
    )
    for expected in golden["losses"]:
        logged = {name: float(loss) for name, loss in method.step(batch, update).items()}
        assert logged == pytest.approx(expected, abs=TOLERANCE, rel=0)
    for network, weights in (("G", method.generator), ("D", method.discriminator)):
        for key, statistics in golden["weights_after_3"][network].items():
            assert_equals(weights.get_parameter(key), statistics)
    assert_equals(method.translate(batch), golden["fake_B_after_3_train_mode"])

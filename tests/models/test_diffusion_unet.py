"""The network has the published sizes, and a wider one starts as the network that it comes from."""

import pytest
import torch
from torch import Tensor

from models.diffusion.unet import UNetShape, build_unet, start_unet, widen_input
from shards.errors import UserError

TINY = UNetShape(widths=(8, 16), attention=(False, True), layers=1, heads=2, groups=4)


def make(conditions: int) -> torch.nn.Module:
    torch.manual_seed(conditions)
    shape = UNetShape(TINY.widths, TINY.attention, TINY.layers, TINY.heads, TINY.groups, conditions=conditions)
    network: torch.nn.Module = build_unet(shape, text_width=6)
    return network


def run(network: torch.nn.Module, x: Tensor, t: float = 500.0) -> Tensor:
    text = torch.linspace(-1, 1, 5 * 6).reshape(1, 5, 6).expand(len(x), -1, -1)
    with torch.no_grad():
        out: Tensor = network(x, torch.full((len(x),), t), encoder_hidden_states=text).sample
    return out


@pytest.mark.parametrize(("conditions", "parameters"), [(0, 859_520_964), (1, 859_532_484), (2, 859_544_004)])
def test_defaults_are_stable_diffusions_network(conditions: int, parameters: int) -> None:
    """Counted without making it; 686 tensors."""
    with torch.device("meta"):
        network = build_unet(UNetShape(conditions=conditions), text_width=768)
    assert sum(p.numel() for p in network.parameters()) == parameters
    assert len(network.state_dict()) == 686
    assert network.down_blocks[0].attentions[0].transformer_blocks[0].attn1.heads == 8


@pytest.mark.parametrize("channels", [4, 8, 12, 16])
def test_common_channels_are_copied_and_new_ones_are_zero(channels: int) -> None:
    weight = torch.randn(5, channels, 3, 3)
    wide = widen_input(weight, 12)
    common = min(channels, 12)
    assert wide.shape == (5, 12, 3, 3)
    assert torch.equal(wide[:, :common], weight[:, :common])
    assert torch.equal(wide[:, common:], torch.zeros(5, 12 - common, 3, 3))


@pytest.mark.parametrize("conditions", [0, 1])
def test_a_wider_network_starts_as_the_narrow_one_whatever_the_new_channels_hold(conditions: int) -> None:
    narrow, wide = make(conditions), make(2)
    start_unet(wide, narrow.state_dict())
    x = torch.randn(2, 12, 8, 8)
    wanted = run(narrow, x[:, : 4 * (1 + conditions)])
    assert torch.allclose(run(wide, x), wanted, atol=1e-6)
    assert torch.equal(wide.state_dict()["conv_in.bias"], narrow.state_dict()["conv_in.bias"])
    x[:, 4 * (1 + conditions) :] = 100.0
    assert torch.allclose(run(wide, x), wanted, atol=1e-6)


def test_equal_networks_start_equal() -> None:
    one, other = make(2), make(2)
    with torch.no_grad():
        one.get_submodule("conv_in").weight.add_(1.0)  # type: ignore[operator]
    start_unet(other, one.state_dict())
    assert all(torch.equal(value, other.state_dict()[name]) for name, value in one.state_dict().items())


def test_the_network_reads_fractional_timesteps() -> None:
    network, x = make(2), torch.randn(1, 12, 8, 8)
    one, between, next_one = (run(network, x, t) for t in (500.0, 500.5, 501.0))
    assert not torch.equal(one, between)
    assert not torch.equal(between, next_one)


def test_other_weights_are_refused() -> None:
    network = make(2)
    with pytest.raises(UserError, match="hold no UNet"):
        start_unet(network, {"model.diffusion_model.input_blocks.0.0.weight": torch.zeros(8, 4, 3, 3)})
    weights = dict(network.state_dict())
    del weights["conv_out.bias"]
    with pytest.raises(UserError, match=r"conv_out\.bias and 0 more"):
        start_unet(network, weights)
    weights["conv_out.bias"] = torch.zeros(7)
    with pytest.raises(UserError, match="of another UNet"):
        start_unet(network, weights)

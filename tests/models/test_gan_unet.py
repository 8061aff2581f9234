"""The U-Net's shape: its limits, its dropout, and the initial weights that it shares with the discriminators."""

import pytest
import torch
from torch import nn

from models.gan.blocks import initialise
from models.gan.patchgan import PatchGAN, PixelGAN
from models.gan.unet import UNet


def test_fewer_than_five_levels_are_refused() -> None:
    with pytest.raises(ValueError, match="4 levels"):
        UNet(3, 3, downs=4, width=4)


@pytest.mark.parametrize(("downs", "dropouts"), [(5, 0), (6, 1), (7, 2), (8, 3)])
def test_dropout_sits_in_the_deep_levels_and_moves_no_key(downs: int, dropouts: int) -> None:
    with torch.device("meta"):
        noisy, plain = (UNet(3, 3, downs=downs, width=4, dropout=dropout) for dropout in (True, False))
    assert sum(isinstance(module, nn.Dropout) for module in noisy.modules()) == dropouts
    assert list(noisy.state_dict()) == list(plain.state_dict())


@pytest.mark.parametrize(("height", "width"), [(32, 32), (64, 96)])
def test_a_picture_keeps_its_size_and_its_range(height: int, width: int) -> None:
    picture = UNet(3, 1, downs=5, width=4)(torch.randn(2, 3, height, width))
    assert picture.shape == (2, 1, height, width)
    assert picture.abs().max() <= 1.0


@pytest.mark.parametrize(("side", "patches"), [(256, 30), (512, 62), (286, 33), (64, 6)])
def test_patch_maps_have_the_known_sides(side: int, patches: int) -> None:
    with torch.device("meta"):
        scores = PatchGAN(6, width=4)(torch.empty(1, 6, side, side))
    assert scores.shape == (1, 1, patches, patches)


def test_one_patch_sees_seventy_pixels() -> None:
    image = torch.zeros(1, 1, 256, 256, requires_grad=True)
    PatchGAN(1, width=4, norm="none")(image)[0, 0, 15, 15].backward()
    assert image.grad is not None
    rows = image.grad[0, 0].abs().sum(dim=1).nonzero().flatten()
    assert rows[-1] - rows[0] + 1 == 70


def test_one_pixel_is_judged_alone() -> None:
    image = torch.rand(1, 3, 8, 8)
    changed = image.clone()
    changed[:, :, 2, 5] += 1.0
    network = PixelGAN(3, width=4, norm="none")
    assert (network(image) != network(changed)).nonzero().tolist() == [[0, 0, 2, 5]]


def test_initial_weights_are_narrow_normals_and_biases_zero() -> None:
    torch.manual_seed(0)
    network = PatchGAN(6, width=32)
    initialise(network, gain=0.02)
    first, norm = network.get_parameter("model.0.weight"), network.get_parameter("model.6.weight")
    assert float(first.detach().std()) == pytest.approx(0.02, rel=0.1)
    assert float(first.detach().mean()) == pytest.approx(0.0, abs=0.002)
    assert float(norm.detach().mean()) == pytest.approx(1.0, abs=0.01)
    assert float(norm.detach().std()) == pytest.approx(0.02, rel=0.3)
    assert not any(p.any() for name, p in network.named_parameters() if name.endswith("bias"))


def test_without_a_norm_inner_convolutions_still_have_no_bias() -> None:
    keys = PatchGAN(6, width=4, norm="none").state_dict()
    assert [key for key in keys if key.endswith("bias")] == ["model.0.bias", "model.11.bias"]

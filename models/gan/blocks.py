"""What the adversarial networks are made of: norm layers, their effect on biases, and the initial weights."""

from typing import Literal, assert_never

from torch import nn

Norm = Literal["batch", "instance", "none"]


def norm_layer(norm: Norm, channels: int) -> nn.Module:
    """The layer behind a convolution of `channels` outputs.

    Instance norm has neither scale and shift nor running statistics, so it acts alike in training and evaluation. The
    identity keeps its place, and so the numbers in the state dict, where there is no norm (pix2pix, networks.py).
    """
    match norm:
        case "batch":
            return nn.BatchNorm2d(channels)
        case "instance":
            return nn.InstanceNorm2d(channels)
        case "none":
            return nn.Identity()
        case _:
            assert_never(norm)


def has_bias(norm: Norm) -> bool:
    """Whether inner convolutions carry a bias: with instance norm only.

    Published checkpoints hold none without a norm either: upstream asks "is it instance norm?", not "is there a norm?"
    (pix2pix, networks.py: use_bias).
    """
    return norm == "instance"


def initialise(network: nn.Module, gain: float) -> None:
    """Draw the initial weights in place: convolutions N(0, gain), batch norm scales N(1, gain), all biases 0.

    Isola et al. 2017, section 6.2, with gain 0.02; torch's global generator draws.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, gain)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, gain)
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)

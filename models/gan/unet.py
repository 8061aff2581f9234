"""The U-Net generator of pix2pix (Isola et al. 2017, section 6.1.1)."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from models.gan.blocks import Norm, has_bias, norm_layer

FEWEST_DOWNS = 5  # the widths grow 1, 2, 4, 8, 8 before anything repeats


class SkipBlock(nn.Module):
    """One level with all deeper levels inside; hands on its input beside what comes back up."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.model = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """N x C x H x W to N x 2C x H x W, the input first."""
        return torch.cat([x, self.model(x)], dim=1)


class UNet(nn.Module):
    """Halve the image `downs` times and double it again, with a skip connection at every size between.

    Published pix2pix checkpoints load strictly: keys and shapes are theirs (`unet_256` is downs=8, `unet_128` 7).

    Args:
        inputs: channels of the image given.
        outputs: channels of the image made.
        downs: levels, 5 or more; both sides of the image must be multiples of 2**downs.
        width: channels of the outermost level (ngf); deeper ones have 2, 4, 8, 8, ... times as many.
        norm: layer behind inner convolutions; outermost and innermost have none on the way down.
        dropout: drop half of the activations in the levels 4 to downs - 2 on the way up, the noise source of pix2pix.
    """

    def __init__(
        self, inputs: int, outputs: int, *, downs: int, width: int, norm: Norm = "batch", dropout: bool = True
    ) -> None:
        super().__init__()
        if downs < FEWEST_DOWNS:
            raise ValueError(f"a U-Net of {downs} levels: at least {FEWEST_DOWNS} are needed")
        bias = has_bias(norm)
        widths = [width * min(2**level, 8) for level in range(downs)]

        def down(source: int, target: int) -> nn.Module:
            return nn.Conv2d(source, target, 4, stride=2, padding=1, bias=bias)

        def up(source: int, target: int, bias: bool = bias) -> nn.Module:
            return nn.ConvTranspose2d(source, target, 4, stride=2, padding=1, bias=bias)

        # ReLU may overwrite its input: nothing else reads a concatenation. LeakyReLU may not: the skip does.
        outer, inner = widths[-2], widths[-1]
        block = SkipBlock(
            nn.LeakyReLU(0.2), down(outer, inner), nn.ReLU(inplace=True), up(inner, outer), norm_layer(norm, outer)
        )
        for level in range(downs - 2, 0, -1):
            outer, inner = widths[level - 1], widths[level]
            layers = [
                nn.LeakyReLU(0.2),
                down(outer, inner),
                norm_layer(norm, inner),
                block,
                nn.ReLU(inplace=True),
                up(2 * inner, outer),
                norm_layer(norm, outer),
            ]
            if dropout and level >= FEWEST_DOWNS - 1:
                layers.append(nn.Dropout(0.5))
            block = SkipBlock(*layers)
        outermost = nn.Sequential(
            down(inputs, width), block, nn.ReLU(inplace=True), up(2 * width, outputs, bias=True), nn.Tanh()
        )
        self.model = nn.Sequential(OrderedDict(model=outermost))  # one name deeper: the keys of the checkpoints

    def forward(self, x: Tensor) -> Tensor:
        """N x inputs x H x W in [-1, 1] to N x outputs x H x W in [-1, 1]."""
        y: Tensor = self.model(x)
        return y

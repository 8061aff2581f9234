"""The discriminators of pix2pix: PatchGAN judges overlapping patches, PixelGAN single pixels (Isola et al. 2017)."""

from torch import Tensor, nn

from models.gan.blocks import Norm, has_bias, norm_layer


class PatchGAN(nn.Module):
    """Convolutions whose outputs each judge one patch; 3 layers see 70 x 70 pixels.

    Args:
        inputs: channels; for a conditional discriminator those of both images together.
        width: channels of the first layer (ndf), doubled in each layer up to 8 times as many.
        layers: convolutions of stride 2.
    """

    def __init__(self, inputs: int, *, width: int, layers: int = 3, norm: Norm = "batch") -> None:
        super().__init__()
        widths = [width * min(2**layer, 8) for layer in range(layers + 1)]
        modules: list[nn.Module] = [nn.Conv2d(inputs, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2, inplace=True)]
        for layer in range(1, layers + 1):
            stride = 2 if layer < layers else 1
            modules += [
                nn.Conv2d(widths[layer - 1], widths[layer], 4, stride=stride, padding=1, bias=has_bias(norm)),
                norm_layer(norm, widths[layer]),
                nn.LeakyReLU(0.2, inplace=True),
            ]
        self.model = nn.Sequential(*modules, nn.Conv2d(widths[-1], 1, 4, stride=1, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        """N x inputs x H x W to logits N x 1 x H' x W'; with 3 layers 256 gives 30 and 64 gives 6."""
        y: Tensor = self.model(x)
        return y


class PixelGAN(nn.Module):
    """1 x 1 convolutions: each pixel is judged alone; arguments as for `PatchGAN`."""

    def __init__(self, inputs: int, *, width: int, norm: Norm = "batch") -> None:
        super().__init__()
        bias = has_bias(norm)
        self.net = nn.Sequential(
            nn.Conv2d(inputs, width, 1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(width, 2 * width, 1, bias=bias),
            norm_layer(norm, 2 * width),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(2 * width, 1, 1, bias=bias),
        )

    def forward(self, x: Tensor) -> Tensor:
        """N x inputs x H x W to logits N x 1 x H x W."""
        y: Tensor = self.net(x)
        return y

"""The first stage of latent diffusion: an autoencoder between pixels and latents, our own or Stable Diffusion's.

Both give the posterior of a latent (Kingma & Welling 2014) and share one interface: `encode`, `decode`, `scale`,
`factor`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, distributed, nn
from torch.nn import functional as F
from torch.optim import AdamW, Optimizer

from models import pretrained
from models.diffusion.rate import half_cosine, warm_up
from models.method import Batch, Card, Context, Data, Method, Pairs, Preset, Train, Update, stream
from shards.errors import UserError


class Autoencoder(nn.Module, ABC):
    """Between images and latents.

    Attributes:
        factor: pixels along one side of a latent's cell.
        channels: of a latent.
        scale: what a latent is multiplied with to have unit variance, a scalar buffer.
    """

    factor: int
    channels: int
    scale: Tensor

    @abstractmethod
    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the posterior, each N x channels x H/factor x W/factor, of N3HW in [-1, 1]."""

    @abstractmethod
    def decode(self, latent: Tensor) -> Tensor:
        """N3HW, about [-1, 1], of an unscaled latent."""


@dataclass(frozen=True)
class PatchShape:
    """Sizes of our own autoencoder.

    Attributes:
        patch: pixels along one side of a latent's cell.
        width: channels inside.
        blocks: residual blocks on either side.
        channels: of a latent.
    """

    patch: int = 4
    width: int = 56
    blocks: int = 2
    channels: int = 4


@dataclass(frozen=True)
class KLShape:
    """Sizes of diffusers' AutoencoderKL; the defaults are Stable Diffusion 1's.

    Attributes:
        widths: channels at each level; each level but the last halves the image.
        scale: of the latents, a constant of the published weights.
    """

    widths: tuple[int, ...] = (128, 256, 512, 512)
    layers: int = 2
    groups: int = 32
    channels: int = 4
    scale: float = 0.18215


class PatchAutoencoder(Autoencoder):
    """An autoencoder that cuts the image into patches at once and works on them at the latent's resolution.

    Convolutions at full resolution are where an AutoencoderKL spends its time; without them some seconds of two CPU
    cores are enough for a usable reconstruction.
    """

    def __init__(self, shape: PatchShape) -> None:
        super().__init__()
        self.factor, self.channels = shape.patch, shape.channels
        width = shape.width
        self.encoder = nn.Sequential(
            nn.Conv2d(3, width, shape.patch, stride=shape.patch),
            *(ResidualBlock(width) for _ in range(shape.blocks)),
            nn.Conv2d(width, 2 * shape.channels, 3, padding=1),
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(shape.channels, width, 3, padding=1),
            *(ResidualBlock(width) for _ in range(shape.blocks)),
            nn.Conv2d(width, 3 * shape.patch**2, 3, padding=1),
            nn.PixelShuffle(shape.patch),
        )
        self.register_buffer("scale", torch.ones(()))

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance; the latter is kept between -30 and 20, as in LDM's posterior."""
        mean, logvar = self.encoder(image).chunk(2, dim=1)
        return mean, logvar.clamp(-30.0, 20.0)

    def decode(self, latent: Tensor) -> Tensor:
        """N3HW."""
        image: Tensor = self.decoder(latent)
        return image


class ResidualBlock(nn.Module):
    """x + conv(silu(norm(conv(silu(norm(x)))))), all of one width."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(8, width), nn.GroupNorm(8, width)
        self.conv1, self.conv2 = nn.Conv2d(width, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Shaped like x."""
        x_mid: Tensor = self.conv1(F.silu(self.norm1(x)))
        change: Tensor = self.conv2(F.silu(self.norm2(x_mid)))
        return x + change


class KLAutoencoder(Autoencoder):
    """diffusers' AutoencoderKL behind our interface."""

    def __init__(self, shape: KLShape) -> None:
        super().__init__()
        levels = len(shape.widths)
        self.factor, self.channels = 2 ** (levels - 1), shape.channels
        self.model = pretrained.diffusers().AutoencoderKL(
            block_out_channels=shape.widths,
            down_block_types=("DownEncoderBlock2D",) * levels,
            up_block_types=("UpDecoderBlock2D",) * levels,
            layers_per_block=shape.layers,
            latent_channels=shape.channels,
            norm_num_groups=shape.groups,
        )
        self.register_buffer("scale", torch.tensor(shape.scale))

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance."""
        posterior = self.model.encode(image).latent_dist
        return posterior.mean, posterior.logvar

    def decode(self, latent: Tensor) -> Tensor:
        """N3HW."""
        image: Tensor = self.model.decode(latent).sample
        return image


def kl_weights(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of an AutoencoderKL under the names of today's diffusers.

    Files of Stable Diffusion 1 call the parts of the middle attention `query, key, value, proj_attn`.
    """
    names = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
    renamed = {}
    for name, value in weights.items():
        owner, _, leaf = name.rpartition(".")
        parent, _, part = owner.rpartition(".")
        renamed[f"{parent}.{names[part]}.{leaf}" if part in names else name] = value
    return renamed


def as_colour(image: Tensor) -> Tensor:
    """N1HW or N3HW to N3HW, one channel repeated."""
    return image.expand(-1, 3, -1, -1)


@dataclass(frozen=True)
class Config:
    """How our own first stage is built and trained.

    Attributes:
        kl: weight of the divergence from a unit normal, per pixel value; just enough to keep latents smooth.
        warmup: steps until the full rate, which then falls to 0 along half a cosine.
    """

    shape: PatchShape = PatchShape()
    lr: float = 4e-3
    kl: float = 0.01
    warmup: int = 50


class FirstStage(Method):
    """Learns to put visible images, infrared images and maps alike into latents and back."""

    card: ClassVar[Card] = Card(
        "first_stage", "First stage", "CVPR", 2022, "diffusion", conditions=frozenset({"v", "s"}), stands_alone=False
    )
    presets: ClassVar[Mapping[str, Preset]] = {
        "small": Preset(
            Train(
                Config(PatchShape(width=192, blocks=6), lr=1e-3, kl=1e-3, warmup=500),
                Data(resize=(256, 288), crop=256, resample="lanczos"),
                batch=16,
                steps=20_000,
                log_every=50,
            ),
            about="latents of 64 x 64 for 256 pixels; for a GPU",
        ),
        "tiny": Preset(
            Train(Config(), Data(resize=64, crop=64), batch=8, steps=450),
            about="latents of 16 x 16 for 64 pixels; about 20 seconds on two CPU cores",
        ),
    }

    def __init__(self, preset: Preset, context: Context) -> None:
        super().__init__(preset, context)
        self.config: Config = preset.train.config

    def build(self, train: Pairs | None) -> None:
        """Make the autoencoder; its weights hang on the run's seed alone."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(stream(self.context.seed, "first_stage", "weights"))
            self.autoencoder = PatchAutoencoder(self.config.shape)

    def optimizers(self) -> dict[str, Optimizer]:
        """One AdamW."""
        return {"autoencoder": AdamW(self.autoencoder.parameters(), lr=self.config.lr, fused=True)}

    def learning_rate(self, name: str, step: int, epoch: float) -> float:
        """Warm-up, then half a cosine down to 0."""
        steps = self.preset.train.steps
        return warm_up(step, self.config.warmup) * (half_cosine(step, steps) if steps else 1.0)

    def step(self, batch: Batch, update: Update) -> dict[str, Tensor]:
        """Squared error of the reconstruction through a sampled latent, and the divergence from a unit normal."""
        sides = (batch.target(), batch.visible, batch.maps)
        images = torch.cat([as_colour(side) for side in sides if side is not None])
        mean, logvar = self.autoencoder.encode(images)
        count = len(images) // len(batch)
        noise = torch.cat([batch.randn(f"posterior-{side}", mean.shape[1:]) for side in range(count)])
        latent = mean + torch.exp(0.5 * logvar) * noise
        reconstruction = F.mse_loss(self.autoencoder.decode(latent), images)
        divergence = 0.5 * (mean**2 + logvar.exp() - 1.0 - logvar).sum() / images.numel()
        update(reconstruction + self.config.kl * divergence)
        self._measure_scale(latent[: len(batch)].detach())
        return {"reconstruction": reconstruction.detach(), "divergence": divergence.detach()}

    def translate(self, batch: Batch) -> Tensor:
        """Nothing to translate.

        Raises:
            UserError: always.
        """
        raise UserError(
            "first_stage turns images into latents and back; it does not translate",
            "it is trained as a parent of diffv2ir: `python -m bench run diffv2ir --dataset NAME`",
        )

    @torch.no_grad()
    def _measure_scale(self, latent: Tensor) -> None:
        """One over the infrared latents' standard deviation (Rombach et al. 2022, appendix G), as a running average.

        Latents change while the autoencoder learns; the average forgets all but the last hundred steps or so. Several
        ranks measure together, so that their number does not matter.
        """
        values = latent.double()
        moments = torch.stack([torch.ones_like(values).sum(), values.sum(), values.square().sum()])
        if distributed.is_available() and distributed.is_initialized():
            distributed.all_reduce(moments)
        count, total, squares = moments
        deviation = ((squares - total**2 / count) / (count - 1.0)).sqrt()
        self.autoencoder.scale.lerp_((1.0 / deviation).to(self.autoencoder.scale), 0.05)

"""Pix2Pix: a U-Net paints the infrared image, a PatchGAN judges it beside the visible one (Isola et al., CVPR 2017).

Networks, losses and the order of a step follow junyanz/pytorch-CycleGAN-and-pix2pix at 9f8f61e.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch.func import functional_call
from torch.nn import functional as F
from torch.optim import Adam, Optimizer

from models.gan.blocks import Norm, initialise
from models.gan.losses import vanilla
from models.gan.patchgan import PatchGAN
from models.gan.unet import UNet
from models.method import Batch, Card, Context, Data, Method, Pairs, Preset, Train, Update, stream
from shards.errors import UserError

CHANNELS = 3  # of both images: upstream stores infrared as three equal channels


@dataclass(frozen=True)
class Config:
    """How Pix2Pix is built and trained.

    Attributes:
        downs: levels of the generator; both sides of the crop must be multiples of 2**downs.
        generator_width: channels of its outermost level (ngf).
        discriminator_width: channels of the discriminator's first layer (ndf).
        dropout: whether the generator's deep levels drop activations, its only source of noise.
        gain: standard deviation of the initial weights.
        l1_weight: weight of the mean absolute error beside the adversarial term.
        lr: Adam's rate for both networks.
        betas: Adam's moment decays.
        constant_epochs: epochs at full rate; then it falls in a line over `decay_epochs` more.
        decay_epochs: where a preset counts steps, its run is stretched over both kinds of epochs.
    """

    downs: int = 8
    generator_width: int = 64
    discriminator_width: int = 64
    norm: Norm = "batch"
    dropout: bool = True
    gain: float = 0.02
    l1_weight: float = 100.0
    lr: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
    constant_epochs: int = 100
    decay_epochs: int = 100


@dataclass(frozen=True)
class Sampling:
    """How Pix2Pix predicts.

    Attributes:
        test_mode: "train" normalises with the image's own statistics and keeps dropout on, as the paper does
            (section 3.3); "eval" takes the running statistics and drops nothing.
    """

    test_mode: Literal["train", "eval"] = "train"


def linear_decay(epoch: int, constant_epochs: int, decay_epochs: int) -> float:
    """Factor on the rate throughout `epoch`, counted from 1: 1, then a line that would reach 0 one epoch too late.

    The schedule moves at the end of an epoch. Upstream moved it at the beginning from 2020 to 2025, which spends the
    last epoch at rate 0.

    >>> [linear_decay(epoch, 2, 2) for epoch in (1, 2, 3, 4)]
    [1.0, 1.0, 0.6666666666666667, 0.33333333333333337]
    """
    return 1.0 - max(0, epoch - constant_epochs) / (decay_epochs + 1)


class Pix2Pix(Method):
    """The conditional GAN with an L1 term that V2IR papers compare themselves with."""

    card: ClassVar[Card] = Card("pix2pix", "Pix2Pix", "CVPR", 2017, "gan", predict_batch=1)
    presets: ClassVar[Mapping[str, Preset]] = {
        "paper": Preset(
            Train(Config(), Data(resize=286, crop=256), batch=1, epochs=200),
            Sampling(),
            about="unet_256 as published, 200 epochs at 256 pixels; for a GPU",
        ),
        "small": Preset(
            Train(
                Config(generator_width=32, discriminator_width=32, constant_epochs=20, decay_epochs=20),
                Data(resize=286, crop=256),
                batch=1,
                epochs=40,
            ),
            Sampling(),
            about="networks of half the width, 40 epochs at 256 pixels; for a GPU",
        ),
        "tiny": Preset(
            Train(
                Config(downs=6, generator_width=16, discriminator_width=16, lr=1e-3),
                Data(resize=70, crop=64),
                batch=1,
                steps=1200,
                save_every=400,
            ),
            Sampling(),
            about="a small U-Net at 64 pixels, about a minute on two CPU cores",
        ),
    }

    def __init__(self, preset: Preset, context: Context) -> None:
        super().__init__(preset, context)
        self.config: Config = preset.train.config
        self.sampling: Sampling = preset.sample

    def build(self, train: Pairs | None) -> None:
        """Make both networks; their weights hang on the run's seed alone.

        Raises:
            UserError: the generator cannot halve the crop as often as the preset asks.
        """
        config, crop = self.config, self.preset.train.data.crop
        if crop % 2**config.downs:
            raise UserError(
                f"a crop of {crop} pixels cannot be halved {config.downs} times",
                f"make it a multiple of {2**config.downs}, or lower downs",
            )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(stream(self.context.seed, "pix2pix", "weights"))
            self.generator = UNet(
                CHANNELS,
                CHANNELS,
                downs=config.downs,
                width=config.generator_width,
                norm=config.norm,
                dropout=config.dropout,
            )
            self.discriminator = PatchGAN(2 * CHANNELS, width=config.discriminator_width, norm=config.norm)
            initialise(self.generator, config.gain)
            initialise(self.discriminator, config.gain)

    def optimizers(self) -> dict[str, Optimizer]:
        """One Adam for each network."""
        return {
            name: Adam(self.get_submodule(name).parameters(), lr=self.config.lr, betas=self.config.betas)
            for name in ("generator", "discriminator")
        }

    def learning_rate(self, name: str, step: int, epoch: float) -> float:
        """Full for the constant epochs, then falling in a line (`linear_decay`)."""
        config, steps = self.config, self.preset.train.steps
        if steps is not None:
            epoch = step * (config.constant_epochs + config.decay_epochs) / steps
        return linear_decay(int(epoch) + 1, config.constant_epochs, config.decay_epochs)

    def step(self, batch: Batch, update: Update) -> dict[str, Tensor]:
        """Teach the discriminator, then the generator against what it has learnt (pix2pix, pix2pix_model.py)."""
        visible = batch.visible
        infrared = batch.target().expand(-1, CHANNELS, -1, -1)
        fake = self.generator(visible)

        # Fake first, then real: the running statistics of the batch norms depend on the order.
        d_fake = vanilla(self.discriminator(torch.cat([visible, fake.detach()], dim=1)), real=False)
        d_real = vanilla(self.discriminator(torch.cat([visible, infrared], dim=1)), real=True)
        update(0.5 * (d_fake + d_real), "discriminator")

        # Frozen, so that the generator's loss leaves no gradients in the discriminator.
        self.discriminator.requires_grad_(False)
        g_gan = vanilla(self.discriminator(torch.cat([visible, fake], dim=1)), real=True)
        self.discriminator.requires_grad_(True)
        g_l1 = self.config.l1_weight * F.l1_loss(fake, infrared)
        update(g_gan + g_l1, "generator")

        losses = {"G_GAN": g_gan, "G_L1": g_l1, "D_real": d_real, "D_fake": d_fake}
        return {name: loss.detach() for name, loss in losses.items()}

    @torch.no_grad()
    def translate(self, batch: Batch) -> Tensor:
        """N3HW in [-1, 1]; a picture depends on (seed, key) and its own pixels, not on its batch mates."""
        was_training = self.generator.training
        self.generator.train(self.sampling.test_mode == "train")
        try:
            pictures = [self._paint(key, image[None]) for key, image in zip(batch.keys, batch.visible, strict=True)]
        finally:
            self.generator.train(was_training)
        return torch.cat(pictures)

    def _paint(self, key: str, visible: Tensor) -> Tensor:
        """One picture, 13HW to 13HW; leaves running statistics and random generators as they were."""
        statistics = {name: buffer.clone() for name, buffer in self.generator.named_buffers()}
        devices = [visible.device] if visible.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(stream(self.context.seed, key, "pix2pix"))
            picture: Tensor = functional_call(self.generator, statistics, visible)
        return picture

"""DiffV2IR: latent diffusion that sees the visible image, its segmentation map and a caption (arXiv 2503.19012).

An InstructPix2Pix with a second condition image: the network's first convolution reads 12 channels, the noisy latent,
the visible image's latent and the map's latent; the caption enters by cross-attention. Phase 2 of the paper starts from
Stable Diffusion and learns the translation on many pairs; phase 3 goes on from there on the target set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import AdamW, Optimizer

from models.diffusion.conditions import RELEASE_DROPOUT, Dropout, LatentCache, condition_dropout, keep_where
from models.diffusion.first_stage import (
    Autoencoder,
    FirstStage,
    KLAutoencoder,
    KLShape,
    PatchAutoencoder,
    as_colour,
    kl_weights,
)
from models.diffusion.guidance import EVERYTHING, Order, Scales, combine, guidance_weights
from models.diffusion.rate import half_cosine, warm_up
from models.diffusion.resize import keep_aspect
from models.diffusion.sampler import denoise_by_noise, denoise_by_velocity, sample_euler_ancestral
from models.diffusion.schedule import TIMESTEPS, add_noise, sampling_sigmas, velocity
from models.diffusion.text import TextEncoder, TextShape, clip_weights, load_tokenizer, word_tokenizer
from models.diffusion.unet import UNetShape, build_unet, start_unet
from models.diffusion.upsample import guided_upsample
from models.method import (
    FIXED_PROMPT,
    Batch,
    Card,
    Context,
    Data,
    Geometry,
    Method,
    Pairs,
    Parent,
    Preset,
    Train,
    Update,
    squash,
    stream,
)
from shards.errors import UserError

PROMPT = "turn the visible image of {caption} into infrared"


@dataclass(frozen=True)
class Config:
    """How DiffV2IR is built and trained; the defaults are the paper's and its code's.

    Attributes:
        autoencoder: sizes of Stable Diffusion's; None where the first stage is a parent stage of ours.
        dropout: which conditions a training sample is shown.
        predicts: what the network's output means. Stable Diffusion's predicts the noise. Velocity (Salimans & Ho 2022)
            is the same model with another output, whose error is not multiplied by sigma (14.6 at the first step), so
            that a network with little training knows how bright the picture is.
        warmup: steps until the full rate.
        decay: whether the rate then falls to 0 along half a cosine.
        checkpointing: computes activations twice to keep fewer of them.
        cache_bytes: memory for latents of images that come back unchanged.
    """

    unet: UNetShape = field(default_factory=UNetShape)
    text: TextShape = field(default_factory=TextShape)
    autoencoder: KLShape | None = field(default_factory=KLShape)
    dropout: Dropout = RELEASE_DROPOUT
    predicts: Literal["noise", "velocity"] = "noise"
    lr: float = 1e-4
    warmup: int = 0
    decay: bool = False
    checkpointing: bool = False
    cache_bytes: int = 256 << 20


@dataclass(frozen=True)
class Sampling:
    """How DiffV2IR predicts; the defaults are those of the authors' script.

    Attributes:
        steps: of Euler ancestral.
        order: in which the conditions enter the guidance (`guidance_weights`).
        resolution: length of the longer side, in pixels.
        fit: "aspect" keeps the aspect ratio and cuts to multiples of 64; "square" squashes, as in training.
        detail: side of the square to which a small result is raised, led by the edges of the visible image; 0: none.
    """

    steps: int = 100
    scale_text: float = 7.5
    scale_visible: float = 1.5
    scale_map: float = 1.5
    order: Order = "release"
    resolution: int = 512
    fit: Literal["aspect", "square"] = "aspect"
    detail: int = 0


PAPER_DATA = Data(resize=286, crop=256, resample="lanczos")
PAPER_TRAIN = Train(
    Config(checkpointing=True),
    PAPER_DATA,
    batch=32,
    accumulate=8,
    epochs=100,
    ema={"unet": 0.9999},
    ema_every="microbatch",
    save_every=200,
)

SMALL = Config(
    unet=UNetShape(widths=(96, 192, 288, 288), attention=(False, True, True, True), layers=2, heads=8),
    text=TextShape(width=256, hidden=1024, layers=4, heads=4, length=77, pretrained=False),
    autoencoder=None,
    predicts="velocity",
    lr=2e-4,
    warmup=500,
    cache_bytes=0,
)
SMALL_TRAIN = Train(
    SMALL,
    Data(resize=(256, 288), crop=256, resample="lanczos"),
    batch=32,
    steps=40_000,
    ema={"unet": 0.9995, "text_encoder": 0.9995},
    clip=1.0,
    precision="bf16",
    log_every=50,
    save_every=2000,
)
SMALL_SAMPLING = Sampling(steps=50, scale_text=2.0, resolution=256)

TINY = Config(
    unet=UNetShape(widths=(32, 64, 96), attention=(False, False, True), layers=1, heads=4, groups=8),
    text=TextShape(width=64, hidden=128, layers=2, heads=4, length=64, pretrained=False),
    autoencoder=None,
    predicts="velocity",
    lr=2e-3,
    warmup=30,
    decay=True,
)
TINY_TRAIN = Train(
    TINY,
    Data(resize=64, crop=64),
    batch=8,
    steps=1000,
    ema={"unet": 0.99, "text_encoder": 0.99},
)
TINY_SAMPLING = Sampling(
    steps=20, scale_text=1.0, scale_visible=1.5, scale_map=1.5, resolution=64, fit="square", detail=256
)


class DiffV2IR(Method):
    """Diffusion in the latents of a first stage, guided by image, map and text."""

    card: ClassVar[Card] = Card("diffv2ir", "DiffV2IR", "arXiv", 2025, "diffusion", conditions=EVERYTHING)
    presets: ClassVar[Mapping[str, Preset]] = {
        "paper": Preset(
            PAPER_TRAIN,
            Sampling(),
            after=(Parent("init", "diffv2ir", "paper-phase2", given=True),),
            needs=("sd15-vae", "sd15-text", "sd15-tokenizer"),
            about="phase 3: the target set, from the weights of phase 2",
        ),
        "paper-phase2": Preset(
            PAPER_TRAIN,
            Sampling(),
            needs=("sd15-unet", "sd15-vae", "sd15-text", "sd15-tokenizer"),
            about="phase 2: many pairs of all kinds, from Stable Diffusion 1.5",
        ),
        "small": Preset(
            replace(SMALL_TRAIN, config=replace(SMALL, lr=5e-5), steps=5000),
            SMALL_SAMPLING,
            after=(Parent("first_stage", "first_stage", "small"), Parent("init", "diffv2ir", "small-phase2")),
            about="56 million parameters at 256 pixels, nothing downloaded; for a GPU",
        ),
        "small-phase2": Preset(
            SMALL_TRAIN,
            SMALL_SAMPLING,
            after=(Parent("first_stage", "first_stage", "small"),),
            about="phase 2 of small",
        ),
        "tiny": Preset(
            replace(TINY_TRAIN, config=replace(TINY, lr=5e-4), steps=300),
            TINY_SAMPLING,
            after=(Parent("first_stage", "first_stage", "tiny"), Parent("init", "diffv2ir", "tiny-phase2")),
            about="2 million parameters at 64 pixels, raised to 256 along visible edges; minutes on two CPU cores",
        ),
        "tiny-phase2": Preset(
            TINY_TRAIN,
            TINY_SAMPLING,
            after=(Parent("first_stage", "first_stage", "tiny"),),
            about="phase 2 of tiny",
        ),
    }
    frozen: ClassVar[tuple[str, ...]] = ("first_stage", "clip")
    first_stage: Autoencoder

    def __init__(self, preset: Preset, context: Context) -> None:
        super().__init__(preset, context)
        self.config: Config = preset.train.config
        self.sampling: Sampling = preset.sample
        self._cache = LatentCache(self.config.cache_bytes)

    def build(self, train: Pairs | None) -> None:
        """Make the networks; what starts from nothing hangs on the run's seed alone.

        Raises:
            UserError: weights of a parent or file do not fit.
        """
        config = self.config
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(stream(self.context.seed, "diffv2ir", "weights"))
            self.first_stage = self._frozen_first_stage()
            if config.text.pretrained:
                self.clip = self._frozen_clip()
            else:
                self.text_encoder = TextEncoder(config.text, word_tokenizer())
            self.unet = build_unet(config.unet, config.text.width)
        if config.checkpointing:
            self.unet.enable_gradient_checkpointing()
        if train is not None:
            self._start()

    def optimizers(self) -> dict[str, Optimizer]:
        """One AdamW for the network, and for the text encoder where it is trained along."""
        trained = [self.unet] if self.config.text.pretrained else [self.unet, self.text_encoder]
        return {"unet": AdamW(chain.from_iterable(n.parameters() for n in trained), lr=self.config.lr, fused=True)}

    def learning_rate(self, name: str, step: int, epoch: float) -> float:
        """Constant in the paper; short runs warm up and decay."""
        steps = self.preset.train.steps
        decay = half_cosine(step, steps) if self.config.decay and steps else 1.0
        return warm_up(step, self.config.warmup) * decay

    def step(self, batch: Batch, update: Update) -> dict[str, Tensor]:
        """Mean squared error of the predicted noise (or velocity) at a random timestep."""
        mean, logvar = self._cache.encode(self.first_stage, "infrared", batch.views, as_colour(batch.target()))
        # The target is a sample of the posterior, scaled to unit variance; conditions are its mean, unscaled.
        latent = mean + torch.exp(0.5 * logvar) * batch.randn("posterior", mean.shape[1:])
        latent = self.first_stage.scale * latent
        kept = condition_dropout(batch.rand("dropout"), self.config.dropout)
        visible, regions = self._condition_latents(batch, self._cache)
        t = batch.randint("timestep", TIMESTEPS)
        noise = batch.randn("noise", latent.shape[1:])
        predicted = self._predict(
            torch.cat(
                [add_noise(latent, t, noise), keep_where(visible, kept["v"]), keep_where(regions, kept["s"])], dim=1
            ),
            t,
            self._read(self._prompts(batch, kept["t"].tolist())),
        )
        wanted = noise if self.config.predicts == "noise" else velocity(latent, t, noise)
        loss = F.mse_loss(predicted.float(), wanted)
        update(loss)
        return {"loss": loss.detach()}

    def geometry(self, width: int, height: int) -> Geometry:
        """The working size of the preset's `fit`."""
        resolution = self.sampling.resolution
        if self.sampling.fit == "square":
            return squash(self.sampling.detail or resolution, width, height)
        return keep_aspect(resolution, width, height)

    @torch.no_grad()
    def translate(self, batch: Batch) -> Tensor:
        """N3HW in [-1, 1] by guided Euler ancestral sampling; each picture has its own noise, by its key."""
        chosen, guide = self.sampling, batch.visible
        if chosen.detail:
            batch = _resized(batch, chosen.resolution)
        scales = Scales(chosen.scale_text, chosen.scale_visible, chosen.scale_map)
        weights = guidance_weights(scales, chosen.order, self.context.conditions)
        rows = list(weights)
        visible, regions = self._condition_latents(batch, LatentCache(0))
        nothing = torch.zeros_like(visible)
        images = torch.cat(
            [torch.cat([visible if "v" in r else nothing, regions if "s" in r else nothing], dim=1) for r in rows]
        )
        text = torch.cat([self._read(self._prompts(batch, ["t" in r] * len(batch))) for r in rows])

        def predict(z: Tensor, t: float) -> Tensor:
            times = torch.full((len(images),), t, device=z.device)
            out = self._predict(torch.cat([z.repeat(len(rows), 1, 1, 1), images], dim=1), times, text)
            return combine(dict(zip(rows, out.float().chunk(len(rows)), strict=True)), weights)

        denoise = denoise_by_noise(predict) if self.config.predicts == "noise" else denoise_by_velocity(predict)
        sigmas = sampling_sigmas(chosen.steps)
        shape = visible.shape[1:]
        latent = sample_euler_ancestral(
            denoise, sigmas[0] * batch.randn("start", shape), sigmas, lambda i: batch.randn(f"step-{i}", shape)
        )
        picture = self.first_stage.decode(latent / self.first_stage.scale).float().clamp(-1.0, 1.0)
        if chosen.detail:
            picture = guided_upsample(picture.mean(dim=1, keepdim=True), guide).clamp(-1.0, 1.0)
        return picture

    def _predict(self, x: Tensor, t: Tensor, text: Tensor) -> Tensor:
        predicted: Tensor = self.unet(x, t, encoder_hidden_states=text).sample
        return predicted

    def _condition_latents(self, batch: Batch, cache: LatentCache) -> tuple[Tensor, Tensor]:
        """Posterior means of the visible image and of the map; zeros for what the run does not look at."""
        visible, _ = cache.encode(self.first_stage, "visible", batch.views, batch.visible)
        nothing = torch.zeros_like(visible)
        if "v" not in self.context.conditions:
            visible = nothing
        if "s" not in self.context.conditions:
            return visible, nothing
        if batch.maps is None:
            raise RuntimeError("this batch has no maps, but the run looks at them")
        regions, _ = cache.encode(self.first_stage, "map", batch.views, as_colour(batch.maps))
        return visible, regions

    def _prompts(self, batch: Batch, kept: Sequence[bool]) -> list[str]:
        """One prompt for each sample: its caption in the template, or nothing; without captions one fixed prompt."""
        if "t" not in self.context.conditions:
            return [FIXED_PROMPT] * len(batch)
        if batch.captions is None:
            raise RuntimeError("this batch has no captions, but the run reads them")
        return [PROMPT.format(caption=c) if k else "" for c, k in zip(batch.captions, kept, strict=True)]

    def _read(self, prompts: Sequence[str]) -> Tensor:
        states: Tensor = self.clip(prompts) if self.config.text.pretrained else self.text_encoder(prompts)
        return states

    def _frozen_first_stage(self) -> Autoencoder:
        shape = self.config.autoencoder
        if shape is not None:
            stable_diffusion = KLAutoencoder(shape)
            _load(stable_diffusion.model, kl_weights(self._file("sd15-vae")), "sd15-vae")
            return stable_diffusion.requires_grad_(False)
        parent = next(p for p in self.preset.after if p.role == "first_stage")
        ours = PatchAutoencoder(FirstStage.presets[parent.preset].train.config.shape)
        _load(ours, _part("autoencoder", self.context.parents["first_stage"]), "first_stage")
        return ours.requires_grad_(False)

    def _frozen_clip(self) -> TextEncoder:
        encoder = TextEncoder(self.config.text, load_tokenizer(self.context.weights["sd15-tokenizer"]))
        _load(encoder.model, clip_weights(self._file("sd15-text")), "sd15-text")
        return encoder.requires_grad_(False)

    def _start(self) -> None:
        """Weights to start from: an earlier phase's, else Stable Diffusion's.

        A network that starts from nothing keeps its random weights in all twelve channels: zeros there protect what a
        network has learnt before it sees conditions, and here it has learnt nothing.
        """
        earlier = self.context.parents.get("init")
        if earlier is not None:
            start_unet(self.unet, _part("unet", earlier) or earlier)
            if not self.config.text.pretrained:
                _load(self.text_encoder, _part("text_encoder", earlier), "init")
        elif "sd15-unet" in self.context.weights:
            start_unet(self.unet, self._file("sd15-unet"))

    def _file(self, name: str) -> dict[str, Tensor]:
        from safetensors.torch import load_file

        weights: dict[str, Tensor] = load_file(self.context.weights[name])
        return weights


def _resized(batch: Batch, side: int) -> Batch:
    """The batch with its pictures at side x side."""

    def resized(x: Tensor) -> Tensor:
        return F.interpolate(x, size=(side, side), mode="bicubic", antialias=True).clamp(-1.0, 1.0)

    maps = None if batch.maps is None else resized(batch.maps)
    return replace(batch, visible=resized(batch.visible), maps=maps)


def _part(name: str, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of one network of a method, under that network's own names."""
    return {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}


def _load(network: nn.Module, weights: Mapping[str, Tensor], source: str) -> None:
    own = network.state_dict()
    wrong = sorted(own.keys() ^ weights.keys()) or [name for name in own if own[name].shape != weights[name].shape]
    if wrong:
        raise UserError(
            f"the weights of {source} do not fit: {wrong[0]} and {len(wrong) - 1} more",
            "give the file, or train the preset, that this one asks for",
        )
    network.load_state_dict(weights)

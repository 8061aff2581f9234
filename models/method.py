"""What a method is: its card, its presets, and the few functions that the trainer and the predictor call."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, Protocol

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from shards.sample import Sample

Condition = Literal["v", "s", "t"]
"""What a method may look at: the visible image, the segmentation map, the text."""

FIXED_PROMPT = "turn the RGB image into the infrared one"
"""The prompt of a dataset without captions (the default prompt of DiffV2IR's infer.py)."""


@dataclass(frozen=True)
class Card:
    """Who a method is.

    Attributes:
        version: raised with any change that alters what a stage computes; part of every stage's id.
        conditions: what it can use; a dataset may offer less.
        predict_batch: images per prediction batch; 1 where norms or dropout act at test time.
        trains: False for controls, which only look at the training set.
        stands_alone: False for stages that exist only as parents of others (a first stage).
    """

    name: str
    title: str
    venue: str
    year: int
    family: Literal["control", "gan", "diffusion"]
    version: int = 1
    conditions: frozenset[Condition] = frozenset({"v"})
    predict_batch: int = 8
    trains: bool = True
    stands_alone: bool = True


@dataclass(frozen=True)
class Data:
    """How training images reach the method; the loader owns all augmentation.

    Attributes:
        regime: `paired`; `unpaired` (the infrared image is another sample's); `infrared` (no visible side).
        resize: side of the square to which both images are squashed, or (low, high), drawn per sample.
        crop: side of the random square crop, at most the smallest `resize`.
        flip: probability of a horizontal mirror, the same for both sides.
        resample: Pillow filter name.
    """

    regime: Literal["paired", "unpaired", "infrared"] = "paired"
    resize: int | tuple[int, int] = 286
    crop: int = 256
    flip: float = 0.5
    resample: Literal["bicubic", "lanczos", "bilinear"] = "bicubic"


@dataclass(frozen=True)
class Train:
    """The training half of a preset; it enters the stage's id whole.

    Attributes:
        config: the method's own frozen dataclass.
        steps: optimiser steps; or give `epochs`, from which the trainer computes them.
        accumulate: micro-batches per optimiser step.
        ema: cap of the moving average per network (attribute name of the method); absent: none.
        ema_every: when the average moves (LDM's hook moves it on each micro-batch).
        clip: gradient norm limit.
        precision: autocast mode where the device has it; the CPU always runs in float32.
    """

    config: Any = None
    data: Data = field(default_factory=Data)
    batch: int = 1
    steps: int | None = None
    epochs: float | None = None
    accumulate: int = 1
    ema: Mapping[str, float] = field(default_factory=dict)
    ema_every: Literal["step", "microbatch"] = "step"
    clip: float | None = None
    precision: Literal["no", "bf16", "fp16"] = "no"
    log_every: int = 10
    save_every: int = 1000


@dataclass(frozen=True)
class Parent:
    """A stage that must exist before this one.

    Attributes:
        role: the name under which `Context.parents` holds its weights.
        dataset: None for the run's own.
        given: True where no stage of ours makes it: the user gives it with `--from`.
    """

    role: str
    method: str
    preset: str
    dataset: str | None = None
    given: bool = False


@dataclass(frozen=True)
class Preset:
    """A named set of a method's settings: data, not code.

    Attributes:
        sample: the method's own frozen dataclass for prediction; it enters the prediction's id only.
        after: stages whose weights this one starts from or keeps frozen.
        needs: names of downloaded weights (`bench weights list`).
    """

    train: Train
    sample: Any = None
    after: tuple[Parent, ...] = ()
    needs: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True)
class Geometry:
    """Where a prediction lies on its source image.

    Attributes:
        box: crop box (x0, y0, x1, y1) in source pixels, floats allowed.
        size: (width, height) at which the method works; the prediction's size.
    """

    box: tuple[float, float, float, float]
    size: tuple[int, int]


def squash(side: int, width: int, height: int) -> Geometry:
    """The whole image as a square of `side` pixels, aspect ratio not kept (pix2pix, test_options.py)."""
    return Geometry((0.0, 0.0, float(width), float(height)), (side, side))


@dataclass(frozen=True)
class Batch:
    """Some samples as tensors, and their random numbers.

    Attributes:
        keys: sample keys, N of them.
        visible: N3HW, float32 in [-1, 1].
        infrared: N1HW, float32 in [-1, 1]; None in prediction.
        maps: N1HW in [-1, 1], or None where the dataset has none.
        captions: N texts, or None where the dataset has none.
        sizes: stored (width, height) of each reference frame, in pixels.
        draws: what each sample's random numbers hang on: its global position while training, its key while
            predicting. Nothing else enters, so a picture depends on neither batch mates, workers nor world size.
        views: an exact name of each sample's pixels where augmentation is discrete (for caches), else None.
    """

    keys: tuple[str, ...]
    visible: Tensor
    infrared: Tensor | None
    maps: Tensor | None
    captions: tuple[str, ...] | None
    sizes: tuple[tuple[int, int], ...]
    draws: tuple[str, ...]
    seed: int
    views: tuple[str | None, ...]

    def __len__(self) -> int:
        return len(self.keys)

    def to(self, device: torch.device) -> "Batch":
        """The same batch with its tensors on `device`."""

        def move(tensor: Tensor | None) -> Tensor | None:
            return None if tensor is None else tensor.to(device, non_blocking=True)

        return replace(self, visible=self.visible.to(device), infrared=move(self.infrared), maps=move(self.maps))

    def target(self) -> Tensor:
        """The infrared side, N1HW; only training batches have one."""
        if self.infrared is None:
            raise RuntimeError("this batch has no infrared side: it was made for prediction")
        return self.infrared

    def randn(self, purpose: str, shape: Sequence[int], *, dtype: torch.dtype = torch.float32) -> Tensor:
        """Normal draws, (N, *shape), one stream per (seed, sample, purpose), drawn on the CPU."""
        rows = [torch.randn(tuple(shape), generator=g, dtype=dtype) for g in self._generators(purpose)]
        return torch.stack(rows).to(self.visible.device)

    def rand(self, purpose: str) -> Tensor:
        """Uniform draws in [0, 1), shape (N,)."""
        rows = [torch.rand((), generator=g, dtype=torch.float64) for g in self._generators(purpose)]
        return torch.stack(rows).to(torch.float32).to(self.visible.device)

    def randint(self, purpose: str, high: int) -> Tensor:
        """Uniform integers in [0, high), int64, shape (N,)."""
        rows = [torch.randint(high, (), generator=g) for g in self._generators(purpose)]
        return torch.stack(rows).to(self.visible.device)

    def _generators(self, purpose: str) -> Iterator[torch.Generator]:
        for draw in self.draws:
            yield torch.Generator().manual_seed(stream(self.seed, draw, purpose))


def stream(*parts: object) -> int:
    """A 63-bit seed from any printable parts, equal everywhere.

    >>> stream(0, "roadscene-flir_00006", "noise") == stream(0, "roadscene-flir_00006", "noise")
    True
    """
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


class Pairs(Protocol):
    """The training subset as `Method.build` sees it: samples that decode when asked."""

    def __len__(self) -> int:
        """How many samples."""
        ...

    def __getitem__(self, index: int, /) -> Sample:
        """One sample."""
        ...


class Update(Protocol):
    """What a training step calls to learn: backward, clipping, AMP, accumulation and the optimisers' steps.

    `update(loss, "g")` is `backward` and `step` in one. Gradients of a named optimiser are zeroed just before
    its first `backward` of each optimiser step.
    """

    def __call__(self, loss: Tensor, *names: str) -> None:
        """Backward on `loss`, then step the named optimisers (all where none is named)."""
        ...

    def backward(self, loss: Tensor, *names: str) -> None:
        """Gradients only."""
        ...

    def step(self, *names: str) -> None:
        """Clip, and step the named optimisers; does nothing until the accumulation is full."""
        ...


@dataclass(frozen=True)
class Context:
    """What a method is told about the run it serves.

    Attributes:
        conditions: what the dataset offers and the run asks for.
        parents: weights of the parent stages by role, moving averages applied.
        weights: files of `Preset.needs` by name, digests checked.
    """

    seed: int = 0
    conditions: frozenset[Condition] = frozenset({"v"})
    parents: Mapping[str, Mapping[str, Tensor]] = field(default_factory=dict)
    weights: Mapping[str, Any] = field(default_factory=dict)


class Method(nn.Module):
    """A way to make infrared from visible.

    What must survive a step is a parameter or a registered buffer; nothing else is saved. Attributes named in
    `frozen` (networks loaded from parents or weights files) are never saved.
    """

    card: ClassVar[Card]
    presets: ClassVar[Mapping[str, Preset]]
    frozen: ClassVar[tuple[str, ...]] = ()

    def __init__(self, preset: Preset, context: Context) -> None:
        super().__init__()
        self.preset = preset
        self.context = context

    def build(self, train: Pairs | None) -> None:
        """Make networks and buffers, before the optimisers.

        Args:
            train: the training subset; None where a checkpoint is about to be loaded, so that only shapes matter.
        """

    def optimizers(self) -> dict[str, Optimizer]:
        """Optimisers by name; {} where there is nothing to train."""
        return {}

    def learning_rate(self, name: str, step: int, epoch: float) -> float:
        """Factor on the optimiser's base rate: pure, so that nothing of a schedule needs saving."""
        return 1.0

    def step(self, batch: Batch, update: Update) -> dict[str, Tensor]:
        """One training step, whole; returns the losses to log (scalars)."""
        raise TypeError(f"{self.card.name} has nothing to train")

    def geometry(self, width: int, height: int) -> Geometry:
        """Crop box in source pixels and the size at which a `width` x `height` image is translated."""
        return squash(self.preset.train.data.crop, width, height)

    def translate(self, batch: Batch) -> Tensor:
        """Infrared for a batch: N1HW or N3HW in [-1, 1]; `batch.infrared` is None here."""
        raise NotImplementedError

    def state(self) -> dict[str, Tensor]:
        """What a checkpoint holds: everything but the frozen networks."""
        return {k: v for k, v in self.state_dict().items() if k.split(".")[0] not in self.frozen}

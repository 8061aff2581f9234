"""Samples as batches: all augmentation while training, and the geometry of prediction."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from models.method import Batch, Condition, Data, Geometry, stream
from shards.dataset import SampleDataset
from shards.errors import UserError
from shards.image import to_uint8
from shards.sample import Sample

_CACHE_BYTES = 1 << 30
_BYTES_PER_PIXEL = 5  # RGB, infrared, map


class TrainingViews(Dataset[dict[str, Any]]):
    """What the method sees of each (position, index): resized, cropped, mirrored, as uint8 arrays.

    Random choices hang on (seed, position) alone.

    Attributes:
        kept: the pictures fit in 1 GiB and stay in memory, resized where every view has one size.
    """

    def __init__(self, samples: SampleDataset, data: Data, seed: int, conditions: frozenset[Condition]) -> None:
        self._samples, self._data, self._seed = samples, data, seed
        self._maps = "s" in conditions
        self._captions = "t" in conditions
        self._memory: dict[int, dict[str, Any]] = {}
        pixels = len(samples) * data.resize**2 if isinstance(data.resize, int) else samples.pixels
        self.kept = pixels * _BYTES_PER_PIXEL <= _CACHE_BYTES

    def __getitem__(self, place: tuple[int, int]) -> dict[str, Any]:
        position, index = place
        draw = np.random.Generator(np.random.Philox(key=[stream(self._seed, position, "augment"), 0]))
        side = self._data.resize
        if not isinstance(side, int):
            side = int(draw.integers(side[0], side[1] + 1))
        crop = self._data.crop
        x, y = (int(v) for v in draw.integers(0, side - crop + 1, size=2))
        flip = bool(draw.random() < self._data.flip)
        view = self._resized(index, side)
        if self._data.regime == "unpaired":
            view = view | {"infrared": self._resized(int(draw.integers(len(self._samples))), side)["infrared"]}
        cut = {k: cut_view(v, x, y, crop, flip) for k, v in view.items() if isinstance(v, np.ndarray)}
        name = f"{view['key']}|{int(flip)}" if side == crop else None
        return view | cut | {"position": position, "view": name}

    def _resized(self, index: int, side: int) -> dict[str, Any]:
        """All pictures of a sample at side x side."""
        if isinstance(self._data.resize, int):
            return self._remembered(index, lambda: self._squashed(self._decoded(index), side))
        return self._squashed(self._remembered(index, lambda: self._decoded(index)), side)

    def _remembered(self, index: int, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if index in self._memory:
            return self._memory[index]
        found = make()
        if self.kept:
            self._memory[index] = found
        return found

    def _squashed(self, found: dict[str, Any], side: int) -> dict[str, Any]:
        resample = self._data.resample
        return {k: resize_square(v, side, resample) if isinstance(v, np.ndarray) else v for k, v in found.items()}

    def _decoded(self, index: int) -> dict[str, Any]:
        sample = self._samples[index]
        infrared = to_uint8(sample.infrared)
        if self._data.regime == "infrared":
            visible = np.repeat(infrared[..., None], 3, axis=2)
        elif sample.visible_bytes is None:
            raise UserError(f"{sample.key} has no visible side", "this method trains on pairs")
        else:
            visible = sample.visible
        found: dict[str, Any] = {"key": sample.key, "size": sample.size, "visible": visible, "infrared": infrared}
        found["caption"] = sample.captions[0] if self._captions else None
        if self._maps and (regions := sample.map) is not None:
            found["map"] = regions
        return found


def training_batch(views: Sequence[dict[str, Any]], seed: int) -> Batch:
    """Views as one batch."""
    captions = tuple(v["caption"] for v in views)
    return Batch(
        keys=tuple(v["key"] for v in views),
        visible=torch.stack([to_tensor(v["visible"]) for v in views]),
        infrared=torch.stack([to_tensor(v["infrared"]) for v in views]),
        maps=torch.stack([to_tensor(v["map"]) for v in views]) if "map" in views[0] else None,
        captions=None if captions[0] is None else captions,
        sizes=tuple(v["size"] for v in views),
        draws=tuple(str(v["position"]) for v in views),
        seed=seed,
        views=tuple(v["view"] for v in views),
    )


def prediction_batch(
    samples: Sequence[Sample], geometry: Geometry, resample: str, seed: int, conditions: frozenset[Condition]
) -> Batch:
    """Samples that share a working size as one batch; the geometry's box is that of each sample's own size."""
    maps = [s.map for s in samples] if "s" in conditions else [None]
    return Batch(
        keys=tuple(s.key for s in samples),
        visible=torch.stack([to_tensor(_cropped(s.visible, geometry, resample)) for s in samples]),
        infrared=None,
        maps=None
        if maps[0] is None
        else torch.stack([to_tensor(_cropped(m, geometry, resample)) for m in maps if m is not None]),
        captions=tuple(s.captions[0] for s in samples) if "t" in conditions else None,
        sizes=tuple(s.size for s in samples),
        draws=tuple(s.key for s in samples),
        seed=seed,
        views=tuple(f"{s.key}|{geometry.box}|{geometry.size}" for s in samples),
    )


def buckets(geometries: Sequence[Geometry], limit: int) -> Iterator[tuple[Geometry, list[int]]]:
    """Indices that can share a batch: equal geometry, at most `limit` of them, in order."""
    alike: dict[Geometry, list[int]] = {}
    for index, geometry in enumerate(geometries):
        alike.setdefault(geometry, []).append(index)
    for geometry, indices in alike.items():
        for at in range(0, len(indices), limit):
            yield geometry, indices[at : at + limit]


def resize_square(pixels: np.ndarray, side: int, resample: str) -> np.ndarray:
    """uint8 HW or HW3 squashed to side x side by one of Pillow's antialiased filters."""
    if pixels.shape[:2] == (side, side):
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling[resample.upper()]))


def cut_view(pixels: np.ndarray, x: int, y: int, crop: int, flip: bool) -> np.ndarray:
    """The crop x crop part at (x, y), mirrored where asked."""
    cut = pixels[y : y + crop, x : x + crop]
    return cut[:, ::-1] if flip else cut


def to_tensor(pixels: np.ndarray) -> Tensor:
    """uint8 HW or HWC -> CHW float32 in [-1, 1]: 2 x / 255 - 1."""
    planes = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    return torch.tensor(planes.copy(), dtype=torch.float32).mul(2 / 255).sub(1)


def to_pixels(image: Tensor) -> np.ndarray:
    """CHW in [-1, 1] -> HW uint8, rounded; three channels become Pillow's luma."""
    levels = image.detach().float().clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8).cpu().numpy()
    if len(levels) == 1:
        return np.ascontiguousarray(levels[0])
    return np.asarray(Image.fromarray(np.ascontiguousarray(levels.transpose(1, 2, 0))).convert("L"))


def _cropped(pixels: np.ndarray, geometry: Geometry, resample: str) -> np.ndarray:
    height, width = pixels.shape[:2]
    if geometry == Geometry((0.0, 0.0, float(width), float(height)), (width, height)):
        return pixels
    method = Image.Resampling[resample.upper()]
    return np.asarray(Image.fromarray(pixels).resize(geometry.size, method, box=geometry.box))

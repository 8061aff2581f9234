"""Images as pretrained networks take them.

Each takes one image, H x W or H x W x 3 uint8 of any size, and gives 3 x S x S float32. For the FID Inception network
there are three, the ways in which published FIDs are made: they differ in the filter alone, which moves FID by several
points.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from bench.decode import Pixels

SIDE = 299

Input = npt.NDArray[np.float32]


def clean(pixels: Pixels) -> Input:
    """Pillow's antialiased bicubic filter in 32-bit floats, clipped but not rounded: clean-fid's mode "clean".

    Returns:
        Values in [-1, 127/128].
    """
    levels = _bicubic(pixels, SIDE)
    levels -= np.float32(128.0)
    levels /= np.float32(128.0)
    return _three(levels)


def pytorch_fid(pixels: Pixels) -> Input:
    """Bilinear without antialiasing on [0, 1], then 2 x - 1: mseitzer/pytorch-fid, inception.py.

    Returns:
        Values in [-1, 1].
    """
    levels = _bilinear(np.stack(_planes(pixels)).astype(np.float32) / np.float32(255.0), antialias=False)
    return _three(2 * levels - 1)


def torchmetrics(pixels: Pixels) -> Input:
    """Bilinear with antialiasing on 0..255: torchmetrics from 1.8.0 on, image/fid.py.

    Returns:
        Values in [-1, 127/128].
    """
    levels = _bilinear(np.stack(_planes(pixels)).astype(np.float32), antialias=True)
    return _three((levels - np.float32(128.0)) / np.float32(128.0))


def dinov2(pixels: Pixels) -> Input:
    """Pillow's antialiased bicubic filter to 224 x 224 in 32-bit floats, scaled by ImageNet's mean and deviation."""
    return _standardised(pixels, 224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def clip(pixels: Pixels) -> Input:
    """Pillow's antialiased bicubic filter to 336 x 336 in 32-bit floats, scaled by CLIP's mean and deviation."""
    return _standardised(pixels, 336, (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))


PREPARATIONS: Mapping[str, Callable[[Pixels], Input]] = MappingProxyType(
    {"clean": clean, "pytorch-fid": pytorch_fid, "torchmetrics": torchmetrics, "dinov2": dinov2, "clip": clip}
)
"""By the name that a protocol gives."""


def _planes(pixels: Pixels) -> list[Any]:
    """The channels that have to be resized: one for grey levels."""
    return [pixels] if pixels.ndim == 2 else [np.ascontiguousarray(pixels[..., c]) for c in range(3)]


def _bicubic(pixels: Pixels, side: int) -> Input:
    planes = _planes(pixels)
    levels = np.empty((len(planes), side, side), np.float32)
    for level, plane in zip(levels, planes, strict=True):
        resized = Image.fromarray(plane.astype(np.float32)).resize((side, side), Image.Resampling.BICUBIC)
        level[...] = np.asarray(resized)
    # The filter overshoots at edges. Clipped as 8-bit pixels would be, but not rounded.
    return levels.clip(0.0, 255.0, out=levels)


def _standardised(pixels: Pixels, side: int, mean: Sequence[float], deviation: Sequence[float]) -> Input:
    levels = np.broadcast_to(_bicubic(pixels, side) / np.float32(255.0), (3, side, side))
    shift, scale = (np.array(values, np.float32)[:, None, None] for values in (mean, deviation))
    made: Input = (levels - shift) / scale
    return made


def _three(planes: Input) -> Input:
    return np.broadcast_to(planes, (3, SIDE, SIDE))


def _bilinear(planes: Input, *, antialias: bool) -> Input:
    from torch import from_numpy
    from torch.nn.functional import interpolate

    resized = interpolate(
        from_numpy(planes)[None], size=(SIDE, SIDE), mode="bilinear", align_corners=False, antialias=antialias
    )
    made: Input = resized[0].numpy()
    return made

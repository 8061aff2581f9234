"""Step 7: images as the FID Inception network takes them, in the three ways that published FIDs are made.

Each takes one image, H x W or H x W x 3 uint8 of any size, and gives 3 x 299 x 299 float32. They differ in the filter
alone, which moves FID by several points.
"""

from collections.abc import Callable, Mapping
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
    planes = [
        np.asarray(Image.fromarray(plane.astype(np.float32)).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
        for plane in _planes(pixels)
    ]
    # The filter overshoots at edges. Clipped as 8-bit pixels would be, but not rounded.
    levels = np.stack(planes).clip(0.0, 255.0)
    return _three((levels - np.float32(128.0)) / np.float32(128.0))


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


PREPARATIONS: Mapping[str, Callable[[Pixels], Input]] = MappingProxyType(
    {"clean": clean, "pytorch-fid": pytorch_fid, "torchmetrics": torchmetrics}
)
"""By the name that a protocol gives."""


def _planes(pixels: Pixels) -> list[Any]:
    """The channels that have to be resized: one for grey levels."""
    return [pixels] if pixels.ndim == 2 else [np.ascontiguousarray(pixels[..., c]) for c in range(3)]


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

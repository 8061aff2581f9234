"""Raises a small picture to the size of its visible image, whose edges lead the way."""

import torch
from torch import Tensor
from torch.nn import functional as F


def guided_upsample(picture: Tensor, guide: Tensor, *, radius: int = 8, epsilon: float = 1e-4) -> Tensor:
    """The fast guided filter: around each pixel the picture is an affine function of the guide's colours.

    The function is fitted at the picture's size and applied at the guide's (He & Sun, Fast Guided Filter, 2015; the
    colour form is Eq. 19 of He, Sun & Tang, Guided Image Filtering, PAMI 2013). It invents no contrast where the
    picture has none, but edges finer than the picture's pixels are the guide's, not the model's.

    Args:
        picture: N1hw.
        guide: N3HW, at least as large.
        radius: half side of the window in pixels of the picture.
        epsilon: contrast below its square root does not count as an edge; values lie in [-1, 1].

    Returns:
        N1HW.
    """
    small = F.interpolate(guide, size=picture.shape[-2:], mode="bicubic", antialias=True)
    guide_mean, picture_mean = _box(small, radius), _box(picture, radius)
    products = (small[:, :, None] * small[:, None]).flatten(1, 2)
    spread = _box(products, radius).unflatten(1, (3, 3)) - guide_mean[:, :, None] * guide_mean[:, None]
    together = _box(small * picture, radius) - guide_mean * picture_mean
    system = spread.permute(0, 3, 4, 1, 2) + epsilon * torch.eye(3, device=guide.device)
    slope = torch.linalg.solve(system, together.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
    offset = picture_mean - (slope * guide_mean).sum(dim=1, keepdim=True)

    def raised(x: Tensor) -> Tensor:
        return F.interpolate(_box(x, radius), size=guide.shape[-2:], mode="bilinear", align_corners=False)

    return (raised(slope) * guide).sum(dim=1, keepdim=True) + raised(offset)


def _box(x: Tensor, radius: int) -> Tensor:
    """Mean over a square window; the border is repeated."""
    return F.avg_pool2d(F.pad(x, (radius,) * 4, mode="replicate"), 2 * radius + 1, 1)

"""The three conditions of DiffV2IR: which of them a training sample is shown, and the latents of the two images."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from models.diffusion.first_stage import Autoencoder
from models.method import Condition

Dropout = tuple[tuple[str, float], ...]
"""(what is left, probability) pairs, "vt" for visible and text; the remaining probability leaves everything."""

ORDER: tuple[Condition, ...] = ("v", "s", "t")


def release_dropout(u: float) -> Dropout:
    """The table of the authors' code: each proper subset of the conditions with probability u.

    Text is dropped where r < 4u, the visible image where u <= r < 6u but not in [3u, 4u), the map where 2u <= r < 7u
    but not in [5u, 6u) (DiffV2IR, ddpm_DiffV2IR.py). The paper's "2 %" for no or one condition could also mean a table
    without "vs"; its guidance formula would then ask for a row that was never trained.

    >>> release_dropout(0.02)[0]
    ('vs', 0.02)
    """
    return tuple((left, u) for left in ("vs", "s", "", "v", "t", "st", "vt"))


RELEASE_DROPOUT = release_dropout(0.02)


def condition_dropout(r: Tensor, table: Dropout) -> dict[Condition, Tensor]:
    """Which conditions are left, by one uniform number per sample.

    Args:
        r: N numbers in [0, 1).
        table: its rows cut [0, 1) into intervals from 0 upwards; what is above the last one leaves everything.

    Returns:
        N booleans for each condition: True where it is left.

    Raises:
        ValueError: the probabilities exceed 1.
    """
    probabilities = [probability for _, probability in table]
    edges = [math.fsum(probabilities[: end + 1]) for end in range(len(table))]
    if edges and edges[-1] > 1.0 + 1e-9:
        raise ValueError(f"condition dropout adds up to {edges[-1]:.3f}")
    bounds = torch.tensor(edges, dtype=torch.float64, device=r.device)
    interval = torch.bucketize(r.double(), bounds, right=True)
    states = [left for left, _ in table] + ["vst"]
    return {c: torch.tensor([c in left for left in states], device=r.device)[interval] for c in ORDER}


def keep_where(latent: Tensor, kept: Tensor) -> Tensor:
    """The latent of samples that are kept, exact zeros (the null condition) for the others."""
    return torch.where(kept.reshape(-1, 1, 1, 1), latent, torch.zeros_like(latent))


class LatentCache:
    """Posteriors of images that come back unchanged, in memory up to a limit.

    An image with a name is always encoded alone, so that its latent is the same to the bit whether it was kept, lost
    or never met, and whatever else its batch holds: a run that is resumed goes on exactly.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._used = 0
        self._kept: dict[str, tuple[Tensor, Tensor]] = {}

    @torch.no_grad()
    def encode(
        self, first_stage: Autoencoder, kind: str, names: Sequence[str | None], images: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Mean and log variance of N3HW images.

        Args:
            first_stage: the frozen autoencoder, always the same.
            kind: tells the sides of a pair apart.
            names: an exact name of each image, or None where it will not come back.
            images: the images.
        """
        if None in names:
            return first_stage.encode(images)
        found = [self._one(first_stage, f"{kind}|{name}", image) for name, image in zip(names, images, strict=True)]
        mean, logvar = (torch.cat(side).to(images.device) for side in zip(*found, strict=True))
        return mean, logvar

    def _one(self, first_stage: Autoencoder, name: str, image: Tensor) -> tuple[Tensor, Tensor]:
        if name in self._kept:
            return self._kept[name]
        mean, logvar = (side.cpu() for side in first_stage.encode(image[None]))
        size = mean.nbytes + logvar.nbytes
        if self._used + size <= self._limit:
            self._kept[name] = (mean, logvar)
            self._used += size
        return mean, logvar

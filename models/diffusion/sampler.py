"""Euler ancestral sampling on the model's own noise levels."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from torch import Tensor

from models.diffusion.schedule import sigma_to_t

Denoise = Callable[[Tensor, float], Tensor]
"""The clean latent that a model sees in x = z_0 + sigma n: D(x, sigma)."""


def denoise_by_noise(predict_noise: Callable[[Tensor, float], Tensor]) -> Denoise:
    """The denoiser made of a network that predicts noise: D = x - sigma eps(x / sqrt(sigma^2 + 1), t(sigma)).

    Args:
        predict_noise: eps(z_t, t), with t a fractional timestep in [0, 999].
    """

    def denoise(x: Tensor, sigma: float) -> Tensor:
        return x - sigma * predict_noise(x / math.sqrt(sigma**2 + 1.0), sigma_to_t(sigma))

    return denoise


def denoise_by_velocity(predict_velocity: Callable[[Tensor, float], Tensor]) -> Denoise:
    """The denoiser made of a network that predicts velocity: D = x / (sigma^2 + 1) - sigma v / sqrt(sigma^2 + 1).

    Args:
        predict_velocity: v(z_t, t), as for `denoise_by_noise` (Salimans & Ho 2022, appendix D).
    """

    def denoise(x: Tensor, sigma: float) -> Tensor:
        size = math.sqrt(sigma**2 + 1.0)
        return x / size**2 - sigma / size * predict_velocity(x / size, sigma_to_t(sigma))

    return denoise


def ancestral_step(sigma: float, next_sigma: float) -> tuple[float, float]:
    """(sigma_down, sigma_up): how far to go down, and how much fresh noise brings it to `next_sigma` (eta = 1).

    sigma_up^2 = s'^2 (s^2 - s'^2) / s^2 and sigma_down^2 = s'^2 - sigma_up^2 (k-diffusion, sampling.py).

    >>> down, up = ancestral_step(2.0, 1.0)
    >>> round(down, 6), round(up, 6)
    (0.5, 0.866025)
    """
    up = min(next_sigma, math.sqrt(next_sigma**2 * (sigma**2 - next_sigma**2) / sigma**2))
    return math.sqrt(next_sigma**2 - up**2), up


def sample_euler_ancestral(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], noise: Callable[[int], Tensor]
) -> Tensor:
    """Walks x down the noise levels.

    Args:
        denoise: D(x, sigma), called once per step.
        x: the start, sigmas[0] times unit noise.
        sigmas: falling noise levels, n + 1 of them for n steps; the last one is 0.
        noise: unit noise shaped like x for step i = 0..n-2; the last step, down to 0, adds none.

    Returns:
        The clean latent, shaped and typed like x.
    """
    for step, (sigma, next_sigma) in enumerate(pairwise(sigmas)):
        direction = (x - denoise(x, sigma)) / sigma
        down, up = ancestral_step(sigma, next_sigma)
        x = x + direction * (down - sigma)
        if next_sigma > 0.0:
            x = x + noise(step) * up
    return x

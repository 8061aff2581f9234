"""Stable Diffusion's noise schedule: betas, the noise levels of a sampling run, and noised latents.

Two parametrisations of one process meet here. Training noises a latent as z_t = sqrt(abar_t) z_0 + sqrt(1 - abar_t) n;
the sampler walks on x = z_0 + sigma n with sigma = sqrt((1 - abar) / abar), so that z_t = x / sqrt(sigma^2 + 1).
"""

import math
from functools import cache

import numpy as np
import torch
from torch import Tensor

TIMESTEPS = 1000
BETA_START, BETA_END = 0.00085, 0.012


@cache
def betas() -> np.ndarray:
    """Variance added by each of the 1000 steps, float64.

    Linear in the square root, which latent diffusion calls "linear" and diffusers "scaled_linear".
    """
    return np.linspace(math.sqrt(BETA_START), math.sqrt(BETA_END), TIMESTEPS) ** 2


@cache
def alpha_bar() -> np.ndarray:
    """Share of the signal's variance that is left after step t: the cumulative product of 1 - beta, float64."""
    return np.cumprod(1.0 - betas())


@cache
def log_sigmas() -> np.ndarray:
    """Natural logarithm of sigma_t = sqrt((1 - abar_t) / abar_t) for t = 0..999, float64, increasing."""
    return np.asarray(0.5 * np.log((1.0 - alpha_bar()) / alpha_bar()))


def t_to_sigma(t: float) -> float:
    """Noise level at a timestep in [0, 999] that need not be whole: log-linear between its neighbours.

    >>> round(t_to_sigma(999), 6)
    14.614641
    """
    return math.exp(np.interp(t, np.arange(TIMESTEPS), log_sigmas()))


def sigma_to_t(sigma: float) -> float:
    """Timestep of a noise level, the inverse of `t_to_sigma`: clamped to [0, 999], not rounded.

    The network takes fractional timesteps (k-diffusion, external.py, with quantize=False).

    >>> round(sigma_to_t(1.0), 4)
    353.8904
    """
    return float(np.interp(math.log(sigma), log_sigmas(), np.arange(TIMESTEPS)))


@cache
def sampling_sigmas(steps: int) -> tuple[float, ...]:
    """Noise levels of a run of n steps, n + 1 of them: equally spaced in t from 999 to 0, then 0.

    Raises:
        ValueError: fewer than one step.
    """
    if steps < 1:
        raise ValueError(f"{steps} sampling steps: at least one is needed")
    return (*(t_to_sigma(t) for t in np.linspace(TIMESTEPS - 1, 0, steps)), 0.0)


def add_noise(latent: Tensor, t: Tensor, noise: Tensor) -> Tensor:
    """z_t = sqrt(abar_t) z_0 + sqrt(1 - abar_t) noise (Ho et al. 2020, Eq. 4).

    Args:
        latent: z_0, N x ...
        t: N timesteps, int64 in [0, 999].
        noise: shaped like the latent.

    Returns:
        Shaped and typed like the latent.
    """
    signal, spread = _shares(latent, t)
    return signal * latent + spread * noise


def velocity(latent: Tensor, t: Tensor, noise: Tensor) -> Tensor:
    """Velocity, sqrt(abar_t) noise - sqrt(1 - abar_t) z_0 (Salimans & Ho 2022, section 4); see `add_noise`."""
    signal, spread = _shares(latent, t)
    return signal * noise - spread * latent


def _shares(latent: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """sqrt(abar_t) and sqrt(1 - abar_t), each broadcast over the latent."""
    kept = torch.from_numpy(alpha_bar()).to(latent.device)[t].reshape(-1, *(1 for _ in latent.shape[1:]))
    return kept.sqrt().to(latent.dtype), (1.0 - kept).sqrt().to(latent.dtype)

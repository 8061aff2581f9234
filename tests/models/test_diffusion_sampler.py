"""Euler ancestral sampling gives k-diffusion's traces in float64, and agrees with diffusers' scheduler in float32."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
import torch
from torch import Tensor

from models import pretrained
from models.diffusion import sampler
from models.diffusion.guidance import Row, Scales, combine, guidance_weights
from models.diffusion.schedule import sampling_sigmas, t_to_sigma

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "diffv2ir.json").read_text())
TOLERANCE = 1e-9
NOISE = torch.tensor(GOLDEN["noise"]["values"], dtype=torch.float64)


def toy(x: Tensor, t: float, v: int = 0, s: int = 0, c: int = 0) -> Tensor:
    """The golden file's noise predictor: v, s, c say which conditions are there."""
    offset = 0.05 * v + 0.03 * s + 0.02 * c + 0.011 * v * s - 0.007 * v * c + 0.004 * s * c
    return 0.1 * x + math.sin(t / 1000) + offset + 0.002 * v * s * c * x


def toy_row(x: Tensor, t: float, row: Row) -> Tensor:
    return toy(x, t, *(int(c in row) for c in ("v", "s", "t")))


def test_ancestral_steps() -> None:
    block = GOLDEN["sigmas_10"]
    sigmas = block["sigmas_kdiffusion"]
    for i, (down, up) in enumerate(zip(block["sigma_down"], block["sigma_up"], strict=True)):
        assert sampler.ancestral_step(sigmas[i], sigmas[i + 1]) == pytest.approx((down, up), abs=TOLERANCE)


def test_trace_without_guidance() -> None:
    block = GOLDEN["trace_unguided_10"]
    seen: list[tuple[float, Tensor, Tensor]] = []
    inner = sampler.denoise_by_noise(toy)

    def denoise(x: Tensor, sigma: float) -> Tensor:
        seen.append((sigma, x, inner(x, sigma)))
        return seen[-1][2]

    sigmas = sampling_sigmas(10)
    final = sampler.sample_euler_ancestral(denoise, NOISE[0] * sigmas[0], sigmas, lambda i: NOISE[i + 1])
    assert final.tolist() == pytest.approx(block["final"], abs=TOLERANCE)
    for (sigma, x, denoised), step in zip(seen, block["steps"], strict=True):
        assert sigma == pytest.approx(step["sigma"], abs=TOLERANCE)
        assert x.tolist() == pytest.approx(step["x"], abs=TOLERANCE)
        assert denoised.tolist() == pytest.approx(step["denoised"], abs=TOLERANCE)


@pytest.mark.parametrize("order", ["release", "paper"])
@pytest.mark.parametrize("run", GOLDEN["trace_guided_10"]["runs"], ids=lambda r: f"{r['s_T']}-{r['s_V']}-{r['s_S']}")
def test_traces_with_guidance(run: Mapping[str, Any], order: Literal["release", "paper"]) -> None:
    weights = guidance_weights(Scales(run["s_T"], run["s_V"], run["s_S"]), order)

    def guided(x: Tensor, t: float) -> Tensor:
        return combine({row: toy_row(x, t, row) for row in weights}, weights)

    sigmas = sampling_sigmas(10)
    final = sampler.sample_euler_ancestral(
        sampler.denoise_by_noise(guided), NOISE[0] * sigmas[0], sigmas, lambda i: NOISE[i + 1]
    )
    wanted = run["final_code_order" if order == "release" else "final_paper_order"]
    assert final.tolist() == pytest.approx(wanted, abs=TOLERANCE)


def test_the_last_step_adds_no_noise() -> None:
    asked: list[int] = []

    def noise(step: int) -> Tensor:
        asked.append(step)
        return torch.zeros(1)

    clean = sampler.sample_euler_ancestral(lambda x, sigma: x * 0 + 7.0, torch.ones(1), sampling_sigmas(5), noise)
    assert asked == [0, 1, 2, 3]
    assert clean.item() == pytest.approx(7.0)


def test_ten_steps_agree_with_diffusers() -> None:
    scheduler = pretrained.diffusers().EulerAncestralDiscreteScheduler(
        num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"
    )
    scheduler.set_timesteps(10)
    start = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    theirs = start * scheduler.init_noise_sigma
    generator = torch.Generator().manual_seed(2)
    for t in scheduler.timesteps:
        predicted = toy(scheduler.scale_model_input(theirs, t), float(t))
        theirs = scheduler.step(predicted, t, theirs, generator=generator).prev_sample

    generator = torch.Generator().manual_seed(2)
    sigmas = sampling_sigmas(10)
    ours = sampler.sample_euler_ancestral(
        sampler.denoise_by_noise(toy),
        start * sigmas[0],
        sigmas,
        lambda i: torch.randn(start.shape, generator=generator),
    )
    assert ours.dtype == torch.float32
    # Values reach 40 here, where float32 itself is spaced 4e-6.
    assert torch.allclose(ours, theirs, atol=2e-5, rtol=1e-6)


@pytest.mark.parametrize("t", [0.0, 333.25, 999.0])
def test_noise_and_velocity_are_two_ways_to_say_one_thing(t: float) -> None:
    sigma = t_to_sigma(t)
    clean, noise = torch.randn(6, dtype=torch.float64), torch.randn(6, dtype=torch.float64)
    size = math.sqrt(sigma**2 + 1)
    x = clean + sigma * noise
    by_noise = sampler.denoise_by_noise(lambda z, time: noise)(x, sigma)
    by_velocity = sampler.denoise_by_velocity(lambda z, time: (noise - sigma * clean) / size)(x, sigma)
    assert torch.allclose(by_noise, clean, atol=TOLERANCE)
    assert torch.allclose(by_velocity, clean, atol=TOLERANCE)


def test_networks_see_unit_variance_and_a_timestep() -> None:
    seen: list[tuple[Tensor, float]] = []

    def look(z: Tensor, t: float) -> Tensor:
        seen.append((z, t))
        return z

    x = 14.614641229333639 * torch.ones(3, dtype=torch.float64)
    for denoise in (sampler.denoise_by_noise(look), sampler.denoise_by_velocity(look)):
        denoise(x, 14.614641229333639)
    for z, t in seen:
        assert t == pytest.approx(999.0, abs=TOLERANCE)
        assert z.tolist() == pytest.approx([0.06826491421716752 * 14.614641229333639] * 3, abs=TOLERANCE)

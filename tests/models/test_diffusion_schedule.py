"""The noise schedule gives the numbers of Stable Diffusion's and k-diffusion's public code."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from models.diffusion import schedule

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "diffv2ir.json").read_text())
TOLERANCE = 1e-9


@pytest.mark.parametrize("probe", GOLDEN["schedule"]["probe"], ids=lambda p: f"t={p['t']}")
def test_betas_and_what_follows_from_them(probe: dict[str, float]) -> None:
    t = int(probe["t"])
    assert schedule.betas()[t] == pytest.approx(probe["beta"], abs=TOLERANCE)
    assert schedule.alpha_bar()[t] == pytest.approx(probe["alpha_bar"], abs=TOLERANCE)
    assert schedule.t_to_sigma(t) == pytest.approx(probe["sigma"], abs=TOLERANCE)


def test_noise_levels_add_up() -> None:
    assert np.exp(schedule.log_sigmas()).sum() == pytest.approx(GOLDEN["schedule"]["sum_sigma"], abs=TOLERANCE)
    assert schedule.log_sigmas().sum() == pytest.approx(GOLDEN["schedule"]["sum_log_sigma"], abs=TOLERANCE)


@pytest.mark.parametrize("steps", [10, 50, 100])
def test_noise_levels_of_a_run(steps: int) -> None:
    wanted = GOLDEN[f"sigmas_{steps}"]["sigmas_kdiffusion"]
    assert schedule.sampling_sigmas(steps) == pytest.approx(wanted, abs=TOLERANCE)


def test_one_step_starts_at_the_highest_level() -> None:
    assert schedule.sampling_sigmas(1) == (schedule.t_to_sigma(999), 0.0)
    with pytest.raises(ValueError, match="0 sampling steps"):
        schedule.sampling_sigmas(0)


@pytest.mark.parametrize("probe", GOLDEN["sigma_to_t_probe"], ids=lambda p: f"sigma={p['sigma']:.4g}")
def test_timestep_of_a_noise_level(probe: dict[str, float]) -> None:
    assert schedule.sigma_to_t(probe["sigma"]) == pytest.approx(probe["t"], abs=TOLERANCE)


def test_timesteps_of_a_run_are_fractions_and_come_back() -> None:
    sigmas, times = (GOLDEN["sigmas_100"][key] for key in ("sigmas_kdiffusion", "timesteps"))
    found = [schedule.sigma_to_t(sigma) for sigma in sigmas[:-1]]
    assert found == pytest.approx(times, abs=TOLERANCE)
    assert any(t != round(t) for t in found)


@pytest.mark.parametrize("probe", GOLDEN["q_sample_probe"], ids=lambda p: f"t={p['t']}")
def test_noised_latents(probe: dict[str, float]) -> None:
    latent = torch.full((1, 2, 1, 1), probe["x0"], dtype=torch.float64)
    noise = torch.full_like(latent, probe["noise"])
    noised = schedule.add_noise(latent, torch.tensor([int(probe["t"])]), noise)
    assert noised.flatten().tolist() == pytest.approx([probe["xt"]] * 2, abs=TOLERANCE)


def test_each_sample_has_its_own_timestep() -> None:
    latent, t = torch.randn(3, 4, 2, 2), torch.tensor([0, 500, 999])
    noise = torch.randn_like(latent)
    noised = schedule.add_noise(latent, t, noise)
    for n in range(3):
        alone = schedule.add_noise(latent[n : n + 1], t[n : n + 1], noise[n : n + 1])
        assert torch.equal(noised[n : n + 1], alone)
    assert noised.dtype == latent.dtype


def test_velocity_and_noised_latent_give_back_latent_and_noise() -> None:
    latent, noise = torch.randn(2, 4, 3, 3, dtype=torch.float64), torch.randn(2, 4, 3, 3, dtype=torch.float64)
    t = torch.tensor([20, 930])
    z, v = schedule.add_noise(latent, t, noise), schedule.velocity(latent, t, noise)
    for n, step in enumerate(t.tolist()):
        signal = math.sqrt(schedule.alpha_bar()[step])
        spread = math.sqrt(1.0 - schedule.alpha_bar()[step])
        assert torch.allclose(signal * z[n] - spread * v[n], latent[n], atol=TOLERANCE)
        assert torch.allclose(spread * z[n] + signal * v[n], noise[n], atol=TOLERANCE)

"""Condition dropout follows the published table; null conditions are zeros; cached latents are the encoder's own."""

import json
import math
from pathlib import Path

import pytest
import torch
from torch import Tensor

from models.diffusion.conditions import (
    RELEASE_DROPOUT,
    LatentCache,
    condition_dropout,
    keep_where,
    release_dropout,
)
from models.diffusion.first_stage import PatchAutoencoder, PatchShape
from models.method import Condition

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "diffv2ir.json").read_text())["dropout"]


def left(r: float) -> tuple[bool, bool, bool]:
    kept = condition_dropout(torch.tensor([r]), RELEASE_DROPOUT)
    return bool(kept["t"]), bool(kept["v"]), bool(kept["s"])


@pytest.mark.parametrize("probe", GOLDEN["probe"], ids=lambda p: f"r={p['r']}")
def test_probes(probe: dict[str, float]) -> None:
    assert left(probe["r"]) == (bool(probe["text"]), bool(probe["visible"]), bool(probe["seg"]))


@pytest.mark.parametrize("row", GOLDEN["intervals"], ids=lambda i: i["state"])
def test_intervals_begin_where_they_say(row: dict[str, float]) -> None:
    state = (bool(row["text"]), bool(row["visible"]), bool(row["seg"]))
    inside = torch.tensor([row["lo"] + 1e-6, row["hi"] - 1e-6], dtype=torch.float64)
    kept = condition_dropout(inside, RELEASE_DROPOUT)
    for n in range(2):
        assert (bool(kept["t"][n]), bool(kept["v"][n]), bool(kept["s"][n])) == state


def test_frequencies_are_those_of_the_table() -> None:
    n = 100_000
    kept = condition_dropout(torch.rand(n, generator=torch.Generator().manual_seed(0)), RELEASE_DROPOUT)
    keys: dict[Condition, str] = {"t": "text_null", "v": "visible_null", "s": "seg_null"}
    for name, key in keys.items():
        p = GOLDEN["marginals"][key]
        dropped = 1.0 - kept[name].double().mean().item()
        assert abs(dropped - p) < 3 * math.sqrt(p * (1 - p) / n)
    anything = 1.0 - (kept["t"] & kept["v"] & kept["s"]).double().mean().item()
    p = GOLDEN["marginals"]["any_null"]
    assert abs(anything - p) < 3 * math.sqrt(p * (1 - p) / n)


def test_other_tables() -> None:
    kept = condition_dropout(torch.tensor([0.0, 0.4, 0.6, 0.999]), (("", 0.5), ("t", 0.25)))
    assert kept["t"].tolist() == [False, False, True, True]
    assert kept["v"].tolist() == kept["s"].tolist() == [False, False, False, True]
    assert all(mask.all() for mask in condition_dropout(torch.rand(5), ()).values())
    with pytest.raises(ValueError, match=r"adds up to 1\.4"):
        condition_dropout(torch.rand(5), release_dropout(0.2))


def test_null_latents_are_exact_zeros() -> None:
    latent = torch.full((2, 4, 3, 3), -math.inf)
    kept = keep_where(latent, torch.tensor([True, False]))
    assert torch.equal(kept[0], latent[0])
    assert torch.equal(kept[1], torch.zeros(4, 3, 3))


class Counting(PatchAutoencoder):
    """An autoencoder that counts the images that it encodes."""

    images = 0

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        self.images += len(image)
        return super().encode(image)


@pytest.fixture
def first_stage() -> Counting:
    torch.manual_seed(0)
    return Counting(PatchShape(patch=4, width=8, blocks=1))


def test_named_images_are_encoded_once(first_stage: Counting) -> None:
    images = torch.randn(3, 3, 8, 8)
    cache = LatentCache(1 << 20)
    first = cache.encode(first_stage, "visible", ["a", "b", "c"], images)
    again = cache.encode(first_stage, "visible", ["c", "a", "b"], images[[2, 0, 1]])
    assert first_stage.images == 3
    for one, other in zip(first, again, strict=True):
        assert torch.equal(one[[2, 0, 1]], other)
    cache.encode(first_stage, "map", ["a"], images[:1])
    assert first_stage.images == 4


def test_latents_are_the_same_bits_whether_kept_or_not(first_stage: Counting) -> None:
    images = torch.randn(4, 3, 8, 8)
    names = ["a", "b", "c", "d"]
    roomy, full = LatentCache(1 << 20), LatentCache(0)
    roomy.encode(first_stage, "visible", names[:2], images[:2])
    one, other = (cache.encode(first_stage, "visible", names, images) for cache in (roomy, full))
    assert torch.equal(one[0], other[0])
    assert torch.equal(one[1], other[1])
    assert torch.allclose(one[0], first_stage.encode(images)[0], atol=1e-6)


def test_memory_is_bounded(first_stage: Counting) -> None:
    images = torch.randn(3, 3, 8, 8)
    one_entry = 2 * 4 * 2 * 2 * 4  # mean and log variance of four channels of 2 x 2 floats
    cache = LatentCache(2 * one_entry)
    for _ in range(2):
        cache.encode(first_stage, "visible", ["a", "b", "c"], images)
    assert first_stage.images == 3 + 1


def test_images_without_names_are_encoded_together_each_time(first_stage: Counting) -> None:
    images = torch.randn(2, 3, 8, 8)
    cache = LatentCache(1 << 20)
    for _ in range(2):
        mean, logvar = cache.encode(first_stage, "visible", [None, "b"], images)
        assert torch.equal(mean, first_stage.encode(images)[0])
        assert torch.equal(logvar, first_stage.encode(images)[1])
    assert first_stage.images == 2 * (2 + 2 + 2)

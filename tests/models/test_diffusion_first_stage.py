"""The first stage: posteriors, one interface for both autoencoders, a scale that gives unit variance, and training."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from models.diffusion.first_stage import (
    Autoencoder,
    Config,
    FirstStage,
    KLAutoencoder,
    KLShape,
    PatchAutoencoder,
    PatchShape,
    as_colour,
    kl_weights,
)
from models.method import Batch, Context, Preset
from shards.errors import UserError

PATCH = PatchShape(patch=4, width=16, blocks=1, channels=4)
KL = KLShape(widths=(8, 8, 16, 16), layers=1, groups=4)


class Direct:
    """The least an update can be: backward and step at once."""

    def __init__(self, method: FirstStage) -> None:
        self._optimizers = method.optimizers()

    def __call__(self, loss: Tensor, *names: str) -> None:
        self.backward(loss)
        self.step()

    def backward(self, loss: Tensor, *names: str) -> None:
        for optimizer in self._optimizers.values():
            optimizer.zero_grad()
        loss.backward()

    def step(self, *names: str) -> None:
        for optimizer in self._optimizers.values():
            optimizer.step()


def pictures(n: int, seed: int = 0) -> Tensor:
    """Smooth N x 3 x 16 x 16 pictures in [-1, 1]."""
    coarse = torch.rand(n, 3, 3, 3, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    return torch.nn.functional.interpolate(coarse, size=(16, 16), mode="bilinear", align_corners=True)


def make_batch(n: int = 4, *, maps: bool = True, seed: int = 0) -> Batch:
    image = pictures(n, seed)
    return Batch(
        keys=tuple(f"k{i}" for i in range(n)),
        visible=image,
        infrared=-image[:, :1],
        maps=image[:, 1:2].sign() if maps else None,
        captions=None,
        sizes=((16, 16),) * n,
        draws=tuple(str(seed * n + i) for i in range(n)),
        seed=seed,
        views=(None,) * n,
    )


@pytest.fixture
def preset() -> Preset:
    found = FirstStage.presets["tiny"]
    return replace(found, train=replace(found.train, config=Config(PATCH, lr=3e-3, kl=0.01, warmup=5), steps=60))


@pytest.fixture(params=["patch", "kl"])
def autoencoder(request: pytest.FixtureRequest) -> Autoencoder:
    torch.manual_seed(0)
    return PatchAutoencoder(PATCH) if request.param == "patch" else KLAutoencoder(KL)


def test_both_autoencoders_have_one_interface(autoencoder: Autoencoder) -> None:
    image = pictures(2)
    mean, logvar = autoencoder.encode(image)
    cells = 16 // autoencoder.factor
    assert mean.shape == logvar.shape == (2, autoencoder.channels, cells, cells)
    assert autoencoder.decode(mean).shape == image.shape
    assert autoencoder.scale.shape == ()
    assert -30.0 <= logvar.min() <= logvar.max() <= 20.0


def test_factors_and_scales() -> None:
    assert (PatchAutoencoder(PATCH).factor, KLAutoencoder(KL).factor) == (4, 8)
    assert KLAutoencoder(KL).scale.item() == pytest.approx(0.18215)


def test_the_posterior_is_clamped_as_in_ldm() -> None:
    autoencoder = PatchAutoencoder(PATCH)
    with torch.no_grad():
        list(autoencoder.encoder.parameters())[-1][4:] = torch.tensor([1e3, -1e3, 0.0, 0.0])
    _, logvar = autoencoder.encode(pictures(1))
    assert logvar[0, 0].unique().tolist() == [20.0]
    assert logvar[0, 1].unique().tolist() == [-30.0]


def test_defaults_are_stable_diffusions_autoencoder() -> None:
    """83,653,863 parameters, counted without making them."""
    with torch.device("meta"):
        autoencoder = KLAutoencoder(KLShape())
    assert sum(p.numel() for p in autoencoder.parameters()) == 83_653_863
    assert autoencoder.factor == 8


def test_weights_of_stable_diffusions_own_file_load() -> None:
    own = KLAutoencoder(KL).model.state_dict()
    names = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    older = {}
    for name, value in own.items():
        for new, old in names.items():
            name = name.replace(f".{new}.", f".{old}.")
        older[name] = value
    assert older.keys() != own.keys()
    renamed = kl_weights(older)
    assert renamed.keys() == own.keys()
    assert all(renamed[name] is value for name, value in own.items())


def test_grey_images_become_three_equal_channels() -> None:
    grey = torch.randn(2, 1, 4, 4)
    assert torch.equal(as_colour(grey), torch.cat([grey, grey, grey], dim=1))
    colour = torch.randn(2, 3, 4, 4)
    assert torch.equal(as_colour(colour), colour)


def test_training_learns_all_three_sides_and_the_scale(preset: Preset) -> None:
    method = FirstStage(preset, Context())
    method.build(None)
    update = Direct(method)
    losses = [float(method.step(make_batch(seed=seed % 3), update)["reconstruction"]) for seed in range(60)]
    assert sum(losses[-5:]) < 0.5 * sum(losses[:5])
    batch = make_batch(seed=1)
    assert batch.maps is not None
    with torch.no_grad():
        for side in (batch.visible, batch.target(), batch.maps):
            image = as_colour(side)
            decoded = method.autoencoder.decode(method.autoencoder.encode(image)[0])
            assert (decoded - image).square().mean() < 0.5 * image.var()
        mean, logvar = method.autoencoder.encode(as_colour(batch.target()))
        latent = mean + torch.exp(0.5 * logvar) * torch.randn_like(mean)
    assert float(method.autoencoder.scale * latent.std()) == pytest.approx(1.0, abs=0.25)


def test_batches_without_maps_are_fine(preset: Preset) -> None:
    method = FirstStage(preset, Context())
    method.build(None)
    assert set(method.step(make_batch(maps=False), Direct(method))) == {"reconstruction", "divergence"}


def test_steps_are_the_same_bits_again(preset: Preset) -> None:
    states = []
    for _ in range(2):
        method = FirstStage(preset, Context(seed=3))
        method.build(None)
        update = Direct(method)
        for seed in range(3):
            method.step(make_batch(seed=seed), update)
        states.append(method.state())
    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())
    assert "autoencoder.scale" in states[0]


def test_the_rate_warms_up_and_falls_to_nothing(preset: Preset) -> None:
    method = FirstStage(preset, Context())
    rates = [method.learning_rate("autoencoder", step, 0.0) for step in range(60)]
    assert rates[0] == pytest.approx(0.2, abs=0.01)
    assert max(rates) == rates[4] > 0.95
    assert rates[-1] < 0.01


def test_it_does_not_translate(preset: Preset) -> None:
    method = FirstStage(preset, Context())
    method.build(None)
    with pytest.raises(UserError, match="does not translate"):
        method.translate(make_batch())
    assert not FirstStage.card.stands_alone

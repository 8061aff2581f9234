"""What Pix2Pix promises as a method; that it computes what the public code computes is in test_gan_golden."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from models.gan.pix2pix import Config, Pix2Pix, Sampling
from models.method import Batch, Context
from shards.errors import UserError

SMALLEST = Config(downs=6, generator_width=4, discriminator_width=4)


def make(config: Config = SMALLEST, *, seed: int = 0, sampling: Sampling | None = None) -> Pix2Pix:
    tiny = Pix2Pix.presets["tiny"]
    preset = replace(tiny, train=replace(tiny.train, config=config), sample=sampling or Sampling())
    method = Pix2Pix(preset, Context(seed=seed))
    method.build(None)
    return method


def batch(*keys: str) -> Batch:
    """For each key an image of its own, the same wherever it stands; the infrared is its negative."""
    ramp = torch.linspace(-1, 1, 64)
    visible = torch.stack([torch.sin(3 * ramp * (1 + sum(key.encode()) % 7)) * ramp[:, None] for key in keys])
    return Batch(
        keys=keys,
        visible=visible[:, None].repeat(1, 3, 1, 1),
        infrared=-visible[:, None],
        maps=None,
        captions=None,
        sizes=((64, 64),) * len(keys),
        draws=keys,
        seed=0,
        views=(None,) * len(keys),
    )


class PlainUpdate:
    """Zero, backward, step; notes the discriminator's first gradient as it is after every backward."""

    def __init__(self, method: Pix2Pix) -> None:
        self.method = method
        self.optimizers = method.optimizers()
        self.gradients: list[tuple[str, Tensor]] = []

    def __call__(self, loss: Tensor, *names: str) -> None:
        self.backward(loss, *names)
        self.step(*names)

    def backward(self, loss: Tensor, *names: str) -> None:
        for name in names:
            self.optimizers[name].zero_grad()
        loss.backward()
        gradient = next(self.method.discriminator.parameters()).grad
        assert gradient is not None
        self.gradients.append((" ".join(names), gradient.clone()))

    def step(self, *names: str) -> None:
        for name in names:
            self.optimizers[name].step()


def flat(network: nn.Module) -> Tensor:
    return torch.cat([value.detach().flatten().double() for value in network.state_dict().values()])


def counters(network: nn.Module) -> set[int]:
    return {int(m.num_batches_tracked) for m in network.modules() if isinstance(m, nn.BatchNorm2d)}  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["paper", "small", "tiny"])
def test_every_preset_builds_and_has_one_optimiser_for_each_network(name: str) -> None:
    method = Pix2Pix(Pix2Pix.presets[name], Context())
    with torch.device("meta"):
        method.build(None)
    assert set(method.optimizers()) == {"generator", "discriminator"}
    side = method.preset.train.data.crop
    with torch.device("meta"):
        assert method.generator(torch.empty(1, 3, side, side)).shape == (1, 3, side, side)


def test_the_paper_preset_is_the_published_one() -> None:
    train = Pix2Pix.presets["paper"].train
    assert (train.batch, train.epochs, train.data.resize, train.data.crop, train.data.flip) == (1, 200, 286, 256, 0.5)
    assert train.config == Config(8, 64, 64, "batch", True, 0.02, 100.0, 2e-4, (0.5, 0.999), 100, 100)


def test_initial_weights_hang_on_the_seed_alone() -> None:
    torch.manual_seed(1)
    one = flat(make())
    drawn = torch.rand(1)
    torch.manual_seed(1)
    assert torch.equal(drawn, torch.rand(1)), "building must leave the global generator alone"
    assert torch.equal(one, flat(make()))
    assert not torch.equal(one, flat(make(seed=1)))


def test_a_crop_that_cannot_be_halved_is_the_users_to_mend() -> None:
    with pytest.raises(UserError, match="64 pixels cannot be halved 7 times: make it a multiple of 128"):
        make(replace(SMALLEST, downs=7))


def test_a_picture_depends_on_neither_batch_mates_nor_history() -> None:
    method = make()
    together = method.translate(batch("a", "b"))
    assert together.shape == (2, 3, 64, 64)
    assert together.abs().max() <= 1.0
    torch.rand(5)
    assert torch.equal(method.translate(batch("b"))[0], together[1])


def test_in_train_mode_dropout_differs_by_key_and_by_seed() -> None:
    method, other = make(), make(seed=1)
    other.load_state_dict(method.state())
    same_image = replace(batch("a"), keys=("b",))
    pictures = [method.translate(batch("a")), method.translate(same_image), other.translate(batch("a"))]
    assert not torch.equal(pictures[0], pictures[1])
    assert not torch.equal(pictures[0], pictures[2])


def test_in_eval_mode_nothing_is_drawn_and_running_statistics_count() -> None:
    method = make(sampling=Sampling("eval"))
    before = method.translate(batch("a"))
    assert torch.equal(before, method.translate(replace(batch("a"), keys=("b",))))
    method.generator.get_buffer("model.model.1.model.2.running_mean").add_(1.0)
    assert not torch.equal(before, method.translate(batch("a")))


@pytest.mark.parametrize("test_mode", ["train", "eval"])
@pytest.mark.parametrize("training", [True, False])
def test_predicting_changes_nothing(test_mode: Any, training: bool) -> None:
    method = make(sampling=Sampling(test_mode)).train(training)
    before, state = flat(method), torch.get_rng_state()
    method.translate(batch("a", "b"))
    assert torch.equal(before, flat(method))
    assert torch.equal(state, torch.get_rng_state())
    assert method.generator.training is training


def test_a_step_teaches_both_and_keeps_their_gradients_apart() -> None:
    method = make()
    update = PlainUpdate(method)
    generator, discriminator = flat(method.generator), flat(method.discriminator)
    losses = method.step(batch("a", "b"), update)
    assert not torch.equal(generator, flat(method.generator))
    assert not torch.equal(discriminator, flat(method.discriminator))
    (first, before), (second, after) = update.gradients
    assert (first, second) == ("discriminator", "generator")
    assert torch.equal(before, after)
    assert all(p.requires_grad for p in method.parameters())
    assert set(losses) == {"G_GAN", "G_L1", "D_real", "D_fake"}
    assert not any(loss.requires_grad for loss in losses.values())


def test_running_statistics_move_three_times_in_the_discriminator_and_once_in_the_generator() -> None:
    method = make()
    method.step(batch("a"), PlainUpdate(method))
    assert counters(method.discriminator) == {3}
    assert counters(method.generator) == {1}


def test_it_learns_a_negative() -> None:
    method = make(replace(SMALLEST, lr=2e-3))
    update, pairs = PlainUpdate(method), batch("a", "b")
    torch.manual_seed(0)
    errors = [float(method.step(pairs, update)["G_L1"]) for _ in range(60)]
    assert sum(errors[-5:]) < 0.5 * sum(errors[:5])


def test_a_checkpoint_gives_the_same_picture() -> None:
    method, other = make(seed=0), make(seed=0)
    method.step(batch("a"), PlainUpdate(method))
    assert not torch.equal(method.translate(batch("a")), other.translate(batch("a")))
    other.load_state_dict(method.state())
    assert torch.equal(method.translate(batch("a")), other.translate(batch("a")))


def test_counted_in_epochs_the_rate_follows_the_epoch() -> None:
    method = Pix2Pix(Pix2Pix.presets["paper"], Context())
    rates = [method.learning_rate("generator", 0, epoch) for epoch in (0.0, 99.99, 100.0, 100.5, 199.99)]
    assert rates == pytest.approx([1, 1, 100 / 101, 100 / 101, 1 / 101])


def test_counted_in_steps_the_schedule_spans_the_run_whatever_the_size_of_the_set() -> None:
    method = make()
    steps = method.preset.train.steps
    assert steps is not None
    rates = [method.learning_rate("generator", step, epoch=7.0 * step) for step in range(steps)]
    assert rates[0] == rates[steps // 2 - 1] == 1.0
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(1 / 101)

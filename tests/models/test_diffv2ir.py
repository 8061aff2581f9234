"""DiffV2IR: what enters a training step, what guidance asks for, where weights come from, who may differ."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from models.diffusion.conditions import Dropout
from models.diffusion.diffv2ir import PROMPT, Config, DiffV2IR, Sampling
from models.diffusion.first_stage import FirstStage, KLAutoencoder, KLShape, PatchAutoencoder
from models.diffusion.guidance import Order
from models.diffusion.schedule import add_noise, velocity
from models.diffusion.text import TextEncoder, TextShape, word_tokenizer
from models.diffusion.unet import UNetShape, build_unet
from models.method import FIXED_PROMPT, Batch, Condition, Context, Data, Preset, Train
from models.registry import methods
from shards.errors import UserError
from shards.sample import Sample

SIDE = 32
UNET = UNetShape(widths=(8, 16), attention=(False, True), layers=1, heads=2, groups=4)
TEXT = TextShape(width=16, hidden=32, layers=1, heads=2, length=24, pretrained=False)
ALL: Dropout = ()  # drops nothing


class NoTraining:
    """An update that only remembers the loss."""

    loss = torch.zeros(())

    def __call__(self, loss: Tensor, *names: str) -> None:
        self.loss = loss

    def backward(self, loss: Tensor, *names: str) -> None:
        raise AssertionError("one loss, one call")

    def step(self, *names: str) -> None:
        raise AssertionError("one loss, one call")


class Spy:
    """Stands in for the network: notes what it is given, and answers with the first latent of its input."""

    def __init__(self, answer: Callable[[Tensor], Tensor] = lambda x: x[:, :4]) -> None:
        self.x: list[Tensor] = []
        self.t: list[Tensor] = []
        self.text: list[Tensor] = []
        self._answer = answer

    def __call__(self, x: Tensor, t: Tensor, text: Tensor) -> Tensor:
        self.x.append(x)
        self.t.append(t)
        self.text.append(text)
        return self._answer(x)


def tiny(sampling: Sampling | None = None, *, phase: str = "tiny-phase2", **changes: object) -> Preset:
    """The tiny preset with a network of some thousand parameters."""
    preset = DiffV2IR.presets[phase]
    config = replace(preset.train.config, unet=UNET, text=TEXT, **changes)
    chosen = sampling or Sampling(steps=3, resolution=SIDE, fit="square")
    return replace(preset, train=replace(preset.train, config=config, steps=20), sample=chosen)


def first_stage_weights() -> dict[str, Tensor]:
    torch.manual_seed(11)
    network = PatchAutoencoder(FirstStage.presets["tiny"].train.config.shape)
    network.scale.fill_(1.7)
    return {f"autoencoder.{name}": value for name, value in network.state_dict().items()}


def make(
    preset: Preset | None = None,
    conditions: str = "vst",
    *,
    init: Mapping[str, Tensor] | None = None,
    train: bool = True,
) -> DiffV2IR:
    parents = {"first_stage": first_stage_weights()} | ({} if init is None else {"init": init})
    present = frozenset(c for c in DiffV2IR.card.conditions if c in conditions)
    method = DiffV2IR(preset or tiny(), Context(conditions=present, parents=parents))
    method.build(NoSamples() if train else None)
    return method


class NoSamples:
    """A training subset that nobody should need to look at."""

    def __len__(self) -> int:
        return 0

    def __getitem__(self, index: int, /) -> Sample:
        raise AssertionError("not needed")


def make_batch(names: str = "abc", *, train: bool = True, maps: bool = True, captions: bool = True) -> Batch:
    """One picture for each letter, the same wherever it stands."""

    def picture(letter: str, channels: int) -> Tensor:
        generator = torch.Generator().manual_seed(ord(letter))
        return torch.rand(channels, SIDE, SIDE, generator=generator) * 2 - 1

    return Batch(
        keys=tuple(names),
        visible=torch.stack([picture(n, 3) for n in names]),
        infrared=torch.stack([picture(n.upper(), 1) for n in names]) if train else None,
        maps=torch.stack([picture(n, 1).sign() for n in names]) if maps else None,
        captions=tuple(f"car {n}" for n in names) if captions else None,
        sizes=((SIDE, SIDE),) * len(names),
        draws=tuple(names),
        seed=5,
        views=tuple(f"{n}|0" for n in names),
    )


def spied(method: DiffV2IR, monkeypatch: pytest.MonkeyPatch, spy: Spy) -> Spy:
    monkeypatch.setattr(method, "_predict", spy)
    return spy


# -- the training step --------------------------------------------------------------------------------------------


def test_the_target_is_a_scaled_posterior_sample_and_conditions_are_unscaled_modes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    method, batch = make(tiny(dropout=ALL, predicts="noise")), make_batch()
    spy, update = spied(method, monkeypatch, Spy()), NoTraining()
    method.step(batch, update)
    (x,), (t,) = spy.x, spy.t

    stage = method.first_stage
    assert float(stage.scale) == pytest.approx(1.7)
    assert batch.infrared is not None
    assert batch.maps is not None
    mean, logvar = stage.encode(batch.infrared.repeat(1, 3, 1, 1))
    shape = mean.shape[1:]
    latent = stage.scale * (mean + torch.exp(0.5 * logvar) * batch.randn("posterior", shape))
    noise = batch.randn("noise", shape)
    assert torch.allclose(x[:, :4], add_noise(latent, t, noise), atol=1e-5)
    assert torch.allclose(x[:, 4:8], stage.encode(batch.visible)[0], atol=1e-5)
    assert torch.allclose(x[:, 8:], stage.encode(batch.maps.repeat(1, 3, 1, 1))[0], atol=1e-5)
    assert update.loss.item() == pytest.approx((x[:, :4] - noise).square().mean().item(), rel=1e-5)


def test_the_mean_of_many_targets_is_the_scaled_posterior_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    method, batch = make(tiny(dropout=ALL)), make_batch("a")
    monkeypatch.setattr("models.diffusion.diffv2ir.add_noise", lambda latent, t, noise: latent)
    spy = spied(method, monkeypatch, Spy())
    for seed in range(400):
        method.step(replace(batch, seed=seed), NoTraining())
    targets = torch.cat(spy.x)[:, :4]
    mean, logvar = method.first_stage.encode(batch.target().repeat(1, 3, 1, 1))
    error = targets.mean(0) - method.first_stage.scale * mean[0]
    spread = method.first_stage.scale * torch.exp(0.5 * logvar[0])
    assert (error / spread).abs().max() < 5 / 400**0.5
    assert torch.allclose(targets.std(0) / spread, torch.ones(()), atol=0.2)


def test_velocity_is_learnt_where_the_preset_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    method, batch = make(tiny(dropout=ALL, predicts="velocity")), make_batch()
    spy, update = spied(method, monkeypatch, Spy(lambda x: 0 * x[:, :4])), NoTraining()
    method.step(batch, update)
    mean, logvar = method.first_stage.encode(batch.target().repeat(1, 3, 1, 1))
    latent = method.first_stage.scale * (mean + torch.exp(0.5 * logvar) * batch.randn("posterior", mean.shape[1:]))
    wanted = velocity(latent, spy.t[0], batch.randn("noise", mean.shape[1:]))
    assert update.loss.item() == pytest.approx(wanted.square().mean().item(), rel=1e-4)


@pytest.mark.parametrize("left", ["", "v", "s", "t", "vs", "st", "vt"])
def test_dropped_conditions_are_zeros_and_the_empty_text(left: str, monkeypatch: pytest.MonkeyPatch) -> None:
    method, batch = make(tiny(dropout=((left, 1.0),))), make_batch()
    spy = spied(method, monkeypatch, Spy())
    method.step(batch, NoTraining())
    (x,), (text,) = spy.x, spy.text
    assert bool(x[:, 4:8].any()) is ("v" in left)
    assert bool(x[:, 8:].any()) is ("s" in left)
    prompts = [PROMPT.format(caption=f"car {n}") for n in "abc"] if "t" in left else [""] * 3
    assert torch.equal(text, method.text_encoder(prompts))


def test_a_run_that_looks_at_the_visible_image_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    method, batch = make(tiny(dropout=(("", 1.0),)), "v"), make_batch(maps=False, captions=False)
    spy = spied(method, monkeypatch, Spy())
    method.step(batch, NoTraining())
    assert not spy.x[0][:, 8:].any()
    assert torch.equal(spy.text[0], method.text_encoder([FIXED_PROMPT] * 3))


def test_what_a_run_looks_at_must_be_there() -> None:
    method = make()
    with pytest.raises(RuntimeError, match="no maps"):
        method.step(make_batch(maps=False), NoTraining())
    with pytest.raises(RuntimeError, match="no captions"):
        method.step(make_batch(captions=False), NoTraining())


def test_training_moves_network_and_text_encoder_and_nothing_frozen() -> None:
    method = make(tiny(lr=3e-3, dropout=ALL, decay=False))
    (optimizer,) = method.optimizers().values()

    class Learn(NoTraining):
        def __call__(self, loss: Tensor, *names: str) -> None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    losses = [float(method.step(make_batch(), Learn())["loss"]) for _ in range(40)]
    assert losses[-1] < 0.3 * losses[0]
    moved = make(tiny())
    assert not torch.equal(method.unet.conv_in.weight, moved.unet.conv_in.weight)
    embeddings = [m.text_encoder.model.get_input_embeddings().weight for m in (method, moved)]
    assert not torch.equal(*embeddings)
    theirs = moved.first_stage.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in method.first_stage.state_dict().items())


# -- prediction ---------------------------------------------------------------------------------------------------


def answer_by_channel(x: Tensor) -> Tensor:
    """A network that is nonlinear in its conditions, so that wrong rows or weights show."""
    return 0.1 * x[:, :4] + 0.2 * torch.tanh(x[:, 4:8]) + 0.05 * x[:, 8:] * x[:, 4:8]


@pytest.mark.parametrize(("conditions", "rows"), [("vst", 3), ("vs", 2), ("vt", 3), ("v", 2), ("st", 3), ("t", 2)])
def test_rows_that_guidance_needs_share_one_call(conditions: str, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    method, batch = make(None, conditions), make_batch(train=False)
    spy = spied(method, monkeypatch, Spy(answer_by_channel))
    method.translate(batch)
    assert len(spy.x) == 3  # steps
    assert {len(x) for x in spy.x} == {rows * 3}
    for x in spy.x:
        noisy = x[:, :4].reshape(rows, 3, 4, SIDE // 4, SIDE // 4)
        assert torch.equal(noisy[0].expand_as(noisy), noisy)


@pytest.mark.parametrize("order", ["release", "paper"])
def test_skipping_rows_changes_nothing(order: Order) -> None:
    """At s_V = s_S one row of four vanishes; with a hair's difference all four are computed."""
    three, four = (
        make(tiny(Sampling(3, 2.0, 1.5, scale, order, SIDE, "square"))).translate(make_batch(train=False))
        for scale in (1.5, 1.5 + 1e-7)
    )
    assert torch.allclose(three, four, atol=1e-5)


def test_prediction_starts_at_the_highest_noise_and_ends_at_the_timestep_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    method, batch = make(), make_batch(train=False)
    spy = spied(method, monkeypatch, Spy())
    method.translate(batch)
    assert [t.unique().item() for t in spy.t] == pytest.approx([999.0, 499.5, 0.0], abs=1e-3)
    start = batch.randn("start", (4, SIDE // 4, SIDE // 4))
    sigma = 14.614641229333639
    assert torch.allclose(spy.x[0][:3, :4], start * sigma / (sigma**2 + 1) ** 0.5, atol=1e-5)


def test_pictures_are_in_range_and_depend_on_nothing_but_themselves() -> None:
    method = make()
    together = method.translate(make_batch("abcd", train=False))
    assert together.shape == (4, 3, SIDE, SIDE)
    assert -1.0 <= together.min() < together.max() <= 1.0
    for n, name in enumerate("abcd"):
        alone = method.translate(make_batch(name, train=False))
        assert torch.allclose(together[n : n + 1], alone, atol=1e-4)
    other_seed = method.translate(replace(make_batch("a", train=False), seed=6))
    assert not torch.allclose(together[:1], other_seed, atol=1e-2)


def test_text_strength_matters_with_captions_alone() -> None:
    pictures = {}
    for text in (1.0, 5.0):
        sampling = Sampling(3, text, 1.5, 1.5, resolution=SIDE, fit="square")
        for conditions in ("vs", "vst"):
            pictures[text, conditions] = make(tiny(sampling), conditions).translate(make_batch(train=False))
    assert torch.equal(pictures[1.0, "vs"], pictures[5.0, "vs"])
    assert not torch.allclose(pictures[1.0, "vst"], pictures[5.0, "vst"], atol=1e-4)


def test_geometry() -> None:
    method = make(tiny(Sampling(resolution=64, fit="square")))
    assert method.geometry(640, 512).size == (64, 64)
    method = make(tiny(Sampling(resolution=512, fit="aspect")))
    assert method.geometry(640, 512).size == (512, 448)


def test_a_small_result_is_raised_along_the_edges_of_the_visible_image(monkeypatch: pytest.MonkeyPatch) -> None:
    method, batch = make(tiny(Sampling(3, resolution=16, fit="square", detail=SIDE))), make_batch(train=False)
    assert method.geometry(640, 512).size == (SIDE, SIDE)
    spy = spied(method, monkeypatch, Spy())
    picture = method.translate(batch)
    assert spy.x[0].shape[-2:] == (4, 4)
    assert picture.shape == (3, 1, SIDE, SIDE)
    assert -1.0 <= picture.min() < picture.max() <= 1.0
    flat = replace(batch, visible=torch.zeros_like(batch.visible))
    assert picture.var() > method.translate(flat).var()


# -- where weights come from ----------------------------------------------------------------------------------------


def test_the_first_weights_hang_on_the_seed_alone() -> None:
    torch.manual_seed(1)
    one = make().state()
    torch.manual_seed(2)
    other = make().state()
    assert one.keys() == other.keys()
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_a_phase_goes_on_from_the_one_before() -> None:
    before = {name: value + 0.25 for name, value in make().state().items()}
    after = make(tiny(phase="tiny"), init=before).state()
    assert all(torch.equal(value, before[name]) for name, value in after.items())


def test_frozen_networks_are_in_no_checkpoint() -> None:
    names = {name.split(".")[0] for name in make().state()}
    assert names == {"unet", "text_encoder"}


def test_a_method_that_will_be_loaded_needs_no_start() -> None:
    method = make(tiny(phase="tiny"), train=False)
    state = {name: value + 1 for name, value in method.state().items()}
    method.load_state_dict(state, strict=False)
    assert torch.equal(method.unet.conv_in.bias, state["unet.conv_in.bias"])


def test_weights_of_another_first_stage_are_refused() -> None:
    weights = first_stage_weights()
    weights["autoencoder.decoder.0.bias"] = torch.zeros(3)
    method = DiffV2IR(tiny(), Context(parents={"first_stage": weights}))
    with pytest.raises(UserError, match=r"first_stage do not fit: decoder\.0\.bias"):
        method.build(None)


@pytest.fixture
def stable_diffusion(tmp_path: Path) -> dict[str, Path]:
    """Files in the layout of Stable Diffusion 1.5's, of a very small one."""
    torch.manual_seed(7)
    word_tokenizer().save_pretrained(tmp_path)
    text = TextEncoder(TEXT, word_tokenizer()).model
    parts = {
        "sd15-unet": build_unet(replace(UNET, conditions=0), TEXT.width).state_dict(),
        "sd15-vae": KLAutoencoder(KLShape(widths=(8, 8), layers=1, groups=4)).model.state_dict(),
        "sd15-text": {f"text_model.{name}": value for name, value in text.state_dict().items()},
    }
    files = {name: tmp_path / f"{name}.safetensors" for name in parts}
    for name, weights in parts.items():
        save_file({key: value.contiguous() for key, value in weights.items()}, files[name])
    return files | {"sd15-tokenizer": tmp_path / "tokenizer.json"}


def paper(phase: str) -> Preset:
    """A preset of the paper with Stable Diffusion's parts shrunk."""
    preset = DiffV2IR.presets[phase]
    config = replace(
        preset.train.config,
        unet=UNET,
        text=replace(TEXT, pretrained=True),
        autoencoder=KLShape(widths=(8, 8), layers=1, groups=4),
    )
    return replace(
        preset, train=replace(preset.train, config=config), sample=Sampling(steps=2, resolution=64, fit="square")
    )


def test_phase_2_starts_as_stable_diffusion_whatever_the_images_show(stable_diffusion: dict[str, Path]) -> None:
    preset = paper("paper-phase2")
    assert set(preset.needs) == set(stable_diffusion)
    method = DiffV2IR(preset, Context(conditions=DiffV2IR.card.conditions, weights=stable_diffusion))
    method.build(NoSamples())
    assert not method.unet.conv_in.weight[:, 4:].any()
    assert method.unet.conv_in.weight[:, :4].any()
    assert {name.split(".")[0] for name in method.state()} == {"unet"}
    assert float(method.first_stage.scale) == pytest.approx(0.18215)
    trained = {id(p) for group in method.optimizers()["unet"].param_groups for p in group["params"]}
    assert trained == {id(p) for p in method.unet.parameters()}
    assert all(p.requires_grad is (name.startswith("unet.")) for name, p in method.named_parameters())

    batch = make_batch(train=False)
    picture = method.translate(batch)
    assert torch.allclose(picture, method.translate(replace(batch, visible=-batch.visible)), atol=1e-4)
    update = NoTraining()
    method.train()
    method.step(make_batch(), update)
    update.loss.backward()
    assert method.unet.conv_in.weight.grad[:, 4:].any()


@pytest.mark.parametrize("prefix", ["unet.", ""])
def test_phase_3_starts_from_given_weights_ours_or_a_bare_network(
    stable_diffusion: dict[str, Path], prefix: str
) -> None:
    preset = paper("paper")
    assert preset.after[0].given
    torch.manual_seed(9)
    phase2 = build_unet(UNET, TEXT.width).state_dict()
    context = Context(
        conditions=DiffV2IR.card.conditions,
        parents={"init": {f"{prefix}{name}": value for name, value in phase2.items()}},
        weights={name: stable_diffusion[name] for name in preset.needs},
    )
    method = DiffV2IR(preset, context)
    method.build(NoSamples())
    own = method.unet.state_dict()
    assert all(torch.equal(value, own[name]) for name, value in phase2.items())


# -- presets --------------------------------------------------------------------------------------------------------


def test_it_is_found_and_stands_alone() -> None:
    assert methods()["diffv2ir"] is DiffV2IR
    conditions: frozenset[Condition] = frozenset({"v", "s", "t"})
    assert DiffV2IR.card.conditions == conditions


@pytest.mark.parametrize("name", list(DiffV2IR.presets))
def test_parents_exist_and_fit(name: str) -> None:
    preset = DiffV2IR.presets[name]
    config: Config = preset.train.config
    for parent in preset.after:
        theirs = methods()[parent.method].presets[parent.preset]
        if parent.role == "first_stage":
            assert theirs.train.config.shape.channels == config.unet.latent
            assert theirs.train.data == preset.train.data
        else:
            assert theirs.train.config.unet == config.unet
            assert theirs.train.config.text == config.text
            assert theirs.train.config.predicts == config.predicts
            assert theirs.train.data == preset.train.data


def test_the_paper_preset_is_the_published_one() -> None:
    train: Train = DiffV2IR.presets["paper"].train
    assert train.data == Data(resize=286, crop=256, flip=0.5, resample="lanczos")
    assert (train.batch, train.accumulate, train.epochs) == (32, 8, 100)
    assert (dict(train.ema), train.ema_every) == ({"unet": 0.9999}, "microbatch")
    config: Config = train.config
    assert (config.lr, config.predicts, config.warmup, config.decay) == (1e-4, "noise", 0, False)
    sampling: Sampling = DiffV2IR.presets["paper"].sample
    assert sampling == Sampling(100, 7.5, 1.5, 1.5, "release", 512, "aspect")
    method = DiffV2IR(DiffV2IR.presets["paper"], Context())
    assert {method.learning_rate("unet", step, 0.0) for step in (0, 1, 10_000)} == {1.0}


@pytest.mark.parametrize(("name", "low", "high"), [("small", 30e6, 80e6), ("tiny", 1.5e6, 3e6)])
def test_sizes_of_the_networks(name: str, low: float, high: float) -> None:
    config: Config = DiffV2IR.presets[name].train.config
    with torch.device("meta"):
        network = build_unet(config.unet, config.text.width)
    assert low < sum(p.numel() for p in network.parameters()) < high

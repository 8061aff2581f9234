"""The controls: greyscale is the protocol's luma at full size, the mean is the training set's mean at 256 x 256."""

import io
import weakref
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image

from models.controls import Constant, Grayscale, Inverted, Mean
from models.method import Batch, Context, Geometry, Method
from shards.errors import UserError
from shards.sample import Sample


def make(method: type[Method]) -> Method:
    return method(method.presets["tiny"], Context())


def batch(visible: npt.NDArray[np.uint8]) -> Batch:
    """N x H x W x 3 levels as a batch for prediction."""
    count, height, width, _ = visible.shape
    return Batch(
        keys=tuple(f"k-{index}" for index in range(count)),
        visible=torch.from_numpy(visible).permute(0, 3, 1, 2).float() / 127.5 - 1.0,
        infrared=None,
        maps=None,
        captions=None,
        sizes=((width, height),) * count,
        draws=("",) * count,
        seed=0,
        views=(None,) * count,
    )


def levels(picture: torch.Tensor) -> npt.NDArray[np.uint8]:
    return ((picture + 1.0) * 127.5).round().to(torch.uint8).numpy()


def sample(infrared: npt.NDArray[np.uint8 | np.uint16]) -> Sample:
    data = io.BytesIO()
    Image.fromarray(infrared).save(data, "PNG")
    return Sample(key="a-1", facts={}, infrared_bytes=data.getvalue())


def pairs(count: int, *, seed: int = 0) -> Sequence[Sample]:
    random = np.random.default_rng(seed)
    return [sample(random.integers(0, 256, (40 + index, 60), dtype=np.uint8)) for index in range(count)]


@pytest.mark.parametrize("method", [Grayscale, Inverted, Constant, Mean])
def test_controls_do_not_train_and_answer_to_any_preset(method: type[Method]) -> None:
    assert method.card.family == "control"
    assert not method.card.trains
    assert {"paper", "small", "tiny"} <= set(method.presets)
    assert len({id(preset) for preset in method.presets.values()}) == 1
    assert make(method).optimizers() == {}


def test_grayscale_is_pillows_luma_to_the_level() -> None:
    visible = np.random.default_rng(0).integers(0, 256, (3, 24, 36, 3), dtype=np.uint8)
    picture = make(Grayscale).translate(batch(visible))
    assert picture.shape == (3, 1, 24, 36)
    assert picture.dtype == torch.float32
    for mine, image in zip(levels(picture), visible, strict=True):
        np.testing.assert_array_equal(mine[0], np.asarray(Image.fromarray(image).convert("L")))


def test_grayscale_keeps_the_whole_frame_at_its_own_size() -> None:
    assert make(Grayscale).geometry(1024, 768) == Geometry((0.0, 0.0, 1024.0, 768.0), (1024, 768))


def test_inverted_is_the_negative_of_that_luma_to_the_level() -> None:
    visible = np.random.default_rng(0).integers(0, 256, (2, 24, 36, 3), dtype=np.uint8)
    grey, negative = (levels(make(method).translate(batch(visible))) for method in (Grayscale, Inverted))
    np.testing.assert_array_equal(negative, 255 - grey)
    assert make(Inverted).geometry(1024, 768).size == (1024, 768)


def test_constant_is_level_128_whatever_it_sees() -> None:
    for value in (0, 255):
        picture = make(Constant).translate(batch(np.full((2, 256, 256, 3), value, np.uint8)))
        assert picture.shape == (2, 1, 256, 256)
        assert (levels(picture) == 128).all()
    assert make(Constant).geometry(640, 512) == Geometry((0.0, 0.0, 640.0, 512.0), (256, 256))


def test_the_mean_is_that_of_pillow_bicubic_8_bit_images() -> None:
    train = pairs(5)
    method = make(Mean)
    method.build(train)
    images = [Image.open(io.BytesIO(s.infrared_bytes)).resize((256, 256), Image.Resampling.BICUBIC) for s in train]
    expected = np.mean([np.asarray(image, dtype=np.float64) for image in images], axis=0)
    found = (method.state()["mean"][0].double().numpy() + 1.0) * 127.5
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_the_mean_squashes_the_whole_frame_and_answers_the_same_to_everything() -> None:
    method = make(Mean)
    method.build(pairs(2))
    assert method.geometry(640, 512) == Geometry((0.0, 0.0, 640.0, 512.0), (256, 256))
    picture = method.translate(batch(np.random.default_rng(0).integers(0, 256, (3, 256, 256, 3), dtype=np.uint8)))
    assert picture.shape == (3, 1, 256, 256)
    assert torch.equal(picture[0], picture[1])
    assert torch.equal(picture[0], picture[2])


def test_sixteen_bits_are_stretched_to_eight_before_they_are_averaged() -> None:
    ramp = np.linspace(20_000, 22_000, 256, dtype=np.uint16)
    method = make(Mean)
    method.build([sample(np.tile(ramp, (256, 1)))])
    row = levels(method.state()["mean"])[0, 128]
    assert row[0] == 0
    assert row[-1] == 255
    assert 120 < row[128] < 136


def test_a_checkpoint_of_the_mean_loads_into_zeros() -> None:
    trained, empty = make(Mean), make(Mean)
    trained.build(pairs(3))
    empty.build(None)
    assert not empty.state()["mean"].any()
    empty.load_state_dict(trained.state())
    assert torch.equal(empty.state()["mean"], trained.state()["mean"])


def test_an_empty_training_set_has_no_mean() -> None:
    with pytest.raises(UserError, match="empty"):
        make(Mean).build([])


def test_the_mean_holds_one_image_at_a_time() -> None:
    class Counting:
        """Makes samples when asked; notes how many earlier ones are alive at each call."""

        def __init__(self) -> None:
            self.made: list[weakref.ref[Sample]] = []
            self.alive: list[int] = []

        def __len__(self) -> int:
            return 4

        def __getitem__(self, index: int, /) -> Sample:
            self.alive.append(sum(ref() is not None for ref in self.made))
            made = sample(np.full((40, 60), index, dtype=np.uint8))
            self.made.append(weakref.ref(made))
            return made

    train = Counting()
    make(Mean).build(train)
    assert len(train.made) == len(train)
    assert max(train.alive) <= 1

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import splits
from bench.views import TrainingViews, buckets, cut_view, resize_square, to_pixels, to_tensor, training_batch
from models.method import Data, Geometry

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "gan.json").read_text())["preprocess"]


def golden_picture():
    flat = np.arange(60 * 80 * 3)
    return ((7 * flat + flat // 97) % 256).astype(np.uint8).reshape(60, 80, 3)


def test_resizing_is_pillows_bicubic_as_pix2pix_uses_it():
    resized = resize_square(golden_picture(), 286, "bicubic")
    assert int(resized.astype(np.int64).sum()) == GOLDEN["pil_bicubic_286"]["sum"]
    assert resized[100, 200].tolist() == GOLDEN["pil_bicubic_286"]["r[100,200]"]


@pytest.mark.parametrize("number", [0, 1])
def test_crop_mirror_and_range_equal_pix2pix(number):
    chosen = GOLDEN["get_params_seed0_286_256"][number]
    golden = GOLDEN[f"transform_with_params_{number}"]
    view = cut_view(resize_square(golden_picture(), 286, "bicubic"), *chosen["crop_pos"], 256, chosen["flip"])
    tensor = to_tensor(view)
    assert list(tensor.shape) == golden["shape"]
    assert tensor.double().sum().item() == pytest.approx(golden["sum"], abs=0.05)
    assert tensor[0, 0, :4].tolist() == pytest.approx(golden["t[0,0,:4]"], abs=1e-6)


def test_pixels_survive_the_way_to_the_tensor_and_back():
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(to_pixels(to_tensor(pixels)), pixels)
    assert np.array_equal(to_pixels(to_tensor(np.repeat(pixels[..., None], 3, 2))), pixels)


def test_the_same_position_gives_the_same_view_and_both_sides_share_it(small_home):
    samples = splits.load(str(small_home / "mini.toml"), "train", home=small_home / "home")
    data = Data(resize=(40, 60), crop=32)
    one, two = (TrainingViews(samples, data, 3, frozenset({"v", "s"})) for _ in range(2))
    first, again, other = one[17, 5], two[17, 5], two[18, 5]
    assert np.array_equal(first["visible"], again["visible"])
    assert not np.array_equal(first["visible"], other["visible"])
    assert first["visible"].shape == (32, 32, 3)
    assert first["map"].shape == first["infrared"].shape == (32, 32)
    assert first["view"] is None


def test_views_of_one_size_are_named_and_kept(small_home):
    samples = splits.load(str(small_home / "mini.toml"), "train", home=small_home / "home")
    views = TrainingViews(samples, Data(resize=32, crop=32), 0, frozenset({"v"}))
    names = {views[position, 4]["view"] for position in range(20)}
    assert views.kept
    assert names == {f"{samples.keys[4]}|0", f"{samples.keys[4]}|1"}
    batch = training_batch([views[0, 1], views[1, 2]], seed=0)
    assert batch.maps is None
    assert batch.captions is None
    assert batch.target().shape == (2, 1, 32, 32)


def test_unpaired_views_take_the_infrared_of_another_sample(small_home):
    samples = splits.load(str(small_home / "mini.toml"), "train", home=small_home / "home")
    views = TrainingViews(samples, Data(regime="unpaired", resize=32, crop=32, flip=0), 0, frozenset({"v"}))
    own = TrainingViews(samples, Data(resize=32, crop=32, flip=0), 0, frozenset({"v"}))
    differing = sum(not np.array_equal(views[p, 0]["infrared"], own[p, 0]["infrared"]) for p in range(12))
    assert differing > 6


def test_draws_of_a_sample_do_not_depend_on_its_batch(small_home):
    samples = splits.load(str(small_home / "mini.toml"), "train", home=small_home / "home")
    views = TrainingViews(samples, Data(resize=32, crop=32), 0, frozenset({"v"}))
    together = training_batch([views[0, 1], views[1, 2]], seed=5)
    alone = training_batch([views[1, 2]], seed=5)
    assert torch.equal(together.randn("noise", (2, 3))[1:], alone.randn("noise", (2, 3)))
    assert torch.equal(together.randint("t", 1000)[1:], alone.randint("t", 1000))
    assert not torch.equal(together.rand("a"), together.rand("b"))


def test_buckets_hold_equal_geometries_in_order():
    a, b = Geometry((0, 0, 8, 8), (8, 8)), Geometry((0, 0, 9, 9), (8, 8))
    assert list(buckets([a, b, a, a, b], 2)) == [(a, [0, 2]), (a, [3]), (b, [1, 4])]

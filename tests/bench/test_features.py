"""A picture goes through a network once, and what came out is found again by content."""

import numpy as np
import pytest

from bench.features import FeatureStore
from bench.networks import BATCH, Network
from shards.errors import UserError


class Counting:
    """A network of two features per picture, the mean and the corner; counts the pictures of each call."""

    def __init__(self):
        self.calls = []

    def __call__(self, inputs):
        self.calls.append(len(inputs))
        return np.stack([inputs.mean(axis=(1, 2, 3)), inputs[:, 0, 0, 0]], axis=1)


@pytest.fixture
def counting():
    return Counting()


def pictures(count, seed=0):
    return list(np.random.default_rng(seed).integers(0, 256, (count, 20, 30), dtype=np.uint8))


def features(home, network, images, preparation="clean"):
    with FeatureStore(home, network) as store:
        names = [store.name(preparation, image) for image in images]
        for name, image in zip(names, images, strict=True):
            store.add(name, store.prepared(name, preparation, image))
        return store.rows(names), store.keep(names)


def test_features_are_in_the_order_that_is_asked_for(home, counting):
    network, images = Network("w", "a", counting), pictures(5)
    rows, _ = features(home, network, images)
    backwards, _ = features(home, network, images[::-1])
    assert (rows[::-1] == backwards).all()
    assert counting.calls == [5]


def test_full_batches_and_the_rest_go_through(home, counting):
    features(home, Network("w", "a", counting), pictures(2 * BATCH + 3))
    assert counting.calls == [BATCH, BATCH, 3]


def test_another_set_computes_only_what_is_new(home, counting):
    network, images = Network("w", "a", counting), pictures(6)
    first, _ = features(home, network, images[:4])
    both, _ = features(home, network, [*images[2:], images[2]])
    assert counting.calls == [4, 2]
    assert (both[:2] == first[2:]).all()
    assert (both[-1] == both[0]).all()


def test_weights_preparation_and_shape_tell_pictures_apart(home, counting):
    (image,) = pictures(1)
    features(home, Network("w", "a", counting), [image])
    features(home, Network("w", "b", counting), [image])
    features(home, Network("w", "a", counting), [image], "pytorch-fid")
    features(home, Network("w", "a", counting), [image.reshape(30, 20)])
    assert counting.calls == [1, 1, 1, 1]


def test_a_set_is_found_by_its_name(home, counting):
    rows, name = features(home, Network("w", "a", counting), pictures(3))
    assert (np.load(home.cache / "features" / f"{name}.npy") == rows).all()


def test_what_was_computed_before_a_failure_is_not_lost(home, counting):
    network, images = Network("w", "a", counting), pictures(BATCH + 1)

    def interrupted():
        with FeatureStore(home, network) as store:
            for image in images:
                name = store.name("clean", image)
                store.add(name, store.prepared(name, "clean", image))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    features(home, network, images)
    assert counting.calls == [BATCH, 1]


def test_a_damaged_cache_says_what_to_do(home, counting):
    _, name = features(home, Network("w", "a", counting), pictures(3))
    (home.cache / "features" / f"{name}.npy").write_bytes(b"cut")
    with pytest.raises(UserError, match="clean cache"):
        features(home, Network("w", "a", counting), pictures(3))

"""Embeddings propose what hashes miss; pixels still decide."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from shards import layer
from shards.errors import UserError
from splits.candidates import embedded
from splits.embeddings import read
from splits.groups import connect
from splits.leaks import find_leaks


def unit(*rows):
    values = np.array(rows, np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True).clip(1e-9)


def write(home, name, values, source="llvip", kind="vectors"):
    layer.write(home.annotations / name / source / "train-00000.parquet", kind, values, {})


def value(*numbers):
    return np.array(numbers, "<f2").tobytes()


@pytest.fixture
def cropped(album, view):
    """A place, its middle three quarters enlarged, and another place; embeddings say that the first two are alike."""
    place = view(0)
    height, width = place.shape
    middle = place[height // 8 : -height // 8, width // 8 : -width // 8]
    crop = cv2.resize(middle, (width, height), interpolation=cv2.INTER_CUBIC)
    made = album({"a": {"vis": place}, "b": {"vis": crop}, "c": {"vis": view(1)}})
    vectors = {"vis": unit([1, 0.1, 0], [1, 0, 0.1], [1, 0.1, 0.1]), "ir": np.zeros((3, 3), np.float32)}
    return made, replace(made.samples, vectors=vectors)


def test_pairs_are_the_most_alike_first_and_zeros_are_like_nothing():
    first = unit([1, 0], [0, 0], [0, 1])
    second = unit([1, 0.5], [1, 0], [0, -1])
    rows, columns = embedded(first, second, 2)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 1), (0, 0)]
    labels = np.array([7, 8, 9]), np.array([1, 7, 2])
    assert list(zip(*(x.tolist() for x in embedded(first, second, 2, labels)), strict=True)) == [(0, 0)]


def test_a_strong_crop_is_missed_by_hashes_and_found_by_embeddings(cropped):
    album, samples = cropped
    subsets = {"train": album.numbers("a", "c"), "test": album.numbers("b")}
    (without,) = find_leaks(album.samples, subsets, album, frames=5)
    (found,) = find_leaks(samples, subsets, album, frames=5)
    assert without.images() == 0
    assert found.images("near") == 1
    assert samples.keys[found.edges.second[0]] == "a"


def test_groups_join_what_embeddings_propose_and_pixels_confirm(cropped):
    album, samples = cropped
    assert connect(album.samples, album).names == ["a", "b", "c"]
    assert connect(samples, album).names == ["a", "a", "c"]


def test_a_layer_is_read_by_key_and_zero_where_it_has_nothing(home):
    write(home, "dinov2", {"k2": value(1, 0, 0, 1), "k1": value(0, 1, 0, 0), "other": value(1, 1, 1, 1)})
    found = read(home, "dinov2", ["k1", "k2", "k3"])
    assert found["vis"].tolist() == [[0, 1], [1, 0], [0, 0]]
    assert found["ir"].tolist() == [[0, 0], [0, 1], [0, 0]]


def test_what_is_no_layer_of_embeddings_is_one_line(home):
    with pytest.raises(UserError, match=r"no embeddings 'dinov2'.*bench embed SOURCE --network dinov2"):
        read(home, "dinov2", ["k1"])
    write(home, "blip", {"k1": ["a street"]}, kind="captions")
    with pytest.raises(UserError, match="layer blip holds captions, not embeddings"):
        read(home, "blip", ["k1"])
    write(home, "dinov2", {"k1": value(1, 0)})
    write(home, "dinov2", {"k2": value(1, 0, 0, 0)}, source="m3fd")
    with pytest.raises(UserError, match="of another length"):
        read(home, "dinov2", ["k1", "k2"])

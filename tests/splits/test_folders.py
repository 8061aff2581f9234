"""Plain image folders become samples: equal pictures are equal however they are stored."""

import cv2
import numpy as np
import pytest

from shards.errors import UserError
from splits.folders import SIDE, read


@pytest.fixture
def two(tmp_path, view):
    """Folders `a` and `b` that hold some images in common, stored differently."""
    for name in ("a/deep", "b"):
        (tmp_path / name).mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "a/deep/1.png"), view(1))
    cv2.imwrite(str(tmp_path / "a/2.PNG".lower()), view(2))
    (tmp_path / "a/notes.txt").write_text("no image")
    cv2.imwrite(str(tmp_path / "b/1.bmp"), cv2.cvtColor(view(1), cv2.COLOR_GRAY2BGR))
    (tmp_path / "b/2.png").write_bytes((tmp_path / "a/2.png").read_bytes())
    cv2.imwrite(str(tmp_path / "b/3.png"), np.full((60, 80), 9, np.uint8))
    return {name: tmp_path / name for name in "ab"}


def test_images_in_and_below_a_folder_are_its_subset(two):
    found = read(two)
    assert found.samples.keys == ["a/2.png", "a/deep/1.png", "b/1.bmp", "b/2.png", "b/3.png"]
    assert {name: numbers.tolist() for name, numbers in found.subsets.items()} == {"a": [0, 1], "b": [2, 3, 4]}


def test_equal_files_and_equal_pixels_are_told_apart(two):
    samples = read(two).samples
    files, pixels = samples.files[SIDE], samples.pixels[SIDE]
    assert files[0] == files[3]
    assert files[1] != files[2]
    assert pixels[1] == pixels[2], "a grey picture saved as RGB has the same pixels"
    assert len(set(pixels.tolist())) == 3
    assert np.array_equal(samples.hashes[SIDE][256][1], samples.hashes[SIDE][256][2])
    assert samples.structured[SIDE].tolist() == [True] * 4 + [False]


def test_pictures_are_found_by_key(two, view):
    found = read(two)
    assert np.array_equal(found.find(["a/deep/1.png"], SIDE)[0].grey(), view(1))


def test_a_damaged_image_is_told_and_left_out(two):
    (two["b"] / "4.png").write_bytes(b"no image")
    found = read(two)
    assert [path.name for path, _ in found.unreadable] == ["4.png"]
    assert found.unreadable[0][1]
    assert len(found.samples) == 5


def test_a_folder_without_images_and_one_that_is_not_there_are_errors(two, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"empty holds no readable image: looked for .*\.png"):
        read(two | {"c": tmp_path / "empty"})
    with pytest.raises(UserError, match="nowhere does not exist"):
        read({"a": tmp_path / "nowhere"})

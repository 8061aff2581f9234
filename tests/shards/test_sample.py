"""Keys are names that every tool takes; a sample decodes its own bytes."""

import io

import numpy as np
import pytest
from PIL import Image

from shards.sample import KEY, Sample, make_key
from shards.tar import MAX_NAME


def png(pixels):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("FLIR_00006", "demo-flir_00006"),
        ("set06/V000/I00019", "demo-set06-v000-i00019"),
        ("a b.c", "demo-a-b-c"),
        ("夜景 7", "demo----7-0f429200"),
        ("a__b___c", "demo-a_b_c"),
        ("", "demo-"),
    ],
)
def test_a_key_is_lower_case_without_dots_slashes_or_double_underscores(name, key):
    assert make_key("demo", name) == key
    assert KEY.fullmatch(key)


def test_the_longest_key_leaves_room_for_the_longest_member():
    longest = make_key("demo", "x" * 85)
    assert len(longest) == 90
    assert len(f"{longest}.masks.png") == MAX_NAME


def test_names_that_differ_in_what_a_key_cannot_hold_have_keys_of_their_own():
    names = ["图一", "图二", "x" * 86 + "1", "x" * 86 + "2", "x" * 85]
    keys = [make_key("demo", name) for name in names]
    assert len(set(keys)) == len(names)
    assert all(KEY.fullmatch(key) for key in keys)


def test_a_sample_decodes_both_sides_and_its_map(picture):
    colours, heat, labels = picture(0, channels=3), picture(1), picture(2)
    sample = Sample("demo-1", {"scene": "s", "ir_width": 32, "ir_height": 24}, png(heat), png(colours), (), png(labels))
    assert np.array_equal(sample.visible, colours)
    assert np.array_equal(sample.infrared, heat)
    assert np.array_equal(sample.map, labels)
    assert (sample.scene, sample.size) == ("s", (32, 24))


def test_infrared_alone_has_no_visible_side_and_no_map(picture):
    sample = Sample("demo-1", {}, png(picture(0)))
    assert sample.map is None
    with pytest.raises(ValueError, match="demo-1 has no visible side"):
        _ = sample.visible


def test_equal_channels_of_infrared_become_one(picture):
    sample = Sample("demo-1", {}, png(np.repeat(picture(0)[..., None], 3, axis=2)))
    assert np.array_equal(sample.infrared, picture(0))

"""Captions and maps beside the raw images are read strictly: what is wrong fails the sample and is named."""

import io
import json
import pickle

import numpy as np
import pytest
from PIL import Image

from ingest.layers import caption_table, map_images


def captions(content, **fields):
    files = caption_table("captions.json", "{id}")
    return files.pick(files.parse(json.dumps(content).encode()), fields)


def test_one_text_or_several_by_name():
    assert captions({"1": "a street", "2": "b"}, id="1") == ["a street"]
    assert captions({"1": ["a street", "a road"]}, id="1") == ["a street", "a road"]


@pytest.mark.parametrize("content", [{}, {"2": "x"}, {"1": []}, {"1": None}, {"1": ""}, {"1": ["", ""]}])
def test_a_sample_without_a_caption_has_none(content):
    assert captions(content, id="1") is None


@pytest.mark.parametrize("value", [3, {"text": "x"}, ["x", 3]])
def test_a_caption_that_is_no_text_is_named(value):
    with pytest.raises(ValueError, match="the caption of 1 is no text"):
        captions({"1": value}, id="1")


@pytest.mark.parametrize(
    ("data", "words"), [(b"[1]", "not a JSON object"), (b"{", "Expecting"), (b"\xff\xfe{", "codec")]
)
def test_a_table_that_is_no_json_object_is_an_error(data, words):
    with pytest.raises(ValueError, match=words):
        caption_table("captions.json", "{id}").parse(data)


def test_a_map_stays_as_it_is_when_png_and_becomes_png_when_not(picture):
    files = map_images("seg/{id}")
    for kind in ("PNG", "BMP"):
        stream = io.BytesIO()
        Image.fromarray(picture(0)).save(stream, kind)
        value = files.pick(files.parse(stream.getvalue()), {"id": "1"})
        assert (value == stream.getvalue()) == (kind == "PNG")
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(value))), picture(0))


def test_declarations_travel_to_other_processes():
    files = caption_table("captions.json", "{id}")
    assert pickle.loads(pickle.dumps(files)) == files
    assert pickle.loads(pickle.dumps(map_images("seg/{id}"))).kind == "maps"

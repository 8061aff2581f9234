"""Layers join captions and maps to samples by key, wherever they lie."""

import pickle

import pytest

from shards.errors import UserError
from shards.layer import LayerReader, layers, write


@pytest.fixture
def place(home):
    """`place(layer, source, shard)`: where that part of a layer lies."""
    return lambda layer, source="demo", shard="all-00000": home.annotations / layer / source / f"{shard}.parquet"


def test_values_come_back_by_key_from_every_part_and_source(home, place):
    write(place("words"), "captions", {f"demo-{i}": [f"text {i}", "夜景"] for i in range(100)}, {})
    write(place("words", shard="all-00001"), "captions", {"demo-100": ["last"]}, {})
    write(place("words", "other"), "captions", {"other-1": ["elsewhere"]}, {})
    reader = LayerReader(home, "words", ["demo", "other"])
    assert [reader["demo-0"], reader["demo-99"]] == [["text 0", "夜景"], ["text 99", "夜景"]]
    assert (reader["demo-100"], reader["other-1"]) == (["last"], ["elsewhere"])
    assert reader.covers(["demo-0", "other-1"])
    assert not reader.covers(["demo-0", "demo-101"])
    assert "other-1" not in LayerReader(home, "words", ["demo"])
    with pytest.raises(KeyError):
        reader["demo-101"]


def test_maps_are_bytes_and_the_kind_is_known(home, place):
    write(place("areas"), "maps", {"demo-1": b"\x89PNG"}, {"made_by": "test"})
    reader = LayerReader(home, "areas", ["demo"])
    assert (reader.kind, reader["demo-1"]) == ("maps", b"\x89PNG")
    assert [(i.name, i.kind, i.sources, i.settings) for i in layers(home)] == [
        ("areas", "maps", ("demo",), {"made_by": "test"})
    ]


def test_a_layer_that_is_written_anew_is_read_anew(home, place):
    write(place("words"), "captions", {"demo-1": ["old"]}, {})
    assert LayerReader(home, "words", ["demo"])["demo-1"] == ["old"]
    write(place("words"), "captions", {"demo-0": ["first"], "demo-1": ["new"]}, {})
    assert LayerReader(home, "words", ["demo"])["demo-1"] == ["new"]


def test_equal_values_make_equal_bytes(place):
    for name in ("a", "b"):
        write(place(name), "captions", {"demo-1": ["x"], "demo-2": ["y"]}, {"model": "m", "beams": 3})
    assert place("a").read_bytes() == place("b").read_bytes()


@pytest.mark.parametrize(("kind", "value"), [("captions", []), ("maps", b"")])
def test_an_empty_value_is_no_value(place, kind, value):
    with pytest.raises(ValueError, match="demo-1 has an empty value"):
        write(place("x"), kind, {"demo-1": value}, {})


def test_a_reader_travels_to_other_processes(home, place):
    write(place("words"), "captions", {"demo-1": ["x"]}, {})
    assert pickle.loads(pickle.dumps(LayerReader(home, "words", ["demo"])))["demo-1"] == ["x"]


def test_a_file_that_is_no_layer_is_named(home, place):
    place("words").parent.mkdir(parents=True)
    place("words").write_bytes(b"nothing")
    for ask in (lambda: layers(home), lambda: LayerReader(home, "words", ["demo"])):
        with pytest.raises(UserError, match=r"words/demo/all-00000.parquet is no part of a layer"):
            ask()


def test_a_layer_that_does_not_exist_covers_nothing(home):
    assert not LayerReader(home, "words", ["demo"]).covers(["demo-1"])
    assert layers(home) == []

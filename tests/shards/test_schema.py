"""Facts have fixed keys and types and are never null, since readers infer types from the first few samples."""

import json

import pytest

from shards import schema

TYPES = {schema.TEXT: str, schema.WHOLE: int, schema.REAL: float, schema.FLAG: bool}


def test_facts_are_flat_with_the_same_keys_and_types_whatever_is_known():
    little = json.loads(schema.facts_json(schema.row(key="demo-1")))
    much = json.loads(schema.facts_json(schema.row(key="demo-2", scene="a", frame=7, vis_width=640, ir_sha256="ab")))
    assert list(little) == list(much) == sorted(little)
    assert {k: type(v) for k, v in little.items()} == {k: type(v) for k, v in much.items()}
    assert {type(v) for v in much.values()} <= {str, int, float}


def test_unknown_facts_are_of_their_column_s_type_and_never_null():
    for name, kind, unknown, _ in schema.COLUMNS:
        assert unknown is not None, name
        if kind in TYPES:
            assert type(unknown) is TYPES[kind], name


def test_facts_are_a_subset_of_the_columns_and_name_no_secret_of_the_machine():
    assert set(schema.FACTS) <= set(schema.DEFAULTS)
    assert not {"vis_path", "ir_path", "shard", "offset"} & set(schema.FACTS)


def test_text_is_written_as_utf_8_and_numbers_as_json():
    data = schema.facts_json(schema.row(key="demo-1", scene="夜景", frame=3))
    assert '"scene":"夜景"'.encode() in data
    assert b'"frame":3' in data
    assert b" " not in data


def test_a_column_that_does_not_exist_is_a_mistake():
    with pytest.raises(KeyError, match="colour"):
        schema.row(colour="red")


def test_the_parquet_schema_has_every_column_and_takes_no_null():
    fields = schema.arrow()
    assert fields.names == [name for name, *_ in schema.COLUMNS]
    assert not any(field.nullable for field in fields)

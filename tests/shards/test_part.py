"""A part is the done-marker: trusted while it agrees with its tar, equal for equal rows, never with holes."""

import pyarrow as pa
import pytest

from shards import part, schema
from shards.part import Mark


@pytest.fixture
def rows():
    box = {"label": "person", "x0": 1.0, "y0": 2.0, "x1": 3.0, "y1": 4.5, "side": "both", "occlusion": ""}
    return [
        schema.row(key="demo-1", scene="夜景", boxes=[box], warnings=["dim"], vis_hash64=bytes(8)),
        schema.row(key="demo-2", status="truncated", reason="cut", boxes=[], warnings=[]),
    ]


def test_rows_come_back_as_they_were(tmp_path, rows):
    path = tmp_path / "all-00000.parquet"
    part.write(path, rows, Mark("plan", "abc", 512))
    assert part.read_rows(path) == rows
    assert part.read_mark(path) == Mark("plan", "abc", 512)


def test_equal_rows_make_equal_bytes(tmp_path, rows):
    for name in "ab":
        part.write(tmp_path / name, [dict(reversed(row.items())) for row in rows], Mark("plan", "abc", 512))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_row_without_a_column_is_not_written(tmp_path, rows):
    del rows[1]["scene"]
    with pytest.raises(pa.ArrowInvalid, match="scene"):
        part.write(tmp_path / "a.parquet", rows, Mark("plan", "abc", 512))
    assert list(tmp_path.iterdir()) == []


def test_a_part_is_done_while_its_tar_has_the_recorded_size(tmp_path, rows):
    path = tmp_path / "all-00000.parquet"
    part.write(path, rows, Mark("plan", "abc", 512))
    assert not part.is_done(path)
    path.with_suffix(".tar").write_bytes(bytes(512))
    assert part.is_done(path)
    assert part.is_done(path, "plan")
    assert not part.is_done(path, "another plan")
    path.with_suffix(".tar").write_bytes(bytes(511))
    assert not part.is_done(path)


def test_a_shard_without_a_good_sample_is_done_without_a_tar(tmp_path, rows):
    part.write(tmp_path / "a.parquet", rows[1:], Mark("plan", "none", 0))
    assert part.is_done(tmp_path / "a.parquet", "plan")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all" * 100])
def test_what_is_no_part_has_no_mark_and_is_not_done(tmp_path, content):
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    assert part.read_mark(path) is None
    assert part.read_rows(path) is None
    assert not part.is_done(path)
    assert part.read_mark(tmp_path / "missing.parquet") is None


def test_a_part_of_another_schema_is_known_and_not_done(tmp_path, rows):
    part.write(tmp_path / "a.parquet", rows[1:], Mark("plan", "none", 0, schema=schema.VERSION + 1))
    assert part.read_mark(tmp_path / "a.parquet").schema == schema.VERSION + 1
    assert not part.is_done(tmp_path / "a.parquet")

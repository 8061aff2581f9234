"""A sample is read by offset; a tar that is not the row's is refused, never misread."""

import os
import pickle

import pytest

from shards import part
from shards.errors import UserError
from shards.hashing import sha256
from shards.reader import Reader


@pytest.fixture
def rows(llvip_home):
    return part.read_rows(llvip_home.shards / "llvip" / "train-00000.parquet")


def test_the_stored_bytes_are_the_publisher_s(llvip_home, llvip_raw, rows):
    reader = Reader(llvip_home)
    for row in rows:
        sample = reader.read(row)
        assert sample.visible_bytes == (llvip_raw / row["vis_path"]).read_bytes()
        assert sample.infrared_bytes == (llvip_raw / row["ir_path"]).read_bytes()
        assert sha256(sample.infrared_bytes) == row["ir_sha256"]
        assert sample.visible.shape == (24, 32, 3)
        assert sample.infrared.shape == (24, 32)


STALE = [{"offset": 512, "ir_offset": 3}, {"ir_offset": 4096}, {"ir_size": 7}, {"size": 700}]


@pytest.mark.parametrize("change", STALE)
def test_a_row_whose_places_are_stale_is_refused(llvip_home, rows, change):
    with pytest.raises(UserError, match=r"does not hold llvip-010000 where its part says.*shards verify"):
        Reader(llvip_home).read(rows[0] | change)


def test_the_row_of_another_sample_is_refused(llvip_home, rows):
    places = {k: rows[1][k] for k in rows[1] if k.endswith(("offset", "size"))}
    with pytest.raises(UserError, match="does not hold"):
        Reader(llvip_home).read(rows[0] | places)


def test_a_tar_that_is_cut_or_gone_is_refused(llvip_home, rows):
    path = llvip_home.shards / "llvip" / "train-00000.tar"
    data = path.read_bytes()
    path.write_bytes(data[: rows[-1]["ir_offset"] + 10])
    Reader(llvip_home).read(rows[0])
    with pytest.raises(UserError, match="does not hold"):
        Reader(llvip_home).read(rows[-1])
    path.unlink()
    with pytest.raises(UserError, match="does not hold"):
        Reader(llvip_home).read(rows[0])


def test_a_row_that_failed_has_nothing_to_read(llvip_home, rows):
    failed = rows[0] | {"status": "truncated", "offset": -1, "size": 0, "ir_offset": -1, "ir_size": 0, "vis_size": 0}
    with pytest.raises(UserError, match="does not hold"):
        Reader(llvip_home).read(failed)


def test_a_tar_written_anew_is_read_anew_and_no_file_stays_open(llvip_home, rows):
    path = llvip_home.shards / "llvip" / "train-00000.tar"
    reader = Reader(llvip_home)
    before = reader.read(rows[0])
    opened = len(os.listdir("/proc/self/fd"))
    data = bytearray(path.read_bytes())
    data[rows[0]["ir_offset"] + 5] ^= 1
    path.unlink()
    path.write_bytes(data)
    assert reader.read(rows[0]).infrared_bytes != before.infrared_bytes
    for row in rows:
        reader.read(row)
    assert len(os.listdir("/proc/self/fd")) == opened


def test_a_reader_travels_to_other_processes(llvip_home, rows):
    assert pickle.loads(pickle.dumps(Reader(llvip_home))).read(rows[0]).key == "llvip-010000"

"""The columns of ingested samples, and the pictures behind them."""

import numpy as np
import pytest

from shards import hashing, image
from shards.manifest import Manifest
from splits.samples import InShards, OnDisk, of_keys, of_sources


@pytest.fixture
def manifest(llvip_home):
    with Manifest.open(llvip_home) as opened:
        yield opened


def test_samples_of_a_source_come_in_key_order_with_their_scenes(manifest):
    samples = of_sources(manifest, ["llvip"])
    assert samples.keys == sorted(samples.keys)
    assert len(samples) == 9
    assert set(samples.scenes) == {"llvip/01", "llvip/02", "llvip/53"}
    assert set(samples.sequences) == {""}
    assert samples.frames.tolist() == [-1] * 9
    for side in ("vis", "ir"):
        assert len(np.unique(samples.files[side])) == len(np.unique(samples.pixels[side])) == 9
        assert samples.structured[side].all()


def test_samples_by_key_leave_out_what_is_not_there(manifest):
    assert of_keys(manifest, ["llvip-530006", "llvip-010000", "llvip-990000"]).keys == ["llvip-010000", "llvip-530006"]
    assert len(of_sources(manifest, ["m3fd"])) == 0


def test_hashes_are_those_of_the_stored_pictures(manifest, llvip_home):
    samples = of_sources(manifest, ["llvip"])
    for side in ("vis", "ir"):
        for number, picture in enumerate(InShards(llvip_home, manifest).find(samples.keys[:3], side)):
            assert samples.hashes[side][256][number].tobytes() == hashing.perceptual(picture.grey(), 16)
            assert samples.hashes[side][64][number].tobytes() == hashing.perceptual(picture.grey())


def test_a_missing_side_has_no_code_and_no_structure(home, save, take, tmp_path, capsys):
    save(tmp_path / "raw/normal_xml/JPEGImages/0_60_30_0_00001.jpg", 3)
    save(tmp_path / "raw/normal_xml/JPEGImages/0_60_30_0_00002.jpg", 4)
    assert take("hit_uav", tmp_path / "raw", home) == 0
    with Manifest.open(home) as manifest:
        samples = of_sources(manifest, ["hit_uav"])
    assert samples.files["vis"].tolist() == samples.pixels["vis"].tolist() == [-1, -1]
    assert not samples.structured["vis"].any()
    assert samples.structured["ir"].all()


def test_equal_pictures_are_equal_and_read_once(manifest, llvip_home, save, tmp_path):
    pictures = InShards(llvip_home, manifest)
    one, other, again = pictures.find(["llvip-010000", "llvip-010001", "llvip-010000"], "ir")
    assert one == again
    assert hash(one) == hash(again)
    assert one != other
    path = save(tmp_path / "a.png", 1)
    assert OnDisk(path) == OnDisk(path)
    assert np.array_equal(OnDisk(path).grey(), image.to_grey(image.decode(path.read_bytes())))

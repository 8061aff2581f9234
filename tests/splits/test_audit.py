"""Audits: of a dataset, of two lists, of two folders, and of names alone."""

import cv2
import numpy as np
import pytest

from shards.errors import UserError
from shards.manifest import Manifest
from splits.audit import by_names, of_dataset, of_folders, of_lists
from splits.listing import listing

HEAD = 'title = "Mine"\nversion = 1\n[[source]]\nname = "llvip"\n[split]\n'


@pytest.fixture
def dataset(llvip_home, tmp_path):
    """`dataset(split)`: the audit of the tiny LLVIP split so."""

    def run(split, **options):
        (tmp_path / "mine.toml").write_text(HEAD + split)
        with Manifest.open(llvip_home) as manifest:
            return of_dataset(str(tmp_path / "mine.toml"), llvip_home, manifest, frames=5, **options)

    return run


def test_whole_scenes_apart_do_not_leak_and_torn_ones_do(dataset):
    whole = dataset('by = "official"')
    assert (whole.title, whole.facts["Dataset"]) == ("mine", "Mine")
    assert [(one.seen, one.tested, one.total, one.images()) for one in whole.leaks] == [("train", "test", 3, 0)]
    torn = dataset('by = "random"\nfractions = { train = 0.6, val = 0.2, test = 0.2 }')
    assert [(one.seen, one.tested) for one in torn.leaks] == [("train", "val"), ("train and val", "test")]
    assert sum(one.images("scene") for one in torn.leaks) > 0


def test_a_dataset_of_one_subset_has_nothing_to_leak(dataset, tmp_path):
    (tmp_path / "all.txt").write_text("010000\n010001\n")
    with pytest.raises(UserError, match="mine has no subset but test, so nothing can leak: compare it with another"):
        dataset('by = "list"\nlists = { test = "' + str(tmp_path / "all.txt") + '" }')


def test_two_lists_of_ingested_images_are_compared_on_pixels(llvip_home, tmp_path):
    lists = {"train": "010000\n010001\n020003\n", "test": "010002\n530006\n"}
    for name, text in lists.items():
        (tmp_path / f"{name}.txt").write_text(text)
    train, test = (f"llvip={tmp_path / name}.txt" for name in lists)
    with Manifest.open(llvip_home) as manifest:
        (found,) = of_lists(train, test, llvip_home, manifest, frames=5).leaks
        assert (found.total, found.images("time"), found.images("scene"), found.images()) == (2, 1, 1, 1)
        with pytest.raises(UserError, match=r"3 images stand on both lists \(llvip-010000, \.\.\.\).*--ids-only"):
            of_lists(train, train, llvip_home, manifest, frames=5)
        (tmp_path / "test.txt").write_text("010002\n010003\n")
        with pytest.raises(UserError, match=r"1 of 2 images are not ingested \(llvip-010003.*ingest their sources"):
            of_lists(train, test, llvip_home, manifest, frames=5)


def test_two_folders_are_compared_without_any_ingest(tmp_path, view, edits):
    for name, pictures in (
        ("train", {f"{n}": view(n) for n in range(4)}),
        ("test", {"x": edits["jpeg 60"](view(0)), "y": edits["mirror"](view(1)), "z": view(9)}),
    ):
        (tmp_path / name).mkdir()
        for stem, pixels in pictures.items():
            cv2.imwrite(str(tmp_path / name / f"{stem}.png"), pixels)
    (tmp_path / "test/broken.png").write_bytes(b"?")
    found = of_folders(tmp_path / "train", tmp_path / "test")
    (leaks,) = found.leaks
    pairs = zip(leaks.edges.first.tolist(), leaks.edges.second.tolist(), leaks.edges.kind, strict=True)
    assert {(leaks.keys[a], leaks.keys[b], kind) for a, b, kind in pairs} == {
        ("test/x.png", "train/0.png", "near"),
        ("test/y.png", "train/1.png", "flipped"),
    }
    assert leaks.rate == pytest.approx(2 / 3)
    assert "1 files, such as" in found.facts["Unreadable"]


def test_names_alone_tell_copies_neighbours_and_scenes():
    train = ["kaist-set00-v000-i00000", "roadscene-flir_08865", "folder-a"]
    test = ["kaist-set00-v000-i00003", "kaist-set00-v000-i00500", "kaist-set01-v000-i00000"]
    test += ["flir_aligned-flir_08865", "folder-a", "folder-b"]
    (found,) = by_names({"test": test, "train": train}, frames=5)
    counts = {kind: known["images"] for kind, known in found["kinds"].items()}
    assert counts == {"file": 1, "kin": 1, "time": 1, "scene": 3}
    assert (found["total"], found["leaking"], found["rate"]) == (6, 4, pytest.approx(4 / 6))
    assert found["neighbours"]["1"] == 2
    assert found["neighbours"]["3"] == 3


def published(dataset, home, frames):
    sides = ("train", "val", "test") if dataset in ("m3fd_rgbx", "hit_uav") else ("train", "test")
    return by_names({side: listing(f"{dataset}:{side}", home).keys for side in sides}, frames=frames)[-1]


@pytest.mark.parametrize(
    ("dataset", "total", "adjacent", "scene"),
    [
        ("msrs", 361, 359, 361),
        ("m3fd_rgbx", 840, 809, 840),
        ("m3fd_zx", 1_295, 73, 1_295),
        ("m3fd_manual", 650, 0, 0),
        ("llvip", 3_463, 0, 0),
        ("kaist", 2_252, 0, 0),
    ],
)
def test_published_splits_leak_as_is_known(home, dataset, total, adjacent, scene):
    found = published(dataset, home, 1)
    kinds = found["kinds"]
    assert (found["total"], kinds["time"]["images"], kinds["scene"]["images"]) == (total, adjacent, scene)
    assert found["neighbours"]["1"] == adjacent


def test_most_of_hit_uav_s_test_images_are_of_a_flight_that_was_seen(home):
    found = published("hit_uav", home, 1)
    assert found["total"] == 579
    assert found["rate"] > 0.95


def test_an_empty_list_leaks_nothing():
    (found,) = by_names({"train": ["llvip-010000"], "test": []}, frames=5)
    assert (found["total"], found["leaking"], found["rate"]) == (0, 0, 0.0)
    assert np.isfinite(found["kinds"]["time"]["rate"])

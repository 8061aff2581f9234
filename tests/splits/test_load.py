"""`splits.load` gives the samples that were pinned, with what belongs to them, or says why not."""

import numpy as np
import pytest
from torch.utils.data import DataLoader

import splits
from shards import layer, part
from shards.errors import UserError

TOML = """
title = "Tiny"
version = 1
[[source]]
name = "llvip"
[split]
by = "official"
"""


@pytest.fixture
def tiny(tmp_path):
    """A dataset of the user's own; the path of its file."""
    (tmp_path / "tiny.toml").write_text(TOML)
    return str(tmp_path / "tiny.toml")


@pytest.fixture
def write_layer(llvip_home):
    """`write_layer(name, kind, subsets)`: a layer of the tiny LLVIP that covers these subsets."""

    def write(name, kind, subsets=("train", "test")):
        for subset in subsets:
            rows = part.read_rows(llvip_home.shards / "llvip" / f"{subset}-00000.parquet")
            values = {row["key"]: [f"{name} of {row['key']}"] if kind == "captions" else b"\x89PNG" for row in rows}
            layer.write(llvip_home.annotations / name / "llvip" / f"{subset}-00000.parquet", kind, values, {})

    return write


def test_samples_come_in_key_order_with_pixels_groups_and_a_fingerprint(tiny, llvip_home):
    train = splits.load(tiny, "train", home=llvip_home)
    assert len(train) == 6
    assert train.keys == sorted(train.keys)
    assert train[0].visible.shape == (24, 32, 3)
    assert train[0].infrared.dtype == np.uint8
    assert (train.title, train.partial, train.captions, train.maps) == ("tiny", False, "", "")
    assert set(train.groups) == set(train.keys)
    assert len(train.fingerprint) == 64
    assert train.fingerprint != splits.load(tiny, "test", home=str(llvip_home.root)).fingerprint


def test_it_feeds_a_loader_with_workers(tiny, llvip_home, write_layer):
    write_layer("words", "captions")
    train = splits.load(tiny, "train", home=llvip_home)
    batches = list(DataLoader(train, batch_size=4, num_workers=2, collate_fn=list))
    assert [sample.key for batch in batches for sample in batch] == train.keys
    assert batches[1][1].captions == (f"words of {train.keys[5]}",)


def test_the_home_may_come_from_the_environment(tiny, llvip_home, monkeypatch):
    monkeypatch.setenv("IR500K_HOME", str(llvip_home.root))
    assert len(splits.load(tiny, "test")) == 3


def test_what_was_loaded_once_is_pinned_and_loaded_again(tiny, llvip_home):
    first = splits.load(tiny, "train", home=llvip_home)
    pinned = {p: p.stat().st_mtime_ns for p in (llvip_home.splits / "tiny").iterdir()}
    assert splits.load(tiny, "train", home=llvip_home).fingerprint == first.fingerprint
    assert {p: p.stat().st_mtime_ns for p in (llvip_home.splits / "tiny").iterdir()} == pinned


def test_images_that_are_no_longer_those_that_were_pinned_are_refused(
    tiny, llvip_home, llvip_raw, make_llvip, save, take, tmp_path, capsys
):
    old = splits.load(tiny, "train", home=llvip_home)
    raw = make_llvip(tmp_path / "other")
    save(raw / "visible/train/010000.jpg", 99, channels=3)
    assert take("llvip", raw, llvip_home, "--replace") == 0
    with pytest.raises(
        UserError,
        match=r"train: the images are no longer those that were pinned as @\w{8}: `python -m splits build tiny`",
    ):
        splits.load(tiny, "train", home=llvip_home)
    assert len(splits.load(tiny, "test", home=llvip_home)) == 3, "of the test images none has changed"
    from splits.__main__ import main

    assert main(["build", tiny, "--home", str(llvip_home.root)]) == 0
    assert splits.load(tiny, "train", home=llvip_home).fingerprint != old.fingerprint


def test_a_name_with_a_fingerprint_picks_an_older_build(tiny, llvip_home, tmp_path, capsys):
    first = splits.load(tiny, "train", home=llvip_home)
    version = next((llvip_home.splits / "tiny").glob("*.parquet")).stem[:8]
    text = TOML.replace('"official"', '"group"\nfractions = { train = 0.4, test = 0.6 }')
    (tmp_path / "tiny.toml").write_text(text)
    second = splits.load(tiny, "train", home=llvip_home)
    assert f"tiny: its definition has changed, built anew (the old one: @{version})" in capsys.readouterr().err
    assert second.fingerprint != first.fingerprint
    assert splits.load(f"{tiny}@{version}", "train", home=llvip_home).fingerprint == first.fingerprint
    with pytest.raises(UserError, match="no build of tiny named '0123'"):
        splits.load(f"{tiny}@0123", "train", home=llvip_home)


def test_unknown_names_get_the_nearest(tiny, llvip_home):
    with pytest.raises(UserError, match="did you mean m3fd_manual"):
        splits.load("m3fd_manuel", "train", home=llvip_home)
    with pytest.raises(UserError, match="no subset of tiny named 'val'"):
        splits.load(tiny, "val", home=llvip_home)


def test_a_source_that_is_not_ingested_names_the_command_before_and_after_it_was_pinned(tiny, llvip_home, home):
    with pytest.raises(UserError, match="`python -m ingest roadscene RAW`"):
        splits.load("roadscene", "train", home=llvip_home)
    splits.load(tiny, "train", home=llvip_home)
    for path in (llvip_home.shards / "llvip").iterdir():
        path.unlink()
    with pytest.raises(UserError, match="`python -m ingest llvip RAW`"):
        splits.load(tiny, "train", home=llvip_home)


def test_a_partial_dataset_is_given_only_when_asked_for_and_says_so(llvip_home):
    with pytest.raises(UserError, match="--partial"):
        splits.load("llvip", "train", home=llvip_home)
    train = splits.load("llvip", "train", home=llvip_home, partial=True)
    assert (len(train), train.partial) == (6, True)
    with pytest.raises(UserError, match="llvip was built with --partial"):
        splits.load("llvip", "train", home=llvip_home)


# Layers


def test_the_one_layer_that_covers_every_sample_is_joined(tiny, llvip_home, write_layer):
    write_layer("words", "captions")
    write_layer("areas", "maps")
    write_layer("half", "captions", ["train"])
    train = splits.load(tiny, "test", home=llvip_home)
    assert (train.captions, train.maps) == ("words", "areas")
    assert train[0].captions == ("words of llvip-530006",)
    assert train[0].map_bytes == b"\x89PNG"
    bare = splits.load(tiny, "test", home=llvip_home, captions="none", maps="none")
    assert (bare.captions, bare.maps, bare[0].captions, bare[0].map_bytes) == ("", "", (), None)


def test_of_several_layers_one_must_be_named(tiny, llvip_home, write_layer):
    write_layer("words", "captions")
    write_layer("words-2", "captions")
    with pytest.raises(UserError, match=r"several layers of captions: words, words-2: choose one with --captions NAME"):
        splits.load(tiny, "train", home=llvip_home)
    assert splits.load(tiny, "train", home=llvip_home, captions="words-2")[0].captions[0].startswith("words-2")


@pytest.mark.parametrize("asked", ["wrods", "half", "areas"])
def test_a_named_layer_that_does_not_cover_is_an_error(tiny, llvip_home, write_layer, asked):
    write_layer("half", "captions", ["train"])
    write_layer("areas", "maps")
    with pytest.raises(UserError, match=f"layer '{asked}' does not cover tiny with captions"):
        splits.load(tiny, "test", home=llvip_home, captions=asked)

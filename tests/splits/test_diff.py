"""What changed between two datasets, by lists alone where those are published."""

import json

import pytest

from shards.errors import UserError
from splits.__main__ import main
from splits.diff import difference, sides


def test_images_come_go_and_change_sides():
    found = difference({"a": "train", "b": "train", "c": "test"}, {"a": "train", "b": "test", "d": "train"})
    assert found.unchanged == 1
    assert found.changed == {"b": ("train", "test"), "c": ("test", ""), "d": ("", "train")}
    assert found.counts() == {("train", "test"): 1, ("test", ""): 1, ("", "train"): 1}
    assert difference({}, {}).unchanged == 0


def test_two_names_of_one_picture_are_one_image():
    found = difference({"roadscene-flir_00006": "train"}, {"flir_aligned-flir_00006": "train"})
    assert (found.unchanged, found.changed) == (1, {})


def test_published_lists_are_compared_without_a_home(home):
    first, second = sides("flir_4489_official", home), sides("flir_4489_tail", home)
    assert difference(first, second).counts() == {("test", "train"): 96}
    whole = difference(sides("flir_aligned", home), first)
    assert whole.counts() == {("train", ""): 653}
    assert whole.unchanged == 4_489
    assert not home.root.exists()


def test_builds_of_one_dataset_are_compared(llvip_home, tmp_path, capsys):
    toml = tmp_path / "mine.toml"
    head = 'title = "T"\nversion = 1\n[[source]]\nname = "llvip"\n[split]\n'
    fingerprints = []
    for split in ('by = "official"', 'by = "random"\nseed = 1\nfractions = { train = 0.5, test = 0.5 }'):
        toml.write_text(head + split)
        assert main(["build", str(toml), "--home", str(llvip_home.root), "--json"]) == 0
        fingerprints.append(json.loads(capsys.readouterr().out)["data"]["fingerprint"])
    first, second = (f"{toml}@{fingerprint[:8]}" for fingerprint in fingerprints)
    assert main(["diff", first, second, "--home", str(llvip_home.root), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    moved = sum(change["images"] for change in data["changes"])
    assert moved > 0
    assert data["unchanged"] + moved == 9
    assert len(data["images"]) == moved
    assert main(["diff", first, first, "--home", str(llvip_home.root)]) == 0
    assert "9 images on the same side, 0 not" in capsys.readouterr().out


def test_what_is_neither_listed_nor_built_is_an_error(home):
    with pytest.raises(UserError, match=r"m3svd_scene is not built in .*`python -m splits build m3svd_scene`"):
        sides("m3svd_scene", home)
    with pytest.raises(UserError, match=r"vtuav is not built in .*`python -m splits build vtuav`"):
        sides("vtuav", home)
    with pytest.raises(UserError, match="no build of msrs named 'ffff'"):
        sides("msrs@ffff", home)

"""Shards as they lie and exported tars are read by the tools that people have."""

import json
import subprocess
import tarfile

import pytest

from shards import layer, part
from shards.__main__ import main
from shards.hashing import sha256
from shards.image import encode_png


@pytest.fixture
def layered(llvip_home, picture):
    """The tiny LLVIP with captions for every sample, and maps for the training pairs."""
    for shard in ("train", "test"):
        keys = [row["key"] for row in part.read_rows(llvip_home.shards / "llvip" / f"{shard}-00000.parquet")]
        words = {key: [f"a caption of {key} 夜", "another"] for key in keys}
        layer.write(llvip_home.annotations / "words" / "llvip" / f"{shard}-00000.parquet", "captions", words, {})
        if shard == "train":
            maps = {key: encode_png(picture(len(key))) for key in keys}
            layer.write(llvip_home.annotations / "areas" / "llvip" / "train-00000.parquet", "maps", maps, {})
    return llvip_home


@pytest.fixture(params=["shards", "export"])
def tars(request, layered, capsys):
    """The tars of the training pairs, of both kinds, and the suffixes of their members."""
    plain = ["vis.jpg", "ir.jpg", "json"]
    if request.param == "shards":
        return [str(layered.shards / "llvip" / "train-00000.tar")], plain
    assert main(["export", "llvip", "--layers", "words,areas", "--home", str(layered.root)]) == 0
    return [str(layered.root / "export" / "llvip" / "train-00000.tar")], [*plain[:2], "seg.png", "txt", "json"]


def test_members_stand_in_order_the_facts_last(tars):
    paths, suffixes = tars
    listed = subprocess.run(["tar", "-tf", paths[0]], capture_output=True, text=True, check=True).stdout.split()
    keys = [f"llvip-{number:06d}" for number in (10000, 10001, 10002, 20003, 20004, 20005)]
    assert listed == [f"{key}.{suffix}" for key in keys for suffix in suffixes]


def test_webdataset_reads_every_sample(tars):
    import webdataset

    paths, suffixes = tars
    found = list(webdataset.WebDataset(paths, shardshuffle=False).decode("rgb8"))
    assert [sample["__key__"] for sample in found][:2] == ["llvip-010000", "llvip-010001"]
    assert len(found) == 6
    assert all(set(suffixes) <= sample.keys() for sample in found)
    assert found[0]["vis.jpg"].shape == (24, 32, 3)
    assert found[0]["json"]["scene"] == "01"


@pytest.mark.parametrize("streaming", [False, True])
def test_datasets_reads_every_sample(tars, streaming, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    import datasets

    paths, suffixes = tars
    datasets.disable_progress_bars()
    found = list(
        datasets.load_dataset(
            "webdataset", data_files=paths, split="train", streaming=streaming, cache_dir=str(tmp_path / "cache")
        )
    )
    assert len(found) == 6
    assert set(found[0]) == {*suffixes, "__key__", "__url__"}
    assert found[0]["ir.jpg"].size == (32, 24)
    assert found[0]["json"]["ir_width"] == 32
    if "txt" in suffixes:
        assert found[0]["txt"] == "a caption of llvip-010000 夜"


def test_an_exported_member_is_the_stored_one_byte_by_byte(layered, capsys):
    main(["export", "llvip", "--home", str(layered.root)])
    for subset in ("train", "test"):
        stored, exported = (layered.root / place / f"llvip/{subset}-00000.tar" for place in ("shards", "export"))
        assert sha256(stored.read_bytes()) == sha256(exported.read_bytes())


def test_only_samples_that_every_layer_covers_are_written(layered, capsys):
    folder = layered.root / "export" / "llvip"
    main(["export", "llvip", "--layers", "words", "--home", str(layered.root)])
    assert sorted(p.name for p in folder.iterdir()) == ["test-00000.tar", "train-00000.tar"]
    assert main(["export", "llvip", "--layers", "words,areas", "--json", "--home", str(layered.root)]) == 0
    assert sorted(p.name for p in folder.iterdir()) == ["train-00000.tar"], "the former export's tar is gone"
    assert json.loads(capsys.readouterr().out.split("\n", 1)[1])["data"]["files"] == [str(folder / "train-00000.tar")]


def test_tars_hold_at_most_so_many_samples_and_one_set_of_members(home, save, take, tmp_path, capsys):
    from shards.export import ORDER, export
    from shards.manifest import Manifest

    for number, suffix in enumerate(["jpg", "png", "jpg", "jpg", "png"]):
        save(tmp_path / f"raw/rgb/{number}.{suffix}", number, channels=3)
        save(tmp_path / f"raw/ir/{number}.png", number + 10)
    assert take("folder", tmp_path / "raw", home) == 0
    with Manifest.open(home) as manifest:
        rows = manifest.stream(f"select * exclude (part) from samples order by {ORDER}")
        written = export(home, rows, ["folder"], [], tmp_path / "out", stem="all", per_tar=2)
    names = []
    for path in written:
        with tarfile.open(path) as archive:
            names.append([member.name for member in archive if ".vis." in member.name])
    assert names == [
        ["folder-0.vis.jpg", "folder-2.vis.jpg"],
        ["folder-3.vis.jpg"],
        ["folder-1.vis.png", "folder-4.vis.png"],
    ]


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["lvip"], 2, "did you mean llvip?"),
        (["llvip", "--layers", "word"], 2, "did you mean words?"),
        (["llvip", "--layers", "words,words"], 2, "two layers of captions"),
        (["llvip", "--layers", "x"], 2, "there are: areas, elsewhere, words"),
        (["llvip", "--layers", "elsewhere"], 1, "has no sample to export"),
    ],
)
def test_what_cannot_be_exported_is_said(layered, capsys, words, code, error):
    layer.write(layered.annotations / "elsewhere" / "other" / "a.parquet", "maps", {"other-1": b"x"}, {})
    assert main(["export", *words, "--home", str(layered.root)]) == code
    assert error in capsys.readouterr().err


def test_shards_are_never_overwritten_by_an_export(llvip_home, capsys):
    folder = llvip_home.shards / "llvip"
    before = (folder / "train-00000.tar").stat().st_mtime_ns
    assert main(["export", "llvip", "--out", str(folder), "--home", str(llvip_home.root)]) == 2
    assert "an export is a copy" in capsys.readouterr().err
    assert (folder / "train-00000.tar").stat().st_mtime_ns == before


def test_infrared_alone_is_exported_without_a_visible_side(home, save, take, tmp_path, capsys):
    for number in range(3):
        save(tmp_path / f"raw/thermal/{number}.png", number)
    options = ["--infrared", "thermal/{id}", "--name", "heat"]
    assert take("folder", tmp_path / "raw", home, *options) == 0
    assert main(["export", "heat", "--home", str(home.root)]) == 0
    with tarfile.open(home.root / "export/heat/all-00000.tar") as archive:
        assert archive.getnames()[:2] == ["heat-0.ir.png", "heat-0.json"]
        facts = json.load(archive.extractfile("heat-0.json"))
    assert (facts["vis_width"], facts["ir_width"], facts["vis_sha256"]) == (0, 32, "")

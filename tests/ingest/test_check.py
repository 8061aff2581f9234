"""`ingest check` says what ingest would make of a raw folder, and writes nothing."""

import json
import os
import shutil
import zipfile

import pytest
from PIL import Image

from ingest.__main__ import main
from ingest.check import LOOKED_AT, check
from ingest.source import get
from ingest.tree import open_tree


@pytest.fixture
def raw(make_llvip, save, tmp_path):
    """LLVIP with a side that is missing, a stranger's folder and junk."""
    folder = make_llvip(tmp_path / "download" / "LLVIP", train=12, test=3)
    (folder / "visible/train/010001.jpg").unlink()
    save(folder / "thumbnails/010001.jpg", 1)
    (folder / "Thumbs.db").touch()
    return tmp_path / "download"


def test_it_counts_by_subset_what_it_would_take_and_tells_what_it_would_skip(raw):
    checked = check(get("llvip"), open_tree(raw))
    assert checked.ok
    assert checked.take == {"train": 11, "test": 3}
    assert checked.scenes == {"train": 4, "test": 1}
    assert checked.skip == {"no visible side": (1, "LLVIP/infrared/train/010001.jpg")}
    assert checked.left_out == {"LLVIP/thumbnails": 1}
    assert checked.junk == 1


def test_it_reads_a_few_headers_alone(raw, monkeypatch):
    from ingest.tree import Raw

    read, paths = Raw.read, []
    monkeypatch.setattr(Raw, "read", lambda self, path: paths.append(path) or read(self, path))
    checked = check(get("llvip"), open_tree(raw))
    assert len(paths) == 2 * LOOKED_AT
    assert checked.forms == {"visible: jpeg RGB, 32 x 24": LOOKED_AT, "infrared: jpeg L, 32 x 24": LOOKED_AT}


def test_an_image_that_is_none_is_told(raw):
    for path in (raw / "LLVIP/visible/train").iterdir():
        path.write_text("<!DOCTYPE html><html>quota</html>")
    checked = check(get("llvip"), open_tree(raw))
    assert not checked.ok
    assert checked.broken[0].startswith("LLVIP/visible/train/010000.jpg: ")


def turned(pixels, stream):
    exif = Image.Exif()
    exif[274] = 6
    pixels.save(stream, "JPEG", exif=exif)


@pytest.mark.parametrize(
    ("form", "save_as"),
    [
        ("jpeg RGB, orientation 6", lambda pixels, path: turned(pixels.transpose(Image.Transpose.ROTATE_90), path)),
        ("png RGB, orientation 1", lambda pixels, path: pixels.save(path, "PNG")),
        ("jpeg CMYK, orientation 1", lambda pixels, path: pixels.convert("CMYK").save(path, "JPEG")),
    ],
)
def test_what_ingest_would_refuse_for_its_form_is_told_with_the_option_that_helps(raw, form, save_as):
    for path in (raw / "LLVIP/visible/test").iterdir():
        with Image.open(path) as opened:
            pixels = opened.copy()
        save_as(pixels, path)
    shutil.rmtree(raw / "LLVIP/visible/train")
    checked = check(get("llvip"), open_tree(raw))
    assert checked.broken == [
        f"LLVIP/visible/test/{path.name} is {form}, not a plain JPEG: ingest with --store png"
        for path in sorted((raw / "LLVIP/visible/test").iterdir())
    ]
    assert not checked.ok


def test_what_is_stored_as_png_may_have_any_form(tmp_path, save):
    save(tmp_path / "rgb/1.png", 1, channels=3)
    save(tmp_path / "ir/1.png", 2)
    with Image.open(tmp_path / "rgb/1.png") as opened:
        opened.convert("CMYK").save(tmp_path / "rgb/1.png", "JPEG")
    assert check(get("folder"), open_tree(tmp_path)).broken == []


def test_a_named_pipe_is_skipped_and_not_waited_for(raw):
    path = raw / "LLVIP/visible/test" / min(p.name for p in (raw / "LLVIP/visible/test").iterdir())
    path.unlink()
    os.mkfifo(path)
    checked = check(get("llvip"), open_tree(raw))
    assert checked.take == {"train": 11, "test": 2}
    assert [count for count, _ in checked.skip.values()] == [1, 1]
    assert "bears an image's name and is no file" in checked.skip


def test_sides_of_unequal_size_are_told_where_the_source_says_equal(raw, save):
    for seed, path in enumerate(sorted((raw / "LLVIP/infrared").rglob("*.jpg"))):
        save(path, seed, width=40 + seed % 2)
    checked = check(get("llvip"), open_tree(raw))
    assert len(checked.broken) == LOOKED_AT
    assert all(line.endswith("have unequal sizes") for line in checked.broken)
    assert checked.forms == {"visible: jpeg RGB, 32 x 24": LOOKED_AT, "infrared: jpeg L, 2 sizes": LOOKED_AT}


def test_a_zip_is_checked_as_it_lies(raw, tmp_path):
    with zipfile.ZipFile(tmp_path / "LLVIP.zip", "w") as file:
        for path in sorted((raw / "LLVIP").rglob("*.jpg")):
            file.write(path, path.relative_to(raw))
    checked = check(get("llvip"), open_tree(tmp_path / "LLVIP.zip"))
    assert checked.take == {"train": 11, "test": 3}
    assert checked.left_out == {"LLVIP/thumbnails": 1}


def test_the_command_prints_the_publisher_s_count_beside_and_makes_no_home(raw, home, capsys):
    assert main(["check", "llvip", str(raw), "--home", str(home.root)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("llvip: would take 14 samples; the publisher counts 15,488\n")
    assert "would skip 1: no visible side (LLVIP/infrared/train/010001.jpg)" in said
    assert "no part of a sample: LLVIP/thumbnails (1)" in said
    assert main(["check", "llvip", str(raw), "--home", str(home.root), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert (data["take"], data["published_pairs"]) == ({"train": 11, "test": 3}, 15_488)
    assert not home.root.exists()


def test_nothing_to_take_is_exit_1(raw, capsys):
    shutil.rmtree(raw / "LLVIP/visible")
    assert main(["check", "llvip", str(raw)]) == 1
    assert "no llvip below" in capsys.readouterr().err

"""A raw folder is one sorted list, whatever order, links and junk the file system has."""

import os
import random

import pytest

from ingest.tree import Entry, Folder, open_tree
from shards.errors import UserError


def paths(tree):
    return [entry.path for entry in tree.entries]


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    for name in ("b/2.png", "a/1.png", "a/10.png", "a b/c.png", "a/1/x.txt", "ä/夜.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_the_order_does_not_depend_on_the_file_system(raw, monkeypatch):
    expected = open_tree(raw)
    walk = os.walk

    def shuffled(top, **options):
        for folder, folders, files in walk(top, **options):
            random.shuffle(folders)
            random.shuffle(files)
            yield folder, folders, files

    for seed in range(5):
        random.seed(seed)
        monkeypatch.setattr(os, "walk", shuffled)
        assert open_tree(raw) == expected
    assert paths(expected) == sorted(paths(expected))
    assert len(expected.entries) == 6


def test_sizes_are_told_and_junk_is_counted_not_listed(raw):
    before = open_tree(raw)
    for name in ("Thumbs.db", "a/.DS_Store", "b/._2.png", "desktop.ini", "__MACOSX/a/._1.png"):
        (raw / name).parent.mkdir(parents=True, exist_ok=True)
        (raw / name).write_text("junk")
    after = open_tree(raw)
    assert after.entries == before.entries
    assert (before.junk, after.junk) == (0, 4)
    assert Entry("a/1.png", len("a/1.png")) in after.entries


def test_what_bears_an_image_s_name_and_is_no_file_is_listed_as_such(raw):
    (raw / "a/3.png").mkdir()
    os.mkfifo(raw / "a/4.png")
    sizes = {entry.path: entry.size for entry in open_tree(raw).entries}
    assert (sizes["a/3.png"], sizes["a/4.png"]) == (-1, -1)


def test_a_named_pipe_is_told_and_never_waited_for(raw, tmp_path):
    for name in ("a/4.png", "train.txt", "x.zip"):
        os.mkfifo(raw / name)
    tree = open_tree(raw)
    assert [path for path in paths(tree) if path.startswith("x")] == ["x.zip"]
    assert tree.notes == ["not read: x.zip is no regular file"]
    for read in (tree.raw.read, tree.raw.open):
        with pytest.raises(OSError, match=r"is no regular file.*a/4\.png"):
            read("a/4.png")
    with pytest.raises(OSError, match=r"is no regular file.*train\.txt"):
        Folder(tree).read("train.txt")
    os.mkfifo(tmp_path / "whole.tar")
    with pytest.raises(OSError, match="is no regular file"):
        open_tree(tmp_path / "whole.tar")


def test_links_are_followed_once_and_dangling_ones_listed(raw):
    (raw / "z").symlink_to(raw / "a", target_is_directory=True)
    (raw / "b/loop").symlink_to(raw, target_is_directory=True)
    (raw / "b/gone.png").symlink_to(raw / "nowhere.png")
    (raw / "b/one.png").symlink_to(raw / "a/1.png")
    found = {entry.path: entry.size for entry in open_tree(raw).entries}
    assert [path for path in found if path.startswith(("z/", "b/loop"))] == []
    assert (found["b/gone.png"], found["b/one.png"]) == (0, len("a/1.png"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing", "does not exist.*unpacked"),
        ("file.zip", "has no bytes: fetch it again"),
        ("file.txt", "is no zip and no tar.*unpacked"),
        ("empty", "holds no files"),
    ],
)
def test_what_is_no_raw_folder_is_said(tmp_path, name, words):
    (tmp_path / "file.zip").touch()
    (tmp_path / "file.txt").write_text("words")
    (tmp_path / "empty" / "deeper").mkdir(parents=True)
    with pytest.raises(UserError, match=words):
        open_tree(tmp_path / name)


def test_a_folder_that_cannot_be_read_is_an_error_and_not_an_absence(raw, monkeypatch):
    scan = os.scandir

    def refuse(path):
        if str(path).endswith("/a"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PermissionError):
        open_tree(raw)

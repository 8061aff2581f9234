"""Archives are read where they lie, and what only an attacker would write is refused."""

import io
import os
import struct
import tarfile
import zipfile
import zlib

import pytest

from ingest import archive
from ingest.layout import find
from ingest.plan import make_plan
from ingest.source import Layout, Source, get
from ingest.tree import open_tree
from shards.errors import UserError

FILES = {"a/1.txt": b"one", "a/b/2.txt": b"two" * 1000, "3.txt": b""}


def make_zip(path, files, method=zipfile.ZIP_DEFLATED):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", method) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return path


def make_tar(path, files, mode="w", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, mode, **options) as opened:
        for name, data in files.items():
            info = data if isinstance(data, tarfile.TarInfo) else tarfile.TarInfo(name)
            data = b"" if isinstance(data, tarfile.TarInfo) else data
            info.name, info.size = name, len(data)
            opened.addfile(info, io.BytesIO(data))
    return path


def link(target, kind=tarfile.SYMTYPE):
    info = tarfile.TarInfo()
    info.type, info.linkname = kind, target
    return info


def contents(path):
    found = archive.members(path, path.name)
    return {name: archive.read(path, member) for name, member in found.items()}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_of_a_zip_are_read_one_by_one(tmp_path, method):
    assert contents(make_zip(tmp_path / "x.zip", FILES, method)) == FILES


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_members_of_a_tar_are_read_one_by_one(tmp_path, form):
    long = {f"{'deep/' * 30}x.txt": b"far", **FILES}
    assert contents(make_tar(tmp_path / "x.tar", long, format=form)) == long


def test_the_name_does_not_make_the_archive(tmp_path):
    assert contents(make_zip(tmp_path / "x.tar", FILES)) == FILES
    assert contents(make_tar(tmp_path / "x.zip", FILES)) == FILES


@pytest.mark.parametrize("make", [make_zip, make_tar, lambda p, f: make_zip(p, f, zipfile.ZIP_STORED)])
def test_a_member_is_a_file_that_can_be_sought(tmp_path, make):
    path = make(tmp_path / "x", FILES)
    with archive.opened(path, archive.members(path, "x")["a/b/2.txt"]) as file:
        assert file.read(4) == b"twot"
        file.seek(-4, os.SEEK_END)
        assert (file.read(), file.read(), file.tell()) == (b"otwo", b"", 3000)
        file.seek(2)
        assert file.read(2) == b"ot"


def test_folders_windows_slashes_and_dots_make_plain_names(tmp_path):
    path = make_tar(tmp_path / "x.tar", {"./a/1.txt": b"1", "b//2.txt": b"2"})
    assert set(contents(path)) == {"a/1.txt", "b/2.txt"}
    assert set(contents(make_zip(tmp_path / "x.zip", {"c\\3.txt": b"3", "d/": b""}))) == {"c/3.txt"}


def test_links_within_a_tar_are_followed(tmp_path):
    files = {"a/1.txt": b"one", "b/s": link("../a/1.txt"), "b/h": link("a/1.txt", tarfile.LNKTYPE), "c": link("b/s")}
    found = contents(make_tar(tmp_path / "x.tar", files | {"gone": link("nowhere")}))
    assert found == {"a/1.txt": b"one", "b/s": b"one", "b/h": b"one", "c": b"one"}


def test_links_in_a_circle_lead_nowhere(tmp_path):
    assert contents(make_tar(tmp_path / "x.tar", {"a": link("b"), "b": link("a"), "c": b"1"})) == {"c": b"1"}


# Damage


def test_a_zip_whose_bytes_changed_fails_where_it_is_read(tmp_path):
    path = make_zip(tmp_path / "x.zip", FILES, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"twotwo", b"twoTwo", 1))
    members = archive.members(path, "x.zip")
    assert archive.read(path, members["a/1.txt"]) == b"one"
    with pytest.raises(OSError, match="checksum"):
        archive.read(path, members["a/b/2.txt"])


@pytest.mark.parametrize("keep", [0.3, 0.75])
@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_an_archive_that_was_cut_off_is_refused(tmp_path, make, keep):
    path = make(tmp_path / "x", {f"{i}.bin": os.urandom(4000) for i in range(9)})
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(UserError, match="fetch it again"):
        archive.members(path, "x")


def test_a_tar_with_a_damaged_header_is_not_a_shorter_one(tmp_path):
    path = make_tar(tmp_path / "x.tar", {f"{i}.bin": b"x" * 600 for i in range(5)})
    data = bytearray(path.read_bytes())
    data[2 * (512 + 1024) + 10] ^= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match="damaged"):
        archive.members(path, "x.tar")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no bytes"),
        (b"<!DOCTYPE html><html>Quota exceeded", "HTML page"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
        (b"whatever this is", "is no zip and no tar"),
    ],
)
def test_what_is_no_archive_is_told_by_its_bytes(tmp_path, data, words):
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(UserError, match=words):
        open_tree(tmp_path / "x.zip")


@pytest.mark.parametrize(
    ("suffix", "mode"), [("tar.gz", "w:gz"), ("tgz", "w:gz"), ("tar.bz2", "w:bz2"), ("txz", "w:xz")]
)
def test_a_compressed_tar_is_refused_with_the_line_that_unpacks_it(tmp_path, suffix, mode):
    path = make_tar(tmp_path / f"KAIST set.{suffix}", FILES, mode)
    with pytest.raises(UserError) as caught:
        open_tree(path)
    line = caught.value.remedy.removeprefix("unpack it: ")
    assert os.system(line) == 0
    assert (tmp_path / "KAIST set/a/1.txt").read_bytes() == b"one"


def test_an_encrypted_zip_is_refused(tmp_path):
    path = make_zip(tmp_path / "x.zip", FILES)
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match="encrypted"):
        archive.members(path, "x.zip")


def test_methods_without_random_access_are_refused(tmp_path):
    with pytest.raises(UserError, match="7z x"):
        archive.members(make_zip(tmp_path / "x.zip", FILES, zipfile.ZIP_LZMA), "x.zip")


# Hostile members


@pytest.mark.parametrize("make", [make_zip, make_tar])
@pytest.mark.parametrize("name", ["/etc/passwd", "../../x.txt", "a/../../x.txt", "..\\x.txt", "C:/x.txt", "C:\\x.txt"])
def test_members_that_lead_out_are_refused(tmp_path, make, name):
    with pytest.raises(UserError, match="leads out of it"):
        archive.members(make(tmp_path / "x", {"ok.txt": b"1", name: b"2"}), "x")


@pytest.mark.parametrize("target", ["/etc/passwd", "../../etc/passwd"])
@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_links_that_lead_out_of_a_tar_are_refused(tmp_path, target, kind):
    path = make_tar(tmp_path / "x.tar", {"ok.txt": b"1", "a/link": link(target, kind)})
    with pytest.raises(UserError, match="leads out of it"):
        archive.members(path, "x.tar")


def test_links_that_lead_out_of_a_zip_are_refused(tmp_path):
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as opened:
        opened.writestr(info, "/etc/passwd")
    with pytest.raises(UserError, match="leads out of it"):
        archive.members(tmp_path / "x.zip", "x.zip")


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_devices_are_refused(tmp_path, kind):
    with pytest.raises(UserError, match="no file, folder or link"):
        archive.members(make_tar(tmp_path / "x.tar", {"ok": b"1", "pipe": link("", kind)}), "x.tar")


def test_a_member_that_unpacks_to_far_more_than_it_takes_is_refused(tmp_path):
    path = make_zip(tmp_path / "x.zip", {"1.png": bytes(80 << 20)})
    with pytest.raises(UserError, match="unpacks to 83,886,080"):
        archive.members(path, "x.zip")


def test_many_members_that_together_unpack_to_far_more_are_refused(tmp_path):
    path = make_zip(tmp_path / "x.zip", {f"{i}.png": bytes(16 << 20) for i in range(5)})
    with pytest.raises(UserError, match="83,886,080 bytes in"):
        archive.members(path, "x.zip")


def test_members_that_share_their_bytes_are_refused(tmp_path):
    path = make_zip(tmp_path / "x.zip", {"a": os.urandom(5000)}, zipfile.ZIP_STORED)
    data = path.read_bytes()
    at, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[at:end]
    twice = entry + entry.replace(b"a", b"b")
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, len(twice), at, 0)
    path.write_bytes(data[:at] + twice + tail)
    with pytest.raises(UserError, match="share their bytes"):
        archive.members(path, "x.zip")


def test_a_member_that_unpacks_to_more_than_it_says_is_an_error(tmp_path):
    path = make_zip(tmp_path / "x.zip", {"1.txt": b"x" * 5000})
    data = path.read_bytes()
    size, crc = struct.pack("<L", 5000), struct.pack("<L", zlib.crc32(b"x" * 5000))
    assert data.count(size) == 2
    path.write_bytes(data.replace(size, struct.pack("<L", 50)))
    assert crc in data
    with pytest.raises(OSError, match="checksum"):
        archive.read(path, archive.members(path, "x.zip")["1.txt"])


# Whole downloads


@pytest.fixture
def llvip_files(llvip_raw):
    return {p.relative_to(llvip_raw).as_posix(): p.read_bytes() for p in llvip_raw.rglob("*") if p.is_file()}


def forms(source, raw):
    plan = make_plan(source, open_tree(raw), per_shard=4)
    return [(shard.name, shard.id, shard.samples) for shard in plan.shards]


@pytest.mark.parametrize("make", [make_zip, make_tar])
@pytest.mark.parametrize("above", ["", "LLVIP/"])
def test_an_archive_makes_the_bytes_of_its_folder(llvip_files, llvip_home, tmp_path, make, above, take, home, capsys):
    raw = make(tmp_path / "LLVIP.archive", {above + name: data for name, data in llvip_files.items()})
    from shards.home import Home

    other = Home(tmp_path / "other")
    assert take("llvip", raw, other) == 0
    tars = [{p.name: p.read_bytes() for p in h.shards.rglob("*.tar")} for h in (llvip_home, other)]
    assert tars[0] == tars[1]


def test_archives_in_a_folder_count_as_unpacked_where_they_lie(llvip_files, llvip_raw, tmp_path):
    make_zip(tmp_path / "raw/LLVIP.zip", {f"LLVIP/{name}": data for name, data in llvip_files.items()})
    unpacked = tmp_path / "unpacked/LLVIP"
    unpacked.parent.mkdir()
    unpacked.symlink_to(llvip_raw, target_is_directory=True)
    assert forms(get("llvip"), tmp_path / "raw") == forms(get("llvip"), tmp_path / "unpacked")


def test_what_is_unpacked_beside_its_archive_is_not_there_twice(llvip_files, llvip_raw, tmp_path):
    make_zip(tmp_path / "raw/LLVIP.zip", {f"LLVIP/{name}": data for name, data in llvip_files.items()})
    (tmp_path / "raw/LLVIP").symlink_to(llvip_raw, target_is_directory=True)
    tree = open_tree(tmp_path / "raw")
    assert not tree.members
    assert len(find(get("llvip"), tree).pairs) == 9


def test_parts_of_a_dataset_in_several_archives_are_one(llvip_files, tmp_path, llvip_raw):
    for side in ("visible", "infrared"):
        some = {name: data for name, data in llvip_files.items() if name.startswith(side)}
        make_zip(tmp_path / f"raw/part_{side}.zip", some)
    assert forms(get("llvip"), tmp_path / "raw") == forms(get("llvip"), llvip_raw)


def test_the_names_of_archives_are_folders_where_their_files_tell_no_side(save, tmp_path):
    for side, channels in (("visible", 3), ("infrared", 1)):
        folder = tmp_path / side
        files = {f"{i}.png": save(folder / f"{i}.png", i + channels, channels=channels).read_bytes() for i in range(3)}
        make_zip(tmp_path / f"raw/{side}.zip", files)
    source = Source(
        "demo", "", 0, "lwir", "driving", "", "", False, "", [Layout("visible/{id}", "infrared/{id}")], "{id}"
    )
    found = find(source, open_tree(tmp_path / "raw"))
    assert [(p.visible.path, p.infrared.path) for p in found.pairs] == [
        (f"visible/{i}.png", f"infrared/{i}.png") for i in range(3)
    ]


def test_junk_in_archives_is_counted_and_not_read(llvip_files, tmp_path):
    junk = {"__MACOSX/visible/._1.jpg": b"x", "visible/.DS_Store": b"x", "visible/train/Thumbs.db": b"x"}
    tree = open_tree(make_zip(tmp_path / "LLVIP.zip", llvip_files | junk))
    assert (tree.junk, len(tree.entries)) == (3, len(llvip_files))


def test_an_archive_that_is_not_needed_may_be_bad_and_is_told(llvip_files, llvip_raw, tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "LLVIP").symlink_to(llvip_raw, target_is_directory=True)
    (raw / "more.zip").write_bytes(b"<html>quota</html>")
    make_tar(raw / "old.tar.gz", FILES, "w:gz")
    plan = make_plan(get("llvip"), open_tree(raw))
    assert plan.samples == 9
    assert any("more.zip is no archive: an HTML page" in note for note in plan.notes)
    assert any("old.tar.gz was not read, unpack it: mkdir -p" in note for note in plan.notes)


def test_a_folder_with_nothing_but_a_compressed_tar_says_how_to_unpack_it(tmp_path):
    make_tar(tmp_path / "raw/LLVIP.tar.gz", FILES, "w:gz")
    with pytest.raises(UserError, match=r"LLVIP.tar.gz was not read, unpack it: mkdir -p .* && tar -xf"):
        find(get("llvip"), open_tree(tmp_path / "raw"))


def test_workers_get_the_places_of_their_own_files_alone(llvip_files, tmp_path):
    raw = open_tree(make_zip(tmp_path / "LLVIP.zip", llvip_files)).raw
    name = next(iter(llvip_files))
    some = raw.only([name, "not there"])
    assert set(some.members) == {name}
    assert some.read(name) == llvip_files[name]


def test_names_of_archives_that_tell_a_subset_are_folders(save, tmp_path):
    for part in ("train_ST_001", "test_ST_001"):
        files = {}
        for side, channels in (("rgb", 3), ("ir", 1)):
            picture = save(tmp_path / part / f"{side}.jpg", channels, channels=channels)
            files[f"bus_{part[1]}1/{side}/000000.jpg"] = picture.read_bytes()
        make_zip(tmp_path / f"raw/{part}.zip", files)
    plan = make_plan(get("vtuav"), open_tree(tmp_path / "raw"))
    assert [shard.subset for shard in plan.shards] == ["test", "train"]

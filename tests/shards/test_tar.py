"""Tars hold the same bytes wherever they are written, and every reader opens them."""

import hashlib
import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from shards import tar

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = [
    (f"demo-{number}.{suffix}", data * (number + 1))
    for number in range(3)
    for suffix, data in (("vis.jpg", b"\xff\xd8" + bytes(range(256))), ("ir.png", b"\x89PNG" * 7), ("json", b"{}"))
]
# Of Python's own tarfile in USTAR format, with time 0 and mode 0644; the second test compares the bytes.
GOLDEN = "cc114efce3fc69df571a9550e3a11fdb896b0dfa38e70826c918f584c5c92158"


def written(members=MEMBERS):
    stream = io.BytesIO()
    writer = tar.TarWriter(stream)
    places = [writer.add(name, data) for name, data in members]
    digest, size = writer.close()
    assert len(stream.getvalue()) == size
    return stream.getvalue(), places, digest


def of_the_standard_library(members=MEMBERS):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def test_three_samples_make_these_bytes():
    data, _, digest = written()
    assert hashlib.sha256(data).hexdigest() == digest == GOLDEN


@pytest.mark.parametrize("members", [MEMBERS, [], [("a" * 100, b""), ("b", bytes(512)), ("c", bytes(10_000))]])
def test_bytes_equal_those_of_the_standard_library(members):
    assert written(members)[0] == of_the_standard_library(members)


def test_members_lie_where_the_writer_says():
    data, places, _ = written()
    assert [data[p.offset : p.offset + p.size] for p in places] == [content for _, content in MEMBERS]
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert [(m.name, m.offset_data, m.size) for m in archive] == [(p.name, p.offset, p.size) for p in places]


def test_scanning_finds_the_members_again(tmp_path):
    data, places, _ = written()
    (tmp_path / "a.tar").write_bytes(data)
    assert list(tar.scan(tmp_path / "a.tar")) == places


def test_gnu_tar_lists_and_extracts_without_a_word(tmp_path):
    data, _, _ = written()
    (tmp_path / "a.tar").write_bytes(data)
    for words in (["-tf", "a.tar"], ["-xf", "a.tar"]):
        done = subprocess.run(["tar", *words], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stderr == ""
    assert all((tmp_path / name).read_bytes() == content for name, content in MEMBERS)


def test_bytes_do_not_depend_on_time_zone_umask_language_or_process(tmp_path):
    script = (
        "import os, sys; os.umask(int(sys.argv[1], 8)); from shards.tar import TarWriter\n"
        "with open(sys.argv[2], 'wb') as file:\n"
        "    writer = TarWriter(file)\n"
        "    [writer.add(f'k-{i}.json', b'x' * i) for i in range(3)]\n"
        "    print(writer.close()[0])"
    )
    places = [("UTC", "0o022", "C"), ("Asia/Tokyo", "0o077", "de_DE.UTF-8")]
    digests = {
        subprocess.run(
            [sys.executable, "-c", script, umask, tmp_path / f"{umask}.tar"],
            env=os.environ | {"TZ": zone, "LANG": language, "LC_ALL": language, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone, umask, language in places
    }
    assert digests == {f"{written([(f'k-{i}.json', b'x' * i) for i in range(3)])[2]}\n"}


@pytest.mark.parametrize("name", ["a" * 101, "straße.json", "夜.json"])
def test_names_that_need_an_extension_are_refused(name):
    with pytest.raises(ValueError, match=r"longer than 100 bytes|ascii"):
        tar.TarWriter(io.BytesIO()).add(name, b"")


def test_sizes_that_need_an_extension_are_refused():
    class Huge(bytes):
        def __len__(self):
            return 8**11

    with pytest.raises(ValueError, match="more than a tar header can tell"):
        tar.TarWriter(io.BytesIO()).add("a", Huge())


@pytest.mark.parametrize(
    ("cut", "words"),
    [(0, "byte 0 without an end mark"), (512, "demo-0.vis.jpg at byte 0 is cut off"), (1100, "byte 1,100 without")],
)
def test_scanning_a_cut_tar_names_the_place(tmp_path, cut, words):
    (tmp_path / "a.tar").write_bytes(written()[0][:cut])
    with pytest.raises(ValueError, match=words):
        list(tar.scan(tmp_path / "a.tar"))


@pytest.mark.parametrize("at", [0, 100, 124, 148, 156, 257, 511])
def test_a_damaged_header_is_noticed_wherever_the_bit_is(tmp_path, at):
    data = bytearray(written()[0])
    data[at] ^= 1
    (tmp_path / "a.tar").write_bytes(data)
    with pytest.raises(ValueError, match="header at byte 0 is damaged"):
        list(tar.scan(tmp_path / "a.tar"))

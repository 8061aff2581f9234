"""Verification finds every kind of damage, names the file, and says clean of a clean home."""

import io
import json
import random
import shutil

import pytest

from shards import part, schema, tar
from shards.__main__ import main
from shards.home import Home
from shards.verify import verify


def codes(home):
    return {(finding.place.split("/")[-1], finding.code) for _, found in verify(home) for finding in found}


@pytest.fixture
def folder(llvip_home):
    return llvip_home.shards / "llvip"


@pytest.fixture
def rewrite(folder):
    """`rewrite(members)`: the training tar anew, from pairs of name and data."""

    def write(change):
        path = folder / "train-00000.tar"
        data = path.read_bytes()
        members = [(m.name, data[m.offset : m.offset + m.size]) for m in tar.scan(path)]
        stream = io.BytesIO()
        writer = tar.TarWriter(stream)
        for name, content in change(members):
            writer.add(name, content)
        writer.close()
        path.write_bytes(stream.getvalue())

    return write


def test_a_clean_home_is_clean(llvip_home, capsys):
    assert main(["verify", "--home", str(llvip_home.root)]) == 0
    assert capsys.readouterr().out == "2 files checked, 0 findings\n"


def test_nothing_ingested_is_clean_too(home, capsys):
    assert main(["verify", "--home", str(home.root)]) == 0
    assert "0 files checked" in capsys.readouterr().out


@pytest.mark.parametrize("side", ["vis.jpg", "ir.jpg", "json"])
def test_a_flipped_bit_in_a_member_is_found_and_the_member_named(llvip_home, folder, side, capsys):
    path = folder / "train-00000.tar"
    member = next(m for m in tar.scan(path) if m.name.endswith(side))
    data = bytearray(path.read_bytes())
    data[member.offset + member.size // 2] ^= 4
    path.write_bytes(data)
    assert main(["verify", "--home", str(llvip_home.root)]) == 1
    out = capsys.readouterr().out
    assert f"damaged: train-00000.tar: {member.name} at byte {member.offset:,} differs from its sha256" in out
    assert "2 files checked, 1 findings" in out


@pytest.mark.parametrize(("place", "code"), [("padding", "damaged"), ("header", "damaged"), ("end", "damaged")])
def test_a_flipped_bit_between_the_members_is_found(llvip_home, folder, place, code):
    path = folder / "train-00000.tar"
    first, second, *_ = tar.scan(path)
    data = bytearray(path.read_bytes())
    data[{"padding": second.offset - tar.BLOCK - 1, "header": second.offset - 300, "end": len(data) - 1}[place]] ^= 1
    assert first.size % tar.BLOCK, "the first member has padding"
    path.write_bytes(data)
    assert codes(llvip_home) == {("train-00000.parquet", code)}


@pytest.mark.parametrize("cut", [1, 600, 20_000])
def test_a_cut_tar_is_truncated(llvip_home, folder, cut):
    path = folder / "test-00000.tar"
    path.write_bytes(path.read_bytes()[:-cut])
    assert ("test-00000.parquet", "truncated") in codes(llvip_home)


def test_missing_and_extra_members_are_found(llvip_home, rewrite, capsys):
    rewrite(lambda members: [*members[1:], ("stranger.json", b"{}")])
    main(["verify", "--home", str(llvip_home.root)])
    out = capsys.readouterr().out
    assert "missing_member: train-00000.tar lacks llvip-010000.vis.jpg" in out
    assert "extra_member: train-00000.tar holds stranger.json" in out


def test_members_in_another_order_or_twice_are_found(llvip_home, rewrite):
    rewrite(lambda members: [*members[3:], *members[:3]])
    assert codes(llvip_home) == {("train-00000.parquet", "damaged")}
    rewrite(lambda members: [*members, members[0]])
    assert ("train-00000.parquet", "damaged") in codes(llvip_home)


def test_swapped_shards_are_found(llvip_home, folder):
    (folder / "train-00000.tar").rename(folder / "x")
    (folder / "test-00000.tar").rename(folder / "train-00000.tar")
    (folder / "x").rename(folder / "test-00000.tar")
    assert {name for name, _ in codes(llvip_home)} == {"train-00000.parquet", "test-00000.parquet"}


def test_a_tar_without_its_part_and_a_part_without_its_tar_are_found(llvip_home, folder):
    (folder / "train-00000.parquet").unlink()
    (folder / "test-00000.tar").unlink()
    assert codes(llvip_home) == {("train-00000.tar", "missing_part"), ("test-00000.parquet", "missing_tar")}


def test_a_damaged_part_is_found_wherever_the_bit_is_that_changes_what_it_says(llvip_home, folder, tmp_path):
    source = folder / "train-00000.parquet"
    other = Home(tmp_path / "other")
    (other.shards / "llvip").mkdir(parents=True)
    copy = other.shards / "llvip" / source.name
    shutil.copy(source.with_suffix(".tar"), copy.with_suffix(".tar"))
    rows, mark, data = part.read_rows(source), part.read_mark(source), source.read_bytes()
    numbers, found = random.Random(0), 0
    for at in numbers.sample(range(len(data)), 250):
        flipped = bytearray(data)
        flipped[at] ^= 1 << numbers.randrange(8)
        copy.write_bytes(flipped)
        if codes(other):
            found += 1
        else:
            assert (part.read_rows(copy), part.read_mark(copy)) == (rows, mark), f"byte {at}"
    assert found > 100


def test_a_part_that_says_there_is_nothing_contradicts_a_tar(llvip_home, folder):
    path = folder / "train-00000.parquet"
    part.write(path, part.read_rows(path), part.Mark("plan", "none", 0))
    assert codes(llvip_home) == {("train-00000.parquet", "bad_part")}


def test_a_part_of_another_schema_is_told(llvip_home, folder, capsys):
    path = folder / "train-00000.parquet"
    mark = part.read_mark(path)
    part.write(path, part.read_rows(path), part.Mark(mark.plan, mark.tar_sha256, mark.tar_size, schema=0))
    assert main(["verify", "--home", str(llvip_home.root)]) == 1
    assert f"is of schema 0, not {schema.VERSION}: ingest the source again with --replace" in capsys.readouterr().out


def test_a_temporary_file_is_told_and_is_no_damage(llvip_home, folder, capsys):
    (folder / ".train-00001.tar.99999@host-0123abcd.tmp").touch()
    assert main(["verify", "--home", str(llvip_home.root)]) == 0
    assert "leftover" in capsys.readouterr().out


def test_a_damaged_layer_is_found(llvip_home, capsys):
    place = llvip_home.annotations / "captions-x" / "llvip"
    place.mkdir(parents=True)
    (place / "train-00000.parquet").write_bytes(b"PAR1 and nothing")
    assert main(["verify", "--home", str(llvip_home.root)]) == 1
    assert "annotations/captions-x/llvip/train-00000.parquet: bad_layer" in capsys.readouterr().out


def test_the_document_lists_findings_and_one_source_can_be_asked_alone(llvip_home, folder, capsys):
    (folder / "test-00000.tar").unlink()
    assert main(["verify", "llvip", "--json", "--home", str(llvip_home.root)]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["ok"], document["data"]["files"]) == (False, 2)
    assert [f["code"] for f in document["data"]["findings"]] == ["missing_tar"]
    assert main(["verify", "lvip", "--home", str(llvip_home.root)]) == 2
    assert "did you mean llvip?" in capsys.readouterr().err

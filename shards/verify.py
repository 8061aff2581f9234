"""Re-hashes every shard and holds it against its part."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shards import part, tar
from shards.hashing import sha256
from shards.home import Home


@dataclass(frozen=True)
class Finding:
    """Something that is not as the part says.

    Attributes:
        code: missing_tar, missing_part, bad_part, truncated, damaged, missing_member, extra_member, leftover.
        place: the file, relative to the home.
    """

    code: str
    place: str
    message: str


def verify(home: Home, source: str | None = None) -> Iterator[tuple[Path, list[Finding]]]:
    """Checks one shard after the other; yields each file with what is wrong with it."""
    folders = [home.shards / source] if source else sorted(p for p in home.shards.glob("*") if p.is_dir())
    for folder in folders:
        tars = set(folder.glob("*.tar"))
        for path in sorted(folder.glob("*.parquet")):
            yield path, [Finding(c, _place(home, path), m) for c, m in _check(path)]
            tars.discard(path.with_suffix(".tar"))
        for path in sorted(tars):
            yield path, [Finding("missing_part", _place(home, path), "a tar without its part: ingest did not end")]
        for path in sorted(folder.glob(".*.tmp")):
            yield path, [Finding("leftover", _place(home, path), "left by a process that was killed; may be deleted")]


def _check(path: Path) -> Iterator[tuple[str, str]]:
    mark = part.read_mark(path)
    rows = _rows(path) if mark is not None else None
    if mark is None or rows is None:
        yield "bad_part", "cannot be read: delete it and ingest the source again"
        return
    ok = [row for row in rows if row["status"] == "ok"]
    archive = path.with_suffix(".tar")
    if mark.tar_sha256 == "none":
        if ok or archive.exists():
            yield "bad_part", f"says that no sample is ok, yet {'rows' if ok else 'a tar'} say otherwise"
        return
    if not archive.is_file():
        yield "missing_tar", f"{archive.name} is gone: ingest the source again"
        return
    size = archive.stat().st_size
    if size != mark.tar_size:
        yield "truncated", f"{archive.name} has {size:,} bytes, its part says {mark.tar_size:,}"
    try:
        members = {m.name: m for m in tar.scan(archive)}
    except ValueError as error:
        yield "damaged", f"{archive.name}: {error}"
        return
    expected = {name: place for row in ok for name, place in _members(row)}
    for name in sorted(expected.keys() - members.keys()):
        yield "missing_member", f"{archive.name} lacks {name}"
    for name in sorted(members.keys() - expected.keys()):
        yield "extra_member", f"{archive.name} holds {name}, which no row names"
    if _file_sha256(archive) != mark.tar_sha256:
        yield from _damaged(archive, members, expected)


def _damaged(
    archive: Path, members: dict[str, tar.Member], expected: dict[str, tuple[int, int, str]]
) -> Iterator[tuple[str, str]]:
    """Which members differ; where none does, the damage lies between them."""
    found = False
    with open(archive, "rb") as file:
        for name in sorted(expected.keys() & members.keys()):
            offset, size, digest = expected[name]
            file.seek(offset)
            if sha256(file.read(size)) != digest:
                found = True
                yield "damaged", f"{archive.name}: {name} at byte {offset:,} differs from its sha256"
    if not found:
        yield "damaged", f"{archive.name} differs from its sha256, though every named member is whole"


def _members(row: dict[str, Any]) -> Iterator[tuple[str, tuple[int, int, str]]]:
    for side, suffix in (("vis", "vis_stored"), ("ir", "ir_stored"), ("json", "")):
        if row[f"{side}_size"]:
            name = f"{row['key']}.{side}.{row[suffix]}" if suffix else f"{row['key']}.json"
            yield name, (row[f"{side}_offset"], row[f"{side}_size"], row[f"{side}_sha256"])


def _rows(path: Path) -> list[dict[str, Any]] | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows: list[dict[str, Any]] = pq.read_table(path, page_checksum_verification=True).to_pylist()
        return rows
    except (OSError, pa.ArrowException):
        return None


def _file_sha256(path: Path) -> str:
    import hashlib

    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _place(home: Home, path: Path) -> str:
    return path.relative_to(home.root).as_posix()

"""Re-hashes every shard and holds it against its part."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shards import layer, part, schema, tar
from shards.errors import UserError
from shards.hashing import sha256
from shards.home import Home


@dataclass(frozen=True)
class Finding:
    """Something that is not as the part says.

    Attributes:
        code: missing_tar, missing_part, bad_part, truncated, damaged, missing_member, extra_member, bad_layer,
            leftover.
        place: the file, relative to the home.
    """

    code: str
    place: str
    message: str


def verify(home: Home, source: str | None = None) -> Iterator[tuple[Path, list[Finding]]]:
    """Checks one file after the other; yields each with what is wrong with it."""
    for path in files(home, source):
        if path.suffix == ".tmp":
            found = [("leftover", "a temporary file: left by a kill, unless an ingest is running")]
        elif path.is_relative_to(home.annotations):
            found = list(_check_layer(path))
        elif path.suffix == ".parquet":
            found = list(_check(path))
        else:
            found = [("missing_part", "a tar without its part: ingest did not end")]
        yield path, [Finding(code, path.relative_to(home.root).as_posix(), message) for code, message in found]


def files(home: Home, source: str | None = None) -> list[Path]:
    """What `verify` looks at: parts (each with its tar), tars without one, layers, temporary files."""
    name = source or "*"
    known = sorted([*home.shards.glob(f"{name}/*"), *home.annotations.glob(f"*/{name}/*")])
    parts = {path.with_suffix("") for path in known if path.suffix == ".parquet"}
    return [
        path
        for path in known
        if path.suffix in {".parquet", ".tmp"} or (path.suffix == ".tar" and path.with_suffix("") not in parts)
    ]


def _check_layer(path: Path) -> Iterator[tuple[str, str]]:
    try:
        layer.about(path)
    except UserError:
        yield "bad_layer", "no part of a layer: delete it and make the layer again"
        return
    if part.read_rows(path) is None:
        yield "bad_layer", "cannot be read: delete it and make the layer again"


def _check(path: Path) -> Iterator[tuple[str, str]]:
    mark = part.read_mark(path)
    if mark is not None and mark.schema != schema.VERSION:
        yield "bad_part", f"is of schema {mark.schema}, not {schema.VERSION}: ingest the source again with --replace"
        return
    rows = part.read_rows(path) if mark is not None else None
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
        code = "truncated" if size < mark.tar_size else "damaged"
        yield code, f"{archive.name} has {size:,} bytes, its part says {mark.tar_size:,}"
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


def _file_sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""A shard's part: the parquet file beside the tar, one row per sample, written last. Without it no shard exists."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shards import schema
from shards.atomic import replacing
from shards.home import Home

_PREFIX = b"ir500k."


@dataclass(frozen=True)
class Mark:
    """What a part vouches for.

    Attributes:
        plan: id of the plan whose shard this is.
        tar_sha256: digest of the tar, or `none` where no row is ok and no tar was written.
        tar_size: bytes.
    """

    plan: str
    tar_sha256: str
    tar_size: int
    schema: int = schema.VERSION


def write(path: Path, rows: Sequence[Mapping[str, Any]], mark: Mark) -> None:
    """Writes a part atomically; equal rows and mark make equal bytes.

    Raises:
        pyarrow.ArrowInvalid: a row lacks a column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    metadata = {_PREFIX + name.encode(): str(value).encode() for name, value in vars(mark).items()}
    table = pa.Table.from_pylist(list(rows), schema=schema.arrow().with_metadata(metadata))
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", write_page_checksum=True)


def read_mark(path: Path) -> Mark | None:
    """The mark of a part, of whatever schema version, or None where the file is not a whole part."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = pq.read_schema(path)
        known = {k.removeprefix(_PREFIX): v.decode() for k, v in found.metadata.items() if k.startswith(_PREFIX)}
        mark = Mark(known[b"plan"], known[b"tar_sha256"], int(known[b"tar_size"]), int(known[b"schema"]))
    except (OSError, pa.ArrowException, AttributeError, KeyError, ValueError):
        return None
    return mark if mark.schema != schema.VERSION or found.equals(schema.arrow()) else None


def read_rows(path: Path) -> list[dict[str, Any]] | None:
    """The rows of a part, or None where the file is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows: list[dict[str, Any]] = pq.read_table(path, page_checksum_verification=True).to_pylist()
    except (OSError, pa.ArrowException, UnicodeDecodeError):
        return None
    return rows


def is_done(path: Path, plan: str | None = None) -> bool:
    """True where the part is whole, its tar has the recorded size, and (where asked) it is of this plan."""
    mark = read_mark(path)
    if mark is None or mark.schema != schema.VERSION or (plan is not None and mark.plan != plan):
        return False
    if mark.tar_sha256 == "none":
        return True
    tar = path.with_suffix(".tar")
    return tar.is_file() and tar.stat().st_size == mark.tar_size


def parts(home: Home, source: str | None = None) -> Iterator[Path]:
    """Every part under a home, sorted by path."""
    yield from sorted(home.shards.glob(f"{source or '*'}/*.parquet"))

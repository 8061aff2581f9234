"""A dataset as it lies in a home: written whole, found again by its fingerprint, held against what is ingested now."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shards.atomic import replacing, write_text
from shards.console import say
from shards.errors import UserError, unknown
from shards.home import Home
from shards.manifest import Manifest
from splits.definition import Definition

_CONTENT = """
select key, vis_sha256, ir_sha256, vis_pixels, ir_pixels, vis_passed, ir_passed
from samples where status = 'ok' and key in (select unnest($1))
"""


@dataclass(frozen=True)
class Pinned:
    """A built dataset as it lies in a home.

    Attributes:
        fingerprint: of the whole; the file's name.
        subsets: fingerprint by subset.
        counts: samples by subset.
        partial: images of its lists were missing when it was built.
        definition: digest of the definition it was built from.
    """

    name: str
    path: Path
    fingerprint: str
    subsets: Mapping[str, str]
    counts: Mapping[str, int]
    partial: bool
    definition: str

    def members(self, subset: str) -> dict[str, str]:
        """Group by key, in key order.

        Raises:
            UserError: no such subset, or the file is damaged.
        """
        import pyarrow.parquet as pq

        if subset not in self.subsets:
            raise unknown(f"subset of {self.name}", subset, self.subsets)
        with _whole(self.name, self.path):
            rows = pq.read_table(self.path, filters=[("subset", "=", subset)])
        return dict(zip(rows["key"].to_pylist(), rows["group"].to_pylist(), strict=True))


def pinned(definition: Definition, home: Home, fingerprint: str = "") -> Pinned | None:
    """A build that exists: the current one, or the one whose fingerprint begins so.

    Raises:
        UserError: no such build, or its file is damaged.
    """
    folder = home.splits / definition.name
    if fingerprint:
        known = sorted(folder.glob("*.parquet"))
        found = [path for path in known if path.stem.startswith(fingerprint)]
        if len(found) != 1:
            raise unknown(f"build of {definition.name}", fingerprint, [path.stem[:8] for path in known])
        return _read(definition.name, found[0])
    current = folder / "current"
    path = folder / f"{current.read_text().strip()}.parquet" if current.is_file() else None
    return _read(definition.name, path) if path is not None and path.is_file() else None


def forget_damaged(definition: Definition, home: Home) -> None:
    """Removes the current build where it cannot be read, so that another takes its place."""
    try:
        built = pinned(definition, home)
        if built is not None:
            for subset in built.counts:
                built.members(subset)
    except UserError as error:
        say(f"{error.problem}: it is built anew, and nothing is known of the sides that it had")
        (home.splits / definition.name / "current").unlink()


def pin(
    definition: Definition,
    home: Home,
    manifest: Manifest,
    groups: Mapping[str, str],
    chosen: Mapping[str, str],
    *,
    partial: bool,
) -> Pinned:
    """Writes a build whole, and makes it the current one.

    Args:
        definition: what it is of.
        home: where it goes.
        manifest: tells the images' contents.
        groups: group by key, in key order.
        chosen: subset by key; samples without one are left out.
        partial: images of its lists are missing.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    lines: dict[str, list[str]] = defaultdict(list)
    for row in manifest.stream(_CONTENT, [list(chosen)]):
        lines[chosen[row["key"]]].append(_line(row))
    subsets = {subset: _digest(lines[subset]) for subset in sorted(lines)}
    whole = hashlib.sha256("".join(f"{s}\t{f}\n" for s, f in subsets.items()).encode()).hexdigest()
    about = {
        "subsets": subsets,
        "counts": {subset: len(lines[subset]) for subset in subsets},
        "partial": partial,
        "definition": definition.digest,
    }
    taken = [(key, chosen[key], group) for key, group in groups.items() if key in chosen]
    columns = dict(zip(("key", "subset", "group"), zip(*taken, strict=True), strict=True))
    table = pa.table({name: pa.array(column, pa.string()) for name, column in columns.items()})
    table = table.replace_schema_metadata({"ir500k.dataset": json.dumps(about, sort_keys=True)})
    folder = home.splits / definition.name
    path = folder / f"{whole}.parquet"
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
    write_text(folder / "current", whole + "\n")
    return _read(definition.name, path)


def require_unchanged(built: Pinned, manifest: Manifest, subset: str) -> None:
    """Nothing, where the images of a subset are still those that were pinned.

    Raises:
        UserError: they are not, or there is no such subset.
    """
    keys = [*built.members(subset)]
    if fingerprint(manifest.stream(_CONTENT, [keys])) != built.subsets[subset]:
        raise UserError(
            f"{built.name} {subset}: the images are no longer those that were pinned as @{built.fingerprint[:8]}",
            f"`python -m splits build {built.name}` pins them anew",
        )


def fingerprint(rows: Iterable[Mapping[str, Any]]) -> str:
    """sha256 of the sorted lines `key TAB visible TAB infrared`: digests of bytes passed through, else of pixels."""
    return _digest(map(_line, rows))


def _line(row: Mapping[str, Any]) -> str:
    content = (row[f"{side}_sha256"] if row[f"{side}_passed"] else row[f"{side}_pixels"] for side in ("vis", "ir"))
    return "\t".join((row["key"], *content)) + "\n"


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def _read(name: str, path: Path) -> Pinned:
    import pyarrow.parquet as pq

    with _whole(name, path):
        about = json.loads(pq.read_schema(path).metadata[b"ir500k.dataset"])
        return Pinned(name, path, path.stem, about["subsets"], about["counts"], about["partial"], about["definition"])


@contextmanager
def _whole(name: str, path: Path) -> Iterator[None]:
    """Whatever a damaged file does to its reader is one line.

    Raises:
        UserError: the file is damaged.
    """
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, PermissionError):
            raise
        raise UserError(f"{path} is damaged", f"`python -m splits build {name}` makes it anew") from None

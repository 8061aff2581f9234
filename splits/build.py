"""Builds a dataset from what is ingested, and pins it."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shards.atomic import replacing, write_text
from shards.errors import UserError, unknown
from shards.home import Home
from shards.manifest import Manifest
from splits import ids
from splits.definition import Definition
from splits.fill import fill_groups, fill_samples

CONTENT = ("key", "vis_sha256", "ir_sha256", "vis_pixels", "ir_pixels", "vis_passed", "ir_passed")
"""Columns of a part that tell the images apart."""

_ROWS = f"""
select {", ".join(CONTENT)}, subset, source || '/' || scene as "group"
from samples where status = 'ok' and list_contains($1, source) order by key
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
            UserError: no such subset.
        """
        import pyarrow.parquet as pq

        if subset not in self.subsets:
            raise unknown(f"subset of {self.name}", subset, self.subsets)
        rows = pq.read_table(self.path, filters=[("subset", "=", subset)])
        return dict(zip(rows["key"].to_pylist(), rows["group"].to_pylist(), strict=True))


def build(definition: Definition, home: Home, manifest: Manifest, *, partial: bool = False) -> Pinned:
    """Resolves a definition against the manifest and pins the result.

    Raises:
        UserError: a source is not ingested; images are missing (unless `partial`); a subset is empty.
    """
    require_sources(definition, home, manifest)
    rows = {row["key"]: row for row in manifest.stream(_ROWS, [list(definition.sources)])}
    if not rows:
        raise UserError(f"{definition.name} would be empty", "`python -m shards stats` shows what is ingested")
    chosen = _assign(definition, rows, partial)
    counts = Counter(chosen.values())
    lacking = {s: n for s, n in _expected(definition).items() if counts[s] != n}
    if lacking and not partial:
        subset, wanted = next(iter(lacking.items()))
        raise UserError(
            f"{definition.name} has {counts[subset]:,} samples in {subset!r}, {wanted:,} belong there",
            "ingest the whole source, or build with --partial (results are then marked partial)",
        )
    return _pin(definition, home, rows, chosen, partial=bool(lacking))


def require_sources(definition: Definition, home: Home, manifest: Manifest) -> None:
    """Nothing, where all sources of a dataset are there.

    Raises:
        UserError: one is not ingested.
    """
    there = set(manifest.sources())
    for source in definition.sources:
        if source not in there:
            raise UserError(
                f"{definition.name} needs source {source}, which is not ingested in {home.root}",
                f"`python -m ingest {source} RAW`",
            )


def require_unchanged(built: Pinned, manifest: Manifest, subset: str) -> None:
    """Nothing, where the images of a subset are still those that were pinned.

    Raises:
        UserError: they are not, or there is no such subset.
    """
    keys = [*built.members(subset)]
    rows = manifest.stream(
        f"select {', '.join(CONTENT)} from samples where status = 'ok' and key in (select unnest($1))", [keys]
    )
    if fingerprint(rows) != built.subsets[subset]:
        raise UserError(
            f"{built.name} {subset}: the images are no longer those that were pinned as @{built.fingerprint[:8]}",
            f"`python -m splits build {built.name}` pins them anew",
        )


def pinned(definition: Definition, home: Home, fingerprint: str = "") -> Pinned | None:
    """A build that exists: the current one, or the one whose fingerprint begins so."""
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


def fingerprint(rows: Iterable[Mapping[str, Any]]) -> str:
    """sha256 of the sorted lines `key TAB visible TAB infrared`: digests of bytes passed through, else of pixels."""
    lines = sorted(f"{row['key']}\t{_content(row, 'vis')}\t{_content(row, 'ir')}\n" for row in rows)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _content(row: Mapping[str, Any], side: str) -> str:
    return str(row[f"{side}_sha256"] if row[f"{side}_passed"] else row[f"{side}_pixels"])


def _assign(definition: Definition, rows: Mapping[str, Mapping[str, Any]], partial: bool) -> dict[str, str]:
    if definition.by == "official":
        return {key: row["subset"] for key, row in rows.items()}
    if definition.by == "group":
        sizes = Counter(row["group"] for row in rows.values())
        subset = fill_groups(sizes, definition.fractions, definition.seed)
        return {key: subset[row["group"]] for key, row in rows.items()}
    if definition.by == "random":
        return fill_samples(rows, definition.fractions, definition.seed)
    return _from_lists(definition, rows, partial)


def _expected(definition: Definition) -> Mapping[str, int]:
    """Samples by subset where nothing is missing, as far as that is known."""
    listed = {subset: len(ids.load(name, definition.folder)) for subset, name in definition.lists.items()}
    return listed | dict(definition.expect)


def _from_lists(definition: Definition, rows: Mapping[str, Any], partial: bool) -> dict[str, str]:
    from shards.sample import make_key  # brings the image decoders, which `--help` must not wait for

    chosen: dict[str, str] = {}
    absent: list[str] = []
    for subset, name in definition.lists.items():
        for item in ids.load(name, definition.folder):
            found = [k for s in definition.sources if (k := make_key(s, item)) in rows]
            if not found:
                absent.append(item)
            elif found[0] in chosen:
                raise UserError(
                    f"{definition.name}: {item} stands in {chosen[found[0]]!r} and in {subset!r}",
                    "remove it from one list",
                )
            else:
                chosen[found[0]] = subset
    if absent and not partial:
        raise UserError(
            f"{definition.name}: {len(absent):,} of its listed images are not ingested ({', '.join(absent[:5])}, ...)",
            f"`python -m ingest {definition.sources[0]} RAW` with the whole download, or --partial",
        )
    return chosen


def _pin(
    definition: Definition, home: Home, rows: Mapping[str, Any], chosen: Mapping[str, str], *, partial: bool
) -> Pinned:
    import pyarrow as pa
    import pyarrow.parquet as pq

    subsets = {
        subset: fingerprint(rows[key] for key, s in chosen.items() if s == subset)
        for subset in sorted(set(chosen.values()))
    }
    whole = hashlib.sha256("".join(f"{s}\t{f}\n" for s, f in subsets.items()).encode()).hexdigest()
    keys = sorted(chosen)
    about = {
        "subsets": subsets,
        "counts": dict(sorted(Counter(chosen.values()).items())),
        "partial": partial,
        "definition": definition.digest,
    }
    table = pa.table(
        {"key": keys, "subset": [chosen[k] for k in keys], "group": [rows[k]["group"] for k in keys]}
    ).replace_schema_metadata({"ir500k.dataset": json.dumps(about, sort_keys=True)})
    folder = home.splits / definition.name
    path = folder / f"{whole}.parquet"
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
    write_text(folder / "current", whole + "\n")
    return _read(definition.name, path)


def _read(name: str, path: Path) -> Pinned:
    import pyarrow.parquet as pq

    about = json.loads(pq.read_schema(path).metadata[b"ir500k.dataset"])
    return Pinned(name, path, path.stem, about["subsets"], about["counts"], about["partial"], about["definition"])

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
from shards.sample import make_key
from splits import ids
from splits.definition import Definition
from splits.fill import fill_groups, fill_samples

_ROWS = """
select key, subset, source || '/' || scene as "group",
       vis_sha256, ir_sha256, vis_pixels, ir_pixels, vis_passed, ir_passed
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
        UserError: a source is not ingested; images of a list are missing (unless `partial`); a subset is empty.
    """
    missing = [s for s in definition.sources if s not in manifest.sources()]
    if missing:
        raise UserError(
            f"{definition.name} needs source {missing[0]}, which is not ingested in {home.root}",
            f"`python -m ingest {missing[0]} RAW`",
        )
    rows = {row["key"]: row for row in manifest.rows(_ROWS, [list(definition.sources)])}
    chosen = _assign(definition, rows, partial)
    counts = Counter(chosen.values())
    lacking = {s: n for s, n in definition.expect.items() if counts.get(s, 0) != n}
    if lacking and not partial:
        subset, wanted = next(iter(lacking.items()))
        raise UserError(
            f"{definition.name} has {counts.get(subset, 0):,} samples in {subset!r}, {wanted:,} belong there",
            "ingest the whole source, or build with --partial (results are then marked partial)",
        )
    if not counts:
        raise UserError(f"{definition.name} would be empty", "`python -m shards stats` shows what is ingested")
    return _pin(definition, home, rows, chosen, partial=bool(lacking))


def pinned(definition: Definition, home: Home, fingerprint: str = "") -> Pinned | None:
    """A build that exists: the current one, or the one whose fingerprint begins so."""
    folder = home.splits / definition.name
    if fingerprint:
        found = sorted(folder.glob(f"{fingerprint}*.parquet"))
        if len(found) != 1:
            known = [p.stem[:8] for p in sorted(folder.glob("*.parquet"))]
            raise unknown(f"build of {definition.name}", fingerprint, known)
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
        return fill_samples(list(rows), definition.fractions, definition.seed)
    return _from_lists(definition, rows, partial)


def _from_lists(definition: Definition, rows: Mapping[str, Any], partial: bool) -> dict[str, str]:
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

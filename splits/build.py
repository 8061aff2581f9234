"""Builds a dataset from what is ingested, and pins it."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shards.atomic import replacing, write_text
from shards.console import say
from shards.errors import UserError, unknown
from shards.home import Home
from shards.manifest import Manifest
from splits.assign import Rows, assign, without
from splits.definition import Definition, get

if TYPE_CHECKING:
    from splits.groups import Groups

CONTENT = ("key", "vis_sha256", "ir_sha256", "vis_pixels", "ir_pixels", "vis_passed", "ir_passed")
"""Columns of a part that tell the images apart."""

_ROWS = """
select key, subset, source || '/' || scene as scene
from samples where status = 'ok' and list_contains($1, source) order by key
"""
_CONTENT = f"select {', '.join(CONTENT)} from samples where status = 'ok' and key in (select unnest($1))"


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

    Where the same definition was built before, groups stay on the side where their samples were.

    Raises:
        UserError: a source is not ingested; images are missing (unless `partial`); a subset is empty.
    """
    absent = require_sources(definition, home, manifest, partial=partial)
    table = manifest.table(_ROWS, [list(definition.sources)])
    rows = Rows(*(table[column].to_pylist() for column in ("key", "subset", "scene")))
    if not rows.keys:
        raise UserError(f"{definition.name} would be empty", "`python -m shards stats` shows what is ingested")
    connected = _connect(definition, home, manifest) if definition.by == "group" or definition.minus else None
    if connected is not None:
        group_of = dict(zip(connected.keys, connected.names, strict=True))
        rows = Rows(rows.keys, rows.subsets, [group_of[key] for key in rows.keys])
    chosen = _assign(definition, rows, home, connected, partial)
    if connected is not None and definition.minus:
        chosen = without(chosen, definition, group_of, home)
    counts = _counts(definition, chosen)
    lacking = {s: n for s, n in _expected(definition).items() if counts[s] != n}
    if lacking and not partial:
        subset, wanted = next(iter(lacking.items()))
        unit = "sequences" if definition.by == "sequence" else "samples"
        raise UserError(
            f"{definition.name} has {counts[subset]:,} {unit} in {subset!r}, {wanted:,} belong there",
            "ingest the whole source, or build with --partial (results are then marked partial)",
        )
    for subset in sorted(s for s in lacking if not counts[s]):
        say(f"{definition.name}: none of the images of {subset!r} is ingested")
    built = _pin(definition, home, manifest, rows, chosen, partial=bool(lacking or absent))
    if connected is not None:
        connected.edges.write(built.path.parent / "edges" / built.path.name, connected.keys)
    return built


def require_sources(definition: Definition, home: Home, manifest: Manifest, *, partial: bool = False) -> Sequence[str]:
    """The sources of a dataset that are not ingested: none, or with `partial` not all.

    Raises:
        UserError: one is not ingested.
    """
    there = set(manifest.sources())
    absent = [source for source in definition.sources if source not in there]
    if absent and not (partial and len(absent) < len(definition.sources)):
        if any((home.shards / absent[0]).glob("*.parquet")):  # parts that no manifest takes
            raise UserError(
                f"{definition.name} needs source {absent[0]}, which was ingested by another version of this suite",
                f"`python -m ingest {absent[0]} RAW --replace`",
            )
        raise UserError(
            f"{definition.name} needs source {absent[0]}, which is not ingested in {home.root}",
            f"`python -m ingest {absent[0]} RAW`",
        )
    return absent


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
    return _digest(map(_line, rows))


def _line(row: Mapping[str, Any]) -> str:
    content = (row[f"{side}_sha256"] if row[f"{side}_passed"] else row[f"{side}_pixels"] for side in ("vis", "ir"))
    return "\t".join((row["key"], *content)) + "\n"


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def _connect(definition: Definition, home: Home, manifest: Manifest) -> "Groups":
    """The groups of a dataset's samples, and of those that it avoids, as far as they are ingested."""
    from splits.groups import connect
    from splits.samples import InShards, of_sources

    avoided = {source for spec in definition.minus for source in get(spec.partition(":")[0]).sources}
    return connect(of_sources(manifest, sorted({*definition.sources, *avoided})), InShards(home, manifest))


def _assign(
    definition: Definition, rows: Rows, home: Home, connected: "Groups | None", partial: bool
) -> dict[str, str]:
    last = pinned(definition, home)
    before: dict[str, str] = {}
    if definition.by == "group" and last is not None and last.definition == definition.digest:
        before = {key: subset for subset in last.counts for key in last.members(subset)}
    try:
        return assign(definition, rows, before, partial=partial)
    except UserError as error:
        if connected is None:
            raise
        largest = Counter(rows.groups).most_common(1)[0][0]
        raise UserError(f"{error.problem}; {connected.held_by(largest)}", error.remedy) from None


def _counts(definition: Definition, chosen: Mapping[str, str]) -> Counter[str]:
    """Samples by subset; sequences where those are what lists name."""
    if definition.by != "sequence":
        return Counter(chosen.values())
    from splits.names import place

    sequences = {(where.sequence, subset) for key, subset in chosen.items() if (where := place(key)) is not None}
    return Counter(subset for _, subset in sequences)


def _expected(definition: Definition) -> Mapping[str, int]:
    """Samples by subset where nothing is missing, as far as that is known."""
    if definition.minus or definition.by in {"group", "random"}:
        return definition.expect
    return {subset: len(listed) for subset, listed in definition.listed.items()} | dict(definition.expect)


def _pin(
    definition: Definition,
    home: Home,
    manifest: Manifest,
    rows: Rows,
    chosen: Mapping[str, str],
    *,
    partial: bool,
) -> Pinned:
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
    taken = [(key, chosen[key], group) for key, group in zip(rows.keys, rows.groups, strict=True) if key in chosen]
    columns = dict(zip(("key", "subset", "group"), zip(*taken, strict=True), strict=True))
    table = pa.table({name: pa.array(column, pa.string()) for name, column in columns.items()})
    table = table.replace_schema_metadata({"ir500k.dataset": json.dumps(about, sort_keys=True)})
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

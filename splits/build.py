"""Builds a dataset from what is ingested, and pins it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from shards.console import say
from shards.errors import UserError
from shards.home import Home
from shards.manifest import Manifest
from splits.assign import Rows, assign, without
from splits.definition import Definition, get
from splits.pinned import Pinned, pin, pinned

if TYPE_CHECKING:
    from splits.groups import Groups

_ROWS = """
select key, subset, source || '/' || scene as scene
from samples where status = 'ok' and list_contains($1, source) order by key
"""


def build(definition: Definition, home: Home, manifest: Manifest, *, partial: bool = False) -> Pinned:
    """Resolves a definition against the manifest and pins the result.

    Where the same definition was built before, groups stay on the side where their samples were, and so do samples that
    were drawn singly, unless that build was partial.

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
    if definition.by == "group":
        _tell_misses(definition, chosen)
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
    groups = dict(zip(rows.keys, rows.groups, strict=True))
    every = definition.listed.get("all", ())
    if definition.by in {"group", "random"} and len(rows.keys) < len(every):
        say(f"{definition.name}: {len(rows.keys):,} of its {len(every):,} published images are ingested")
    built = pin(definition, home, manifest, groups, chosen, partial=bool(lacking or absent))
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


def _connect(definition: Definition, home: Home, manifest: Manifest) -> "Groups":
    """The groups of a dataset's samples, and of those that it avoids, as far as they are ingested."""
    from splits.embeddings import read
    from splits.groups import connect
    from splits.samples import InShards, of_sources

    avoided = {source for spec in definition.minus for source in get(spec.partition(":")[0]).sources}
    samples = of_sources(manifest, sorted({*definition.sources, *avoided}))
    if definition.embeddings:
        samples = replace(samples, vectors=read(home, definition.embeddings, samples.keys))
    return connect(samples, InShards(home, manifest))


def _assign(
    definition: Definition, rows: Rows, home: Home, connected: "Groups | None", partial: bool
) -> dict[str, str]:
    last = pinned(definition, home)
    before: dict[str, str] = {}
    if last is not None and last.definition == definition.digest and (definition.by == "group" or not last.partial):
        before = {key: subset for subset in last.counts for key in last.members(subset)}
    try:
        return assign(definition, rows, before, partial=partial)
    except UserError as error:
        if connected is None:
            raise
        largest = Counter(rows.groups).most_common(1)[0][0]
        raise UserError(f"{error.problem}; {connected.held_by(largest)}", error.remedy) from None


def _tell_misses(definition: Definition, chosen: Mapping[str, str]) -> None:
    """Says which subsets do not get their share, as no group is cut."""
    from splits.fill import NEAR

    counts, total = Counter(chosen.values()), len(chosen)
    missed = [
        f"{subset} {counts[subset] / total:.1%} where {share:.1%} is asked"
        for subset, share in sorted(definition.fractions.items())
        if abs(counts[subset] / total - share) > NEAR
    ]
    if missed:
        say(f"{definition.name}: whole groups give {', '.join(missed)}")


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

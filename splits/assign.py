"""Which subset each sample goes to, by every way that a definition can split."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shards.console import say
from shards.errors import UserError
from shards.home import Home
from splits.definition import Definition


@dataclass(frozen=True)
class Rows:
    """The ingested samples of a dataset's sources, as columns.

    Attributes:
        subsets: the publisher's.
        groups: what must stay together; `SOURCE/SCENE` where groups are not searched for.
    """

    keys: Sequence[str]
    subsets: Sequence[str]
    groups: Sequence[str]


def assign(definition: Definition, rows: Rows, before: Mapping[str, str], *, partial: bool) -> dict[str, str]:
    """The subset of each sample that the dataset holds.

    Args:
        definition: how to split.
        rows: what there is.
        before: subset by key in the last build of this definition, which groups and single samples keep to.
        partial: images of a list may be missing.

    Raises:
        UserError: images of a list are missing, or a subset stays empty.
    """
    if definition.by == "official":
        return dict(zip(rows.keys, rows.subsets, strict=True))
    if definition.by == "group":
        return _by_groups(definition, rows, before)
    if definition.by == "random":
        from splits.fill import fill_samples  # NumPy takes a tenth of a second, which --help would wait for

        return fill_samples(rows.keys, definition.fractions, definition.seed, before)
    if definition.by == "sequence":
        return _by_sequences(definition, rows, partial)
    return _by_lists(definition, rows, partial)


def without(chosen: Mapping[str, str], definition: Definition, groups: Mapping[str, str], home: Home) -> dict[str, str]:
    """What remains when every group is left out that touches an image which the definition avoids.

    Args:
        chosen: subset by key.
        definition: its `minus` says what to avoid.
        groups: group by key, of the dataset's samples and of those that are avoided, as far as they are ingested.
        home: where avoided datasets are built that have no published lists.
    """
    from splits.contamination import touched
    from splits.listing import APART, listing

    avoided = [key for spec in definition.minus for key in listing(spec, home, among=groups).keys]
    hit = {groups[key] for key in touched(groups, avoided, APART)}
    return {key: subset for key, subset in chosen.items() if groups[key] not in hit}


def _by_groups(definition: Definition, rows: Rows, before: Mapping[str, str]) -> dict[str, str]:
    sizes = Counter(rows.groups)
    scenarios: dict[str, Counter[str]] | None = None
    if definition.balance:
        pattern = re.compile(definition.balance)
        scenarios = defaultdict(Counter)
        for key, group in zip(rows.keys, rows.groups, strict=True):
            scenarios[group][_scenario(pattern, key)] += 1
    kept = _kept(rows, before)
    from splits.fill import fill_groups

    subsets = fill_groups(sizes, definition.fractions, definition.seed, scenarios=scenarios, kept=kept)
    return {key: subsets[group] for key, group in zip(rows.keys, rows.groups, strict=True)}


def _scenario(pattern: re.Pattern[str], key: str) -> str:
    found = pattern.search(key)
    return next(iter(found.groups() or (found[0],))) or "" if found else ""


def _kept(rows: Rows, before: Mapping[str, str]) -> dict[str, str]:
    """The subset of the groups of which samples were in the last build: where most of them were."""
    sides: dict[str, Counter[str]] = defaultdict(Counter)
    for key, group in zip(rows.keys, rows.groups, strict=True):
        if key in before:
            sides[group][before[key]] += 1
    torn = sorted(group for group, counts in sides.items() if len(counts) > 1)
    if torn:
        say(f"{len(torn)} groups have grown together across sides since the last build, and go where most of each was")
    return {group: max(counts, key=lambda subset: (counts[subset], subset)) for group, counts in sides.items()}


def _by_sequences(definition: Definition, rows: Rows, partial: bool) -> dict[str, str]:
    """By the sequence that a name tells; else by the declared scene, which for a video is its sequence."""
    from splits.listing import folded
    from splits.names import place

    sides = {folded(name): subset for subset, listed in definition.listed.items() for name in listed}
    chosen: dict[str, str] = {}
    untold: list[str] = []
    strangers: Counter[str] = Counter()
    for key, group in zip(rows.keys, rows.groups, strict=True):
        where = place(key)
        declared = "" if definition.minus else folded(group.partition("/")[2])  # minus joins scenes to groups
        sequence = declared if where is None else where.sequence
        if not sequence:
            untold.append(key)
            continue
        strangers[sequence] += where is None and sequence not in sides
        chosen[key] = sides.get(sequence, definition.rest)
    if untold and not partial:
        raise UserError(
            f"{definition.name}: {len(untold):,} samples tell no sequence ({untold[0]}, ...)",
            "split by group instead, or leave them out with --partial",
        )
    if untold:
        say(f"{definition.name}: {len(untold):,} samples are left out, they tell no sequence ({untold[0]}, ...)")
    if not chosen:
        raise UserError(f"{definition.name} would be empty", "split by group instead")
    strangers = +strangers
    if strangers:
        say(
            f"{definition.name}: {strangers.total():,} samples go to {definition.rest!r}: their sequences, such as "
            f"{min(strangers)}, have no published name"
        )
    return chosen


def _by_lists(definition: Definition, rows: Rows, partial: bool) -> dict[str, str]:
    from splits.listing import finder
    from splits.names import key_of

    find = finder(rows.keys)
    chosen: dict[str, str] = {}
    absent: list[str] = []
    for subset, listed in definition.listed.items():
        for item in listed:
            found = [key for source in definition.sources if (key := find(key_of(source, item))) is not None]
            if found:
                chosen[found[0]] = subset
            else:
                absent.append(item)
    if absent and not partial:
        raise UserError(
            f"{definition.name}: {len(absent):,} of its listed images are not ingested ({', '.join(absent[:5])}, ...)",
            f"`python -m ingest {definition.sources[0]} RAW` with the whole download, or --partial",
        )
    return chosen

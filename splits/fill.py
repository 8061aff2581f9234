"""Puts whole groups, or single samples, into subsets of given shares."""

import hashlib
from collections.abc import Mapping

from shards.errors import UserError


def fill_groups(sizes: Mapping[str, int], fractions: Mapping[str, float], seed: int) -> dict[str, str]:
    """The subset of each group, largest first, each into the subset that lacks most.

    Deterministic: equal sizes are ordered by a hash of (seed, group), never by the order in which they come.

    >>> fill_groups({"a": 6, "b": 2, "c": 2}, {"train": 0.8, "test": 0.2}, seed=0)["a"]
    'train'

    Args:
        sizes: samples by group.
        fractions: share of all samples by subset.
        seed: another seed is another split.

    Raises:
        UserError: a subset would stay empty.
    """
    total = sum(sizes.values())
    lacking = {subset: share * total for subset, share in fractions.items()}
    chosen: dict[str, str] = {}
    for group in sorted(sizes, key=lambda g: (-sizes[g], _shuffled(seed, g))):
        subset = max(lacking, key=lambda s: (lacking[s], s))
        chosen[group] = subset
        lacking[subset] -= sizes[group]
    empty = [s for s in fractions if s not in chosen.values()]
    if empty:
        largest = max(sizes, key=lambda g: sizes[g])
        raise UserError(
            f"subset {empty[0]!r} stays empty: of {len(sizes)} groups {largest} alone holds {sizes[largest]} of {total}",
            "a group cannot be cut; choose other fractions or more data",
        )
    return chosen


def fill_samples(keys: list[str], fractions: Mapping[str, float], seed: int) -> dict[str, str]:
    """The subset of each sample, drawn without regard to neighbours; sizes are rounded, the last takes the rest."""
    order = sorted(keys, key=lambda key: _shuffled(seed, key))
    chosen: dict[str, str] = {}
    at, reached = 0, 0.0
    for subset, share in fractions.items():
        reached += share
        end = round(reached * len(order))
        chosen |= dict.fromkeys(order[at:end], subset)
        at = end
    return chosen


def _shuffled(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed}|{name}".encode()).hexdigest()

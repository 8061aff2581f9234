"""Puts whole groups, or single samples, into subsets of given shares."""

import hashlib
from collections.abc import Iterable, Mapping

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
        sizeable = sorted(sizes.items(), key=lambda item: -item[1])[:1]
        largest = "".join(f", the largest, {group}, with {size}" for group, size in sizeable)
        raise UserError(
            f"subset {empty[0]!r} stays empty: {total} samples lie in {len(sizes)} groups{largest}",
            "a group cannot be cut; choose other fractions or more data",
        )
    return chosen


def fill_samples(keys: Iterable[str], fractions: Mapping[str, float], seed: int) -> dict[str, str]:
    """The subset of each sample, drawn without regard to neighbours; sizes are rounded, the last takes the rest.

    Deterministic: neither the order of the keys nor that of the fractions matters.

    Raises:
        UserError: a subset would stay empty.
    """
    order = sorted(keys, key=lambda key: _shuffled(seed, key))
    subsets = sorted(fractions)
    ends = [round(len(order) * sum(fractions[s] for s in subsets[: i + 1])) for i in range(len(subsets) - 1)]
    chosen: dict[str, str] = {}
    for subset, begin, end in zip(subsets, [0, *ends], [*ends, len(order)], strict=True):
        if begin == end:
            raise UserError(
                f"subset {subset!r} stays empty: {len(order)} samples", "choose other fractions or more data"
            )
        chosen |= dict.fromkeys(order[begin:end], subset)
    return chosen


def _shuffled(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed}|{name}".encode()).hexdigest()

"""Puts whole groups, or single samples, into subsets of given shares."""

import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from shards.errors import UserError

_EXCHANGED = 300  # smallest groups among which exchanges are tried; more come out even without


def fill_groups(
    sizes: Mapping[str, int],
    fractions: Mapping[str, float],
    seed: int,
    *,
    scenarios: Mapping[str, Mapping[str, int]] | None = None,
    kept: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The subset of each group: largest first, each to where it is most lacking; then small ones are exchanged.

    Deterministic: equal sizes are ordered by a hash of (seed, group), never by the order in which they come.

    >>> fill_groups({"a": 6, "b": 2, "c": 2}, {"train": 0.8, "test": 0.2}, seed=0)["a"]
    'train'

    Args:
        sizes: samples by group.
        fractions: share of all samples by subset.
        seed: another seed is another split.
        scenarios: samples by scenario and group; each subset gets its share of each scenario, as far as whole groups
            allow. Default: one scenario.
        kept: groups whose subset is settled.

    Raises:
        UserError: a subset would stay empty.
    """
    subsets = sorted(fractions)
    groups = sorted(sizes, key=lambda group: (-sizes[group], _shuffled(seed, group)))
    counts = _counts(groups, sizes, scenarios)
    wanted = np.outer([fractions[subset] for subset in subsets], counts.sum(axis=0))  # S x L samples
    lacking, weight = wanted.copy(), 1 / np.maximum(wanted, 1)
    settled = {row: subsets.index(kept[group]) for row, group in enumerate(groups) if kept and group in kept}
    chosen = np.full(len(groups), -1)
    for row in [*settled, *(row for row in range(len(groups)) if row not in settled)]:
        # Where the sum of lacking^2 / wanted falls most: small subsets then get large groups too. Of equal ones the
        # last by name.
        gain = (weight * counts[row] * (2 * lacking - counts[row])).sum(axis=1)
        chosen[row] = settled.get(row, len(subsets) - 1 - int(np.argmax(gain[::-1])))
        lacking[chosen[row]] -= counts[row]
    free = np.array([row for row in range(len(groups)) if row not in settled], np.int64)[-_EXCHANGED:]
    for _ in range(_EXCHANGED):
        if not _exchange(chosen, lacking, weight, counts, free):
            break
    empty = [subset for number, subset in enumerate(subsets) if fractions[subset] > 0 and number not in chosen]
    if empty:
        largest = f", the largest, {groups[0]}, with {sizes[groups[0]]}" if groups else ""
        raise UserError(
            f"subset {empty[0]!r} stays empty: {sum(sizes.values())} samples lie in {len(sizes)} groups{largest}",
            "a group cannot be cut; choose other fractions or more data",
        )
    return {group: subsets[number] for group, number in zip(groups, chosen.tolist(), strict=True)}


def _counts(
    groups: Sequence[str], sizes: Mapping[str, int], scenarios: Mapping[str, Mapping[str, int]] | None
) -> np.ndarray:
    """G x L samples: a column for all, and one for each scenario where there are several."""
    total = np.array([[sizes[group]] for group in groups], np.float64).reshape(-1, 1)
    labels = sorted({label for group in groups for label in (scenarios or {}).get(group, ())})
    if len(labels) < 2 or scenarios is None:
        return total
    return np.hstack([total, [[scenarios[group].get(label, 0) for label in labels] for group in groups]])


def _exchange(
    chosen: np.ndarray, lacking: np.ndarray, weight: np.ndarray, counts: np.ndarray, free: np.ndarray
) -> bool:
    """Moves the one group, or exchanges the two, that lowers that sum most; False where nothing does."""
    here = chosen[free]
    best, move = -1e-6, None
    for group, subset in itertools.product(free.tolist(), range(len(lacking))):
        old = chosen[group]
        if subset == old or (chosen == old).sum() == 1:  # no subset loses its last group
            continue
        others = free[here == subset]
        shift = counts[group] - np.vstack([np.zeros(counts.shape[1]), counts[others]])
        change = (shift * (shift + 2 * lacking[old]) * weight[old]).sum(axis=1)
        change += (shift * (shift - 2 * lacking[subset]) * weight[subset]).sum(axis=1)
        lowest = int(np.argmin(change))
        if change[lowest] < best:
            best, move = float(change[lowest]), (group, subset, others[lowest - 1] if lowest else None, shift[lowest])
    if move is None:
        return False
    group, subset, other, moved = move
    if other is not None:
        chosen[other] = chosen[group]
    lacking[chosen[group]] += moved
    lacking[subset] -= moved
    chosen[group] = subset
    return True


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

"""Puts whole groups, or single samples, into subsets of given shares."""

import hashlib
import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from shards.errors import UserError

NEAR = 0.005
"""Share of all samples by which a subset may miss its fraction."""

_EXCHANGED = 300  # smallest groups among which exchanges are tried; more come out even without
_CUT = 300  # largest groups of two subsets that are cut anew
_ROUNDS = 4  # of cutting each two subsets anew


def fill_groups(
    sizes: Mapping[str, int],
    fractions: Mapping[str, float],
    seed: int,
    *,
    scenarios: Mapping[str, Mapping[str, int]] | None = None,
    kept: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The subset of each group: largest first, each to where it is most lacking; then small ones are exchanged.

    Where a subset still misses its fraction by more than NEAR, each two subsets are cut anew, scenario by scenario, at
    the sum of group sizes that is nearest to what they want. A settled group never moves.

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
    free = np.array([row for row in range(len(groups)) if row not in settled], np.int64)
    _improve(chosen, lacking, weight, counts, free)
    if _missed(lacking, counts) > NEAR:
        chosen = _cut_anew(chosen, wanted, weight, counts, free)
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


def _missed(lacking: np.ndarray, counts: np.ndarray) -> float:
    """The largest share of all samples by which a subset misses its fraction."""
    return float(np.abs(lacking[:, 0]).max(initial=0) / max(counts[:, 0].sum(), 1))


def _improve(chosen: np.ndarray, lacking: np.ndarray, weight: np.ndarray, counts: np.ndarray, free: np.ndarray) -> None:
    """Exchanges the smallest groups as long as that helps; changes `chosen` and `lacking`."""
    for _ in range(_EXCHANGED):
        if not _exchange(chosen, lacking, weight, counts, free[-_EXCHANGED:]):
            break


def _cut_anew(
    chosen: np.ndarray, wanted: np.ndarray, weight: np.ndarray, counts: np.ndarray, free: np.ndarray
) -> np.ndarray:
    """The best of several fills: the one that is given, and those that follow when each two subsets are cut anew."""
    columns = range(1, counts.shape[1]) if counts.shape[1] > 1 else range(1)
    fills = [chosen]
    for _ in range(_ROUNDS):
        cut = fills[-1].copy()
        for one, other in itertools.combinations(range(len(wanted)), 2):
            for column in columns:
                pure = free[_pure(counts, column)[free]]
                _cut_two(cut, (one, other), wanted[:, column], counts[:, column], pure)
        if np.array_equal(cut, fills[-1]):
            break
        fills.append(cut.copy())
        _improve(cut, wanted - _reached(cut, counts, len(wanted)), weight, counts, free)
        fills.append(cut)
        if _missed(wanted - _reached(cut, counts, len(wanted)), counts) <= NEAR:
            break

    def badness(fill: np.ndarray) -> tuple[int, float, float]:
        lacking = wanted - _reached(fill, counts, len(wanted))
        empty = sum(subset not in fill for subset in range(len(wanted)))
        return empty, max(_missed(lacking, counts), NEAR), float((weight * lacking**2).sum())

    return min(fills, key=badness)


def _reached(chosen: np.ndarray, counts: np.ndarray, subsets: int) -> np.ndarray:
    """S x L samples of each subset."""
    return np.stack([counts[chosen == subset].sum(axis=0) for subset in range(subsets)])


def _pure(counts: np.ndarray, column: int) -> np.ndarray:
    """Whether all samples of a group are of one scenario."""
    pure: np.ndarray = (counts[:, column] > 0) & (counts[:, column] == counts[:, 0])
    return pure


def _cut_two(
    chosen: np.ndarray, two: tuple[int, int], wanted: np.ndarray, counts: np.ndarray, free: np.ndarray
) -> None:
    """Parts the free groups of two subsets so that the first comes as near to what it wants as whole groups allow.

    Args:
        chosen: G, the subset of each group; changed.
        two: the subsets.
        wanted: S samples of one scenario.
        counts: G samples of it.
        free: the groups that may move, of that scenario alone.
    """
    rows = free[np.isin(chosen[free], two)][:_CUT]
    sizes = counts[rows].astype(np.int64)
    fixed = np.setdiff1d(np.flatnonzero(np.isin(chosen, two)), rows)
    have = [counts[fixed[chosen[fixed] == subset]].sum() for subset in two]
    # What both lack or have too much of together is shared evenly.
    target = (wanted[two[0]] - have[0] - (wanted[two[1]] - have[1]) + sizes.sum()) / 2
    # By each sum the group that reached it first: the groups before it reach what remains.
    last = np.full(int(sizes.sum()) + 1, -1, np.int64)
    last[0] = len(rows)
    for number, size in enumerate(sizes.tolist()):
        reached = np.flatnonzero(last[: len(last) - size] >= 0) + size
        last[reached[last[reached] < 0]] = number
    sums = np.flatnonzero(last >= 0)
    if len(rows) > 1:  # neither side is left empty
        alone = [not (chosen[fixed] == subset).any() for subset in two]
        sums = sums[int(alone[0]) : len(sums) - int(alone[1])]
    remains = int(sums[np.argmin(np.abs(sums - target))])
    chosen[rows] = two[1]
    while remains:
        number = int(last[remains])
        chosen[rows[number]] = two[0]
        remains -= int(sizes[number])


def _exchange(
    chosen: np.ndarray, lacking: np.ndarray, weight: np.ndarray, counts: np.ndarray, free: np.ndarray
) -> bool:
    """Moves the one group, or exchanges the two, that lowers that sum most; False where nothing does."""
    here = chosen[free]
    best, move = -1e-6, None
    for group, subset in itertools.product(free.tolist(), range(len(lacking))):
        old = chosen[group]
        if subset == old:
            continue
        others = free[here == subset]
        shift = counts[group] - np.vstack([np.zeros(counts.shape[1]), counts[others]])
        change = (shift * (shift + 2 * lacking[old]) * weight[old]).sum(axis=1)
        change += (shift * (shift - 2 * lacking[subset]) * weight[subset]).sum(axis=1)
        if (chosen == old).sum() == 1:  # no subset loses its last group
            change[0] = np.inf
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


def fill_samples(
    keys: Iterable[str], fractions: Mapping[str, float], seed: int, kept: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The subset of each sample, drawn without regard to neighbours; sizes are rounded, the last takes the rest.

    Deterministic: neither the order of the keys nor that of the fractions matters.

    Args:
        keys: all samples.
        fractions: share of all samples by subset.
        seed: another seed is another split.
        kept: samples whose subset is settled; the others fill up what each subset lacks.

    Raises:
        UserError: a subset would stay empty.
    """
    order = sorted(keys, key=lambda key: _shuffled(seed, key))
    subsets = sorted(fractions)
    ends = [round(len(order) * sum(fractions[s] for s in subsets[: i + 1])) for i in range(len(subsets) - 1)]
    sizes = [end - begin for begin, end in zip([0, *ends], [*ends, len(order)], strict=True)]
    chosen = {key: kept[key] for key in order if kept and kept.get(key) in fractions}
    have = Counter(chosen.values())
    # Where more is settled in a subset than belongs there, the last by name gets less.
    ends = list(itertools.accumulate(max(size - have[subset], 0) for subset, size in zip(subsets, sizes, strict=True)))
    new = [key for key in order if key not in chosen]
    for subset, size, begin, end in zip(subsets, sizes, [0, *ends[:-1]], [*ends[:-1], len(new)], strict=True):
        if size == 0:
            raise UserError(
                f"subset {subset!r} stays empty: {len(order)} samples", "choose other fractions or more data"
            )
        chosen |= dict.fromkeys(new[begin:end], subset)
    return chosen


def _shuffled(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed}|{name}".encode()).hexdigest()

"""Whether the difference of two methods' distances is more than luck, by swapping their labels within scenes.

If two methods are exchangeable, the pictures of a scene may change hands without changing the distribution of
FID(first) - FID(second) against the same references. No image is ever doubled, so the test is valid where a bootstrap
is not.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from bench.statistics.distances import Moments, centred, frechet_of, in_parallel, kernel_sums, sums_of
from bench.statistics.paired import EXACT_UNITS, FLIPS, ROUNDING, PermutationTest
from bench.statistics.resampling import SEED, all_flips, flips
from bench.statistics.scenes import Units

Floats = npt.NDArray[np.float64]
Array = npt.NDArray[np.generic]

FRECHET_EXACT_UNITS = 10
FRECHET_FLIPS = 1000
SOLVER_ROUNDING = 1e-8
"""Distances that differ by less, in units of the references' total variance, are equal: equal pictures make them."""
_PATIENCE = 24
_BATCH = 8


def frechet_swap(
    references: Array, first: Array, second: Array, by: Units, *, seed: int = SEED, count: int = FRECHET_FLIPS
) -> PermutationTest:
    """Label-swap test of FID(first) - FID(second): all swaps of up to 10 scenes, else `count` random ones.

    A Fréchet distance costs a singular value problem, so the difference is first predicted for every swap by its
    expansion (`scene_scores`), and computed for those whose prediction is nearest to the observed difference, outwards
    until the prediction was right 24 times in a row. The others are not in doubt: between prediction and value lie a
    few hundredths of the spread, and in simulation the count was off by one in 400 at most.

    Args:
        references: N x d features.
        first: N x d, row i of the same image as reference i.
        second: N x d.
        by: what changes hands together.
        seed: of the random swaps.
        count: of them.
    """
    x, a, b = centred(references, first, second)
    signs, exact = _choices(by.count, seed, count, exact_units=FRECHET_EXACT_UNITS)
    products = x @ np.concatenate([a, b]).T
    x_moments = Moments.of_sums(*sums_of(x, by))
    a_sums, b_sums = sums_of(a, by), sums_of(b, by)

    def distance(taken: npt.NDArray[np.bool_]) -> float:
        """Of the set that takes the first method's pictures in these units, the second's elsewhere."""
        columns = np.arange(len(x)) + np.where(taken[by.of], 0, len(x))
        mixed = [np.concatenate([p[taken], q[~taken]]) for p, q in zip(a_sums, b_sums, strict=True)]
        return frechet_of(x_moments, Moments.of_sums(*mixed), products[:, columns])

    def difference(row: int) -> float:
        return distance(signs[row] > 0) - distance(signs[row] < 0)

    everything = np.ones(by.count, np.bool_)
    observed = abs(distance(everything) - distance(~everything))
    enough = observed - SOLVER_ROUNDING * x_moments.trace
    hits = _reached(np.abs(signs @ scene_scores(x, a, b, by)), enough, lambda row: abs(difference(row)))
    return _test(hits, len(signs), exact)


def kid_swap(
    references: Array, first: Array, second: Array, by: Units, *, seed: int = SEED, count: int = FLIPS
) -> PermutationTest:
    """Label-swap test of KID(first) - KID(second); arguments as in `frechet_swap`.

    A swap's distance is a quadratic form in the sums of the kernel over units, so more are computed: all of up to 16
    scenes, else `count`.
    """
    signs, exact = _choices(by.count, seed, count, exact_units=EXACT_UNITS)
    n = by.sizes.sum()
    aa, bb, ab = (kernel_sums(p, q, by) for p, q in ((first, first), (second, second), (first, second)))
    xa, xb = (kernel_sums(references, side, by).sum(axis=0) for side in (first, second))

    def distances(taken: Floats) -> Floats:
        """KID without the references' own term, which every swap shares; one row of `taken` per swap."""
        other = 1.0 - taken
        within = ((taken @ aa) * taken + (other @ bb) * other + 2.0 * (taken @ ab) * other).sum(axis=1)
        found: Floats = within / (n * (n - 1)) - 2.0 * (taken @ xa + other @ xb) / n**2
        return found

    def differences(choice: Floats) -> Floats:
        taken = (choice + 1.0) / 2.0
        return distances(taken) - distances(1.0 - taken)

    observed = abs(float(differences(np.ones((1, by.count)))[0]))
    equal = ROUNDING * max(1.0, float(aa.sum() + bb.sum()) / (n * (n - 1)))
    hits = int((np.abs(differences(signs)) >= observed - equal).sum())
    return _test(hits, len(signs), exact)


def scene_scores(x: Floats, a: Floats, b: Floats, by: Units) -> Floats:
    """What each unit adds to FID(a) - FID(b), to first order about the pooled set of a and b; U values.

    Swapping a unit turns the sign of its score over. The pooled set does not see swaps, and the difference is odd in
    them, so the error of the expansion is of third order.

    With A = (X - m_x) / sqrt(n - 1) and the pooled covariance S, the derivative of tr (S_x S)^(1/2) in the direction
    y y^T is 1/2 (A y)^T (A S A^T)^(-1/2) (A y).
    """
    n, pooled = len(x), np.concatenate([a, b])
    mean_x, mean = x.mean(axis=0), pooled.mean(axis=0)
    rows = pooled - mean
    projected = (x - mean_x) / np.sqrt(n - 1) @ rows.T
    eigenvalues, vectors = np.linalg.eigh(projected @ projected.T / (len(pooled) - 1))
    rank = min(n - 1, x.shape[1], len(pooled) - 1)
    eigenvalues, vectors = eigenvalues[-rank:], vectors[:, -rank:]
    sound = eigenvalues > 1e-13 * eigenvalues[-1]
    root = vectors[:, sound] / eigenvalues[sound] ** 0.25  # root root^T = (A S A^T)^(-1/2)
    scores = ((rows**2).sum(axis=1) - ((root.T @ projected) ** 2).sum(axis=0)) / (n - 1)
    scores += 2.0 * (rows @ (mean - mean_x)) / n
    return by.sums(scores[:n] - scores[n:])


def _choices(size: int, seed: int, count: int, *, exact_units: int) -> tuple[Floats, bool]:
    """Signs of the swaps to look at: half of all (the other half mirrors them), or random ones."""
    if size <= exact_units:
        return all_flips(size)[: 2 ** (size - 1)], True
    return flips(seed, count, size), False


def _test(hits: int, looked_at: int, exact: bool) -> PermutationTest:
    if exact:  # swapping everything else instead gives the same absolute difference
        return PermutationTest(hits / looked_at, 2 * hits, 2 * looked_at, True)
    return PermutationTest((hits + 1) / (looked_at + 1), hits, looked_at, False)


def _reached(predicted: Floats, enough: float, value: Callable[[int], float]) -> int:
    """How many values are at least `enough`, computing only those whose prediction leaves a doubt."""
    verdicts = predicted >= enough
    right = 0
    order = np.argsort(np.abs(predicted - enough), kind="stable").tolist()
    for start in range(0, len(order), _BATCH):
        batch = order[start : start + _BATCH]
        for row, found in zip(batch, in_parallel(value, batch), strict=True):
            verdict = found >= enough
            right = right + 1 if verdict == verdicts[row] else 0
            verdicts[row] = verdict
        if right >= _PATIENCE:
            break
    return int(verdicts.sum())

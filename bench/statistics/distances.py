"""Intervals of distances between sets of features, by leaving scenes out.

Drawing scenes with replacement is wrong here: a resample holds 63 % of the images, some of them twice, so that its
Fréchet distance lies above the estimate in every draw. Leaving one scene out of both sets makes no duplicates (Efron
and Stein, Annals of Statistics 9(3), 1981). All leavings-out share the products of the features, computed once.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.statistics.means import Interval
from bench.statistics.scenes import Units

Floats = npt.NDArray[np.float64]
Array = npt.NDArray[np.generic]

GROUPS = 60
"""More scenes than this are left out in so many groups: each costs a singular value problem."""
GROUPS_OF_MANY_IMAGES = 20
MANY_IMAGES = 2048


@dataclass(frozen=True)
class LeftOut:
    """A distance, and what it becomes without each unit.

    Attributes:
        value: of all images.
        without: U values.
    """

    value: float
    without: Floats

    @property
    def standard_error(self) -> float:
        """Of the value: sqrt((U - 1) / U sum (without_u - their mean)^2)."""
        count = len(self.without)
        return float(np.sqrt((count - 1) / count * ((self.without - self.without.mean()) ** 2).sum()))

    def __sub__(self, other: "LeftOut") -> "LeftOut":
        return LeftOut(self.value - other.value, self.without - other.without)


@dataclass(frozen=True)
class Moments:
    """Mean and total variance of some rows.

    Attributes:
        count: rows.
        mean: d.
        trace: of the unbiased covariance.
    """

    count: float
    mean: Floats
    trace: float

    @staticmethod
    def of_sums(sizes: Floats, sums: Floats, squares: Floats) -> "Moments":
        """From sums over units: sizes U, sums U x d, squared norms U."""
        count = float(sizes.sum())
        mean = sums.sum(axis=0) / count
        return Moments(count, mean, float((squares.sum() - count * (mean @ mean)) / (count - 1)))


def most_groups(images: int) -> int:
    """How many units a jackknife over so many images leaves out at most."""
    return GROUPS if images <= MANY_IMAGES else GROUPS_OF_MANY_IMAGES


def interval(found: LeftOut, by: Units) -> Interval:
    """The 95 % jackknife interval: value +- t se, Student's t with U - 1 degrees of freedom.

    The jackknife's estimate of bias is not subtracted: it would take away part of the bias that all rows of a table
    share because their N is the same.
    """
    from scipy.special import stdtrit

    se = found.standard_error
    reach = float(stdtrit(len(found.without) - 1, 0.975)) * se
    return Interval(found.value - reach, found.value + reach, se, f"jackknife, {by.name}", by.scenes)


def frechet_left_out(references: Array, predictions: Array, by: Units) -> LeftOut:
    """The Fréchet distance without each unit, exactly as if computed anew.

    Args:
        references: N x d features; row i and prediction i belong to one image.
        predictions: N x d.
        by: what is left out, from both sides alike.
    """
    x, y = centred(references, predictions)
    products = x @ y.T
    x_sums, y_sums = sums_of(x, by), sums_of(y, by)

    def without(unit: int) -> float:
        units, rows = np.arange(by.count) != unit, np.flatnonzero(by.of != unit)
        x_rest, y_rest = (Moments.of_sums(*(part[units] for part in sums)) for sums in (x_sums, y_sums))
        return frechet_of(x_rest, y_rest, products[np.ix_(rows, rows)])

    values = in_parallel(without, range(-1, by.count))  # unit -1 does not exist: nothing is left out
    return LeftOut(values[0], np.array(values[1:]))


def kid_left_out(references: Array, predictions: Array, by: Units) -> LeftOut:
    """The kernel distance (KID, the full unbiased estimator) without each unit, from sums of the kernel over units.

    Args:
        references: N x d features; row i and prediction i belong to one image.
        predictions: N x d.
        by: what is left out, from both sides alike.
    """
    xx, yy = kernel_sums(references, references, by), kernel_sums(predictions, predictions, by)
    xy = kernel_sums(references, predictions, by)

    def rest(table: Floats) -> Floats:
        """Sum over all pairs of units, then without each unit."""
        without = table.sum() - table.sum(axis=0) - table.sum(axis=1) + np.diag(table)
        return np.concatenate([[table.sum()], without])

    n = np.concatenate([[0.0], by.sizes])
    n = by.sizes.sum() - n
    values = (rest(xx) + rest(yy)) / (n * (n - 1)) - 2.0 * rest(xy) / n**2
    return LeftOut(float(values[0]), values[1:])


def frechet_of(x: Moments, y: Moments, products: Floats) -> float:
    """The Fréchet distance from moments and the products X Y^T of the same rows, n x m, about any common centre.

    The cross term is the nuclear norm of the centred products, as in `bench.metrics.frechet`, here by the eigenvalues
    of M M^T: half the time of singular values, and off by less than 1e-6 of the distance's terms.
    """
    rows, columns = products.mean(axis=1), products.mean(axis=0)
    m = products - rows[:, None] - columns[None, :] + rows.mean()
    rank = int(min(x.count - 1, y.count - 1, len(x.mean)))  # what lies beyond it is rounding, whose root is not small
    eigenvalues = np.linalg.eigvalsh(m @ m.T)[-rank:]
    cross = np.sqrt(eigenvalues.clip(0.0)).sum() / np.sqrt((x.count - 1) * (y.count - 1))
    gap = x.mean - y.mean
    return float(max(0.0, gap @ gap + x.trace + y.trace - 2.0 * cross))


def centred(*sides: Array) -> list[Floats]:
    """The sides in float64 about their common mean, which no Fréchet distance sees: it only costs digits."""
    wide = [side.astype(np.float64) for side in sides]
    centre = np.mean([side.mean(axis=0) for side in wide], axis=0)
    return [side - centre for side in wide]


def sums_of(rows: Floats, by: Units) -> tuple[Floats, Floats, Floats]:
    """Sizes U, sums U x d and sums of squared norms U of each unit's rows: what `Moments.of_sums` takes."""
    return by.sizes, by.sums(rows), by.sums((rows**2).sum(axis=1))


def kernel_sums(a: Array, b: Array, by: Units) -> Floats:
    """Sums of k(a_i, b_j) = (a_i.b_j / d + 1)^3 over pairs of units, U x U; of a set with itself without i = j."""
    kernel: Floats = (a.astype(np.float64) @ b.astype(np.float64).T / a.shape[1] + 1.0) ** 3
    if a is b:
        np.fill_diagonal(kernel, 0.0)
    return by.sums(by.sums(kernel).T).T


def in_parallel(function: Callable[[int], float], arguments: Iterable[int]) -> list[float]:
    """Values in order, one thread per core: NumPy lets go of the interpreter while it solves.

    `bench.threads` does the same for pictures; comparing records must not wait for its libraries to load.
    """
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        return list(pool.map(function, arguments))

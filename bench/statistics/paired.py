"""Two methods on the same images: the difference of their means, and whether it is more than luck."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.statistics.means import Interval, mean_interval
from bench.statistics.resampling import SEED, all_flips, flips
from bench.statistics.scenes import units

Floats = npt.NDArray[np.float64]

EXACT_UNITS = 16
"""Up to this many scenes every choice of signs is tried: 65,536."""
FLIPS = 10_000
ROUNDING = 1e-12
"""Sums that differ by less are equal, relative to their terms: the order of addition is not evidence."""


@dataclass(frozen=True)
class PermutationTest:
    """A two-sided permutation test.

    Attributes:
        p: probability of a difference at least as large if the two sides were exchangeable within scenes.
        count: relabellings that gave one, the observed labels among them where all were tried.
        tried: relabellings.
        exact: all there are were tried; else they were drawn, and p = (count + 1) / (tried + 1).
    """

    p: float
    count: int
    tried: int
    exact: bool

    @property
    def method(self) -> str:
        """For people."""
        return f"all {self.tried:,} relabellings" if self.exact else f"{self.tried:,} relabellings"


@dataclass(frozen=True)
class Paired:
    """A paired difference of means, first minus second.

    Attributes:
        images: where both are defined.
        per_scene: the difference of means in each scene.
    """

    effect: float
    interval: Interval
    test: PermutationTest
    images: int
    per_scene: Mapping[str, float]


def paired(
    first: npt.NDArray[np.generic], second: npt.NDArray[np.generic], scenes: Sequence[str], *, seed: int = SEED
) -> Paired:
    """Compares two columns of per-image values of one metric.

    Args:
        first: N values, NaN where the metric is undefined; an image counts where both are defined.
        second: of the same images in the same order.
        scenes: the name of each image's scene.
        seed: of all draws.

    Raises:
        ValueError: no image has both values.

    >>> a = np.arange(30.0)
    >>> found = paired(a + 0.5, a, [f"s{i // 3}" for i in range(30)])
    >>> found.effect, found.test.p, found.per_scene["s0"]
    (0.5, 0.001953125, 0.5)
    """
    differences = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    both = np.isfinite(differences)
    differences = differences[both]
    names = [scene for scene, defined in zip(scenes, both.tolist(), strict=True) if defined]
    by = units(names, most=len(names))
    means = by.sums(differences) / by.sizes
    return Paired(
        effect=float(differences.mean()),
        interval=mean_interval(differences, names, seed=seed),
        test=sign_flip(units(names).sums(differences), seed=seed),
        images=len(differences),
        per_scene=dict(zip(sorted(set(names)), means.tolist(), strict=True)),
    )


def sign_flip(sums: Floats, *, seed: int = SEED, count: int = FLIPS) -> PermutationTest:
    """Tests that the sums of differences over scenes are symmetric about zero.

    If two methods are exchangeable, swapping their labels within a scene turns the sign of its sum over. Up to 16
    scenes all choices of signs are tried, beyond that `count` random ones.

    Args:
        sums: one sum of differences per scene.
        seed: of the random signs.
        count: of them.

    >>> sign_flip(np.ones(8)).p  # only all plus and all minus are as far from zero
    0.0078125
    """
    return sign_flips(sums[:, None], seed=seed, count=count)[0]


def sign_flips(sums: Floats, *, seed: int = SEED, count: int = FLIPS) -> list[PermutationTest]:
    """`sign_flip` of several columns of sums, units x columns, with the same signs."""
    size = len(sums)
    exact = size <= EXACT_UNITS
    signs = all_flips(size) if exact else flips(seed, count, size)
    equal = ROUNDING * np.maximum(1.0, np.abs(sums).sum(axis=0))
    reached = (np.abs(signs @ sums) >= np.abs(sums.sum(axis=0)) - equal).sum(axis=0).tolist()
    if exact:
        return [PermutationTest(hits / len(signs), hits, len(signs), True) for hits in reached]
    return [PermutationTest((hits + 1) / (count + 1), hits, count, False) for hits in reached]

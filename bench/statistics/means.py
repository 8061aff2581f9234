"""Intervals of means over images, by resampling scenes (Field and Welsh, JRSS B 69, 2007)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.statistics.resampling import RESAMPLES, SEED, resample_counts
from bench.statistics.scenes import FEW, Units, units

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """How sure a number is.

    Attributes:
        low, high: ends of the 95 % interval; None where there are too few scenes for one.
        se: standard error; None likewise.
        method: how it was made, for people.
        scenes: scenes behind it.
        design_effect: variance of the mean over what it would be if all images were independent; means only.
        per_scene: with few scenes, the value of each instead of an interval.
    """

    low: float | None
    high: float | None
    se: float | None
    method: str
    scenes: int
    design_effect: float | None = None
    per_scene: Mapping[str, float] | None = None

    def record(self) -> dict[str, object]:
        """The fields that a result document keeps beside a metric's value."""
        found: dict[str, object] = {
            "ci95": None if self.low is None else [self.low, self.high],
            "se": self.se,
            "method": self.method,
            "scenes": self.scenes,
        }
        if self.design_effect is not None:
            found["design_effect"] = self.design_effect
        if self.per_scene is not None:
            found["per_scene"] = dict(self.per_scene)
        return found


def mean_interval(
    values: npt.NDArray[np.generic], scenes: Sequence[str], *, seed: int = SEED, resamples: int = RESAMPLES
) -> Interval:
    """The 95 % percentile interval of a mean over images, scenes being drawn with replacement.

    Scenes differ in size, so each resample's mean is the sum over its images divided by their number. Percentile
    intervals of few scenes come out short: in simulation they cover 87 % at 8 scenes, 90 % at 12, 92 % at 20 and 94 %
    from 30 on.

    Args:
        values: one number per image.
        scenes: the name of each image's scene.
        seed: of the draws.
        resamples: how many.

    Returns:
        The interval; with fewer than 8 scenes the mean of each scene instead.

    Raises:
        ValueError: no values, one that is not finite, or another number of scenes.

    >>> found = mean_interval(np.arange(40.0) % 5, [f"s{i // 4}" for i in range(40)])
    >>> found.low < 2 < found.high, found.scenes, found.method
    (True, 10, 'cluster bootstrap, 10 scenes, 2,000 resamples')
    """
    numbers = np.asarray(values, np.float64)
    if numbers.ndim != 1 or len(numbers) != len(scenes) or len(numbers) == 0:
        raise ValueError(f"{numbers.shape} values do not belong to {len(scenes)} scenes")
    if not np.isfinite(numbers).all():
        raise ValueError("values must be finite: leave out images where the metric is undefined")
    by = units(scenes)
    if by.scenes < FEW:
        means = by.sums(numbers) / by.sizes
        return too_few(by, dict(zip(sorted(set(scenes)), means.tolist(), strict=True)))
    means = resampled_means(by.sums(numbers), by.sizes, seed=seed, resamples=resamples)
    low, high = np.quantile(means, [0.025, 0.975])
    se = float(means.std(ddof=1))
    alone = float(numbers.var(ddof=1)) / len(numbers)  # variance of the mean of independent images
    effect = se**2 / alone if alone > 0 else None
    method = f"cluster bootstrap, {by.name}, {resamples:,} resamples"
    return Interval(float(low), float(high), se, method, by.scenes, effect)


def too_few(by: Units, per_scene: Mapping[str, float] | None = None) -> Interval:
    """What is said instead of an interval where there are fewer than 8 scenes."""
    return Interval(None, None, None, f"none: {by.name} are too few", by.scenes, per_scene=per_scene)


def resampled_means(sums: Floats, sizes: Floats, *, seed: int = SEED, resamples: int = RESAMPLES) -> Floats:
    """Means over images of resampled units.

    Args:
        sums: sum of each unit's values; U, or U x M for several metrics.
        sizes: images of each unit, U.
        seed: of the draws.
        resamples: how many.

    Returns:
        resamples, or resamples x M means.
    """
    counts = resample_counts(seed, resamples, len(sizes))
    images = counts @ sizes
    means: Floats = (counts @ sums) / (images if sums.ndim == 1 else images[:, None])
    return means

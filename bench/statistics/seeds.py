"""Several sampling seeds of one method: their mean, and how far they scatter."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev


@dataclass(frozen=True)
class Spread:
    """What the choice of a seed does to a number.

    Attributes:
        mean: over seeds.
        sd: standard deviation over seeds, with n - 1; not an error of the mean over images or scenes.
        seeds: how many.
    """

    mean: float
    sd: float
    seeds: int


def spread(values: Sequence[float]) -> Spread:
    """Mean and standard deviation of one number under several seeds.

    Raises:
        ValueError: fewer than two values have no spread.

    >>> spread([10.0, 11.0, 12.0])
    Spread(mean=11.0, sd=1.0, seeds=3)
    """
    if len(values) < 2:
        raise ValueError("one seed has no spread")
    return Spread(fmean(values), stdev(values), len(values))

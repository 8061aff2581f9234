"""What is resampled: whole scenes, because neighbouring frames of one scene tell nearly the same story twice.

On RoadScene the PSNR of consecutive images correlates at 0.78; taken as independent they would halve every interval.
"""

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FEW = 8
"""Below this many scenes no interval is given: their own values say more than an estimate of their spread."""
MANY = 240
"""Above this many scenes, groups of them are resampled: hashing every draw would cost seconds and teach nothing."""


@dataclass(frozen=True)
class Units:
    """Images by the unit that they are resampled with.

    Attributes:
        of: unit of each image, 0..count - 1.
        count: units.
        scenes: scenes behind them; more than units where they were dealt into groups.
    """

    of: npt.NDArray[np.int64]
    count: int
    scenes: int

    def sums(self, values: Floats) -> Floats:
        """Sums of an image's numbers (N or N x d) over each unit: count or count x d."""
        if values.ndim == 1:
            return np.bincount(self.of, weights=values, minlength=self.count).astype(np.float64)
        member = np.equal.outer(np.arange(self.count), self.of).astype(np.float64)
        sums: Floats = member @ values
        return sums

    @property
    def sizes(self) -> Floats:
        """Images of each unit."""
        return np.bincount(self.of, minlength=self.count).astype(np.float64)

    @property
    def name(self) -> str:
        """How a result names what was resampled."""
        return f"{self.scenes} scenes" if self.count == self.scenes else f"{self.count} groups of {self.scenes} scenes"


def units(scenes: Sequence[str], *, most: int = MANY) -> Units:
    """The units of images whose scenes are named, in order of name.

    Args:
        scenes: one name per image.
        most: more scenes than this are dealt into so many groups of about equal size: the largest first, each to the
            group that is smallest by then.

    >>> units(["b", "a", "b"]).of.tolist()
    [1, 0, 1]
    """
    sizes = Counter(scenes)
    unit_of = {scene: index for index, scene in enumerate(sorted(sizes))}
    if len(sizes) > most:
        smallest = [(0, group) for group in range(most)]
        for scene in sorted(sizes, key=lambda name: (-sizes[name], name)):
            images, group = heapq.heappop(smallest)
            unit_of[scene] = group
            heapq.heappush(smallest, (images + sizes[scene], group))
    of = np.array([unit_of[scene] for scene in scenes], np.int64)
    return Units(of, min(len(sizes), most), len(sizes))

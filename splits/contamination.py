"""What a list of training images has seen of a list of test images, told by names alone: no images, no home."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from splits.names import Place, place, scene

WITHIN = (1, 2, 3, 4, 5, 10)
"""Distances in frames for which neighbours are counted."""


@dataclass(frozen=True)
class Contamination:
    """What one list has seen of another.

    Attributes:
        total: test images.
        distances: by key of a test image, the frames to the nearest seen image of its sequence; 0 is the same image.
            Test images without a neighbour are absent.
        scenes: scene by key of the test images whose scene was seen, as far as names tell scenes.
    """

    total: int
    distances: Mapping[str, int]
    scenes: Mapping[str, str]

    @property
    def exact(self) -> int:
        """Test images that were seen."""
        return sum(1 for distance in self.distances.values() if distance == 0)

    def within(self, frames: int) -> int:
        """Test images of which a neighbour within so many frames was seen, or the image itself."""
        return sum(1 for distance in self.distances.values() if distance <= frames)


def contamination(seen: Iterable[str], tested: Iterable[str]) -> Contamination:
    """Compares two lists of keys.

    Equal places are one image whatever source it is taken from; keys that tell no place count as equal when they
    are. Neighbours are counted by number within one sequence: that is time where a sequence is a video, and mere
    neighbourhood on a list where it is not.
    """
    keys = set()
    frames: dict[tuple[str, str], list[int]] = defaultdict(list)
    scenes = set()
    for key in seen:
        where = place(key)
        keys.add(key)
        if where is not None:
            frames[where.family, where.sequence].append(where.frame)
            scenes.add(scene(where))
    for numbers in frames.values():
        numbers.sort()
    distances: dict[str, int] = {}
    known: dict[str, str] = {}
    tested = list(tested)
    for key in tested:
        where = place(key)
        nearest = 0 if key in keys else None if where is None else _nearest(frames, where)
        if nearest is not None:
            distances[key] = nearest
        if where is not None and (found := scene(where)) is not None and found in scenes:
            known[key] = found
    return Contamination(len(tested), distances, known)


def touched(keys: Iterable[str], by: Iterable[str], frames: int) -> set[str]:
    """Those of `keys` that are an image of `by`, its neighbour within so many frames, or of its scene."""
    found = contamination(by, keys)
    return {key for key, distance in found.distances.items() if distance <= frames} | set(found.scenes)


def _nearest(frames: Mapping[tuple[str, str], list[int]], where: Place) -> int | None:
    numbers = frames.get((where.family, where.sequence))
    if not numbers:
        return None
    at = bisect_left(numbers, where.frame)
    return min(abs(number - where.frame) for number in numbers[max(at - 1, 0) : at + 1])

"""What changed between two datasets, or between two builds of one: which images came, went, or changed sides."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from shards.errors import UserError
from shards.home import Home
from splits.definition import get
from splits.listing import listing
from splits.names import place


@dataclass(frozen=True)
class Difference:
    """Two datasets, image by image.

    Attributes:
        unchanged: images on the same side of both.
        changed: (side in the first, side in the second) by key; a side is empty where the image is absent.
    """

    unchanged: int
    changed: Mapping[str, tuple[str, str]]

    def counts(self) -> Counter[tuple[str, str]]:
        """Images by what happened to them."""
        return Counter(self.changed.values())


def difference(first: Mapping[str, str], second: Mapping[str, str]) -> Difference:
    """Compares subsets by key; two names of one picture are one image.

    >>> difference({"a-1": "train", "a-2": "test"}, {"a-1": "test", "a-2": "test", "a-3": "train"}).changed
    {'a-1': ('train', 'test'), 'a-3': ('', 'train')}
    """
    before, after = ({place(key) or key: (key, subset) for key, subset in one.items()} for one in (first, second))
    changed: dict[str, tuple[str, str]] = {}
    for image in [*before, *(image for image in after if image not in before)]:
        key, old = before.get(image, ("", ""))
        other, new = after.get(image, ("", ""))
        if old != new:
            changed[key or other] = (old, new)
    return Difference(len({*before, *after}) - len(changed), changed)


def sides(spec: str, home: Home) -> dict[str, str]:
    """Subset by key of a dataset's published lists, or of `dataset@fingerprint`, or of what is built of it.

    Lists that do not name the images of each side, of sequences or of all images, stand back behind a build.

    Raises:
        UserError: no such dataset or build, or its images are not listed anywhere.
    """
    from splits.pinned import pinned

    name, _, version = spec.partition("@")
    definition = get(name)
    sided = definition.by in {"list", "official"}
    by_chance = definition.by in {"group", "random"}
    if not version and definition.listed and (sided or (by_chance and pinned(definition, home) is None)):
        subsets = ["all"] if by_chance else list(definition.listed)
        return {key: subset for subset in subsets for key in listing(f"{name}:{subset}", home).keys}
    built = pinned(definition, home, version)
    if built is None:
        raise UserError(f"{definition.name} is not built in {home.root}", f"`python -m splits build {name}`")
    return {key: subset for subset in built.counts for key in built.members(subset)}

"""The images that a dataset or a list stands for, by name alone."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from shards.errors import UserError, unknown
from shards.home import Home
from splits import ids
from splits.contamination import touched
from splits.definition import Definition, get
from splits.names import NUMBERINGS, decode, key_of, place

APART = 10
"""Frames that a dataset with `minus` keeps between its images and those it avoids, where no scene is known."""


@dataclass(frozen=True)
class Listing:
    """Named images.

    Attributes:
        name: what was asked for.
        keys: in the order of the list.
        sequences: for a benchmark that is published as sequences: how many it has; its images are not listed, and
            `keys` holds those that another list shows.
    """

    name: str
    keys: list[str]
    sequences: int = 0


def listing(spec: str, home: Home, *, subset: str = "", among: Collection[str] = ()) -> Listing:
    """The images of `DATASET`, `DATASET:SUBSET`, `FILE` or `SOURCE=FILE`.

    A dataset's published lists come first; one without lists must have been built. The lines of a file are keys,
    names of released IR-500K pairs, or, with SOURCE, that source's own ids.

    Args:
        spec: see above.
        home: where built datasets lie.
        subset: taken where `spec` names none and the dataset has it; else all subsets.
        among: keys from which the images of a benchmark without image lists are drawn.

    Raises:
        UserError: no such dataset, subset or file, its images are not listed anywhere, or a line is no id.
    """
    source, _, file = spec.rpartition("=")
    if source or spec.endswith((".txt", ".txt.gz", ".json")):
        return Listing(Path(file).name, [_key(item, source, file) for item in ids.load(file)])
    name, _, asked = spec.partition(":")
    definition = get(name)
    if definition.by == "sequence":
        return _sequences(definition, asked or subset, among)
    found = _listed(definition) if definition.listed else _built(definition, home)
    if asked and asked not in found:
        raise unknown(f"subset of {definition.name}", asked, found)
    chosen = asked or (subset if subset in found else "")
    keys = found[chosen] if chosen else [key for listed in found.values() for key in listed]
    if definition.minus:
        avoided = [key for other in definition.minus for key in listing(other, home, among=keys).keys]
        hit = touched(keys, avoided, APART)
        keys = [key for key in keys if key not in hit]
    return Listing(f"{definition.name}:{chosen}" if chosen else definition.name, keys)


def finder(keys: Collection[str]) -> Callable[[str], str | None]:
    """A function from a name to the one of `keys` that is meant: the same key, else one that tells the same place."""
    known = set(keys)
    by_place = {where: key for key in keys if (where := place(key)) is not None}

    def find(name: str) -> str | None:
        where = None if name in known else place(name)
        return name if name in known else None if where is None else by_place.get(where)

    return find


def _listed(definition: Definition) -> dict[str, list[str]]:
    if len(definition.sources) > 1:
        raise UserError(f"the lists of {definition.name} do not tell which source an id is from", "build it first")
    source = definition.sources[0]
    return {subset: [key_of(source, item) for item in listed] for subset, listed in definition.listed.items()}


def _built(definition: Definition, home: Home) -> dict[str, list[str]]:
    from splits.pinned import pinned

    built = pinned(definition, home)
    if built is None:
        raise UserError(
            f"{definition.name} has no published list, and is not built in {home.root}",
            f"`python -m splits build {definition.name}`",
        )
    return {subset: list(built.members(subset)) for subset in built.counts}


def _sequences(definition: Definition, subset: str, among: Collection[str]) -> Listing:
    """Of the keys of this source those whose sequence is on the subset's list, or on no list."""
    sides = {folded(name): side for side, names in definition.listed.items() for name in names}
    family = NUMBERINGS[definition.sources[0]].family
    places = [(key, where) for key in among if (where := place(key)) is not None and where.family == family]
    keys = [key for key, where in places if not subset or sides.get(where.sequence, definition.rest) == subset]
    return Listing(f"{definition.name}:{subset}" if subset else definition.name, keys, definition.expect.get(subset, 0))


def _key(item: str, source: str, file: str) -> str:
    if source:
        key = key_of(source, item)
        if source in NUMBERINGS and place(key) is None:
            raise UserError(f"{file}: {item} is no id of {source}", "give its own ids, as its file names have them")
        return key
    if released := decode(item):
        return key_of(*released)
    if item.partition("-")[0] in NUMBERINGS:
        return item
    raise UserError(f"{file}: {item} is neither a key nor the name of an IR-500K pair", "give SOURCE=FILE")


def folded(name: str) -> str:
    """A sequence's name as places have it."""
    return name.lower().replace("_", "-")

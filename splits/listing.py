"""The images that a dataset or a list stands for, by name alone."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shards.errors import UserError, unknown
from shards.home import Home
from shards.sample import make_key
from splits import ids
from splits.contamination import touched
from splits.definition import Definition, get
from splits.names import NUMBERINGS, Place, decode, key_of, place

APART = 10
"""Frames that a dataset with `minus` keeps between its images and those it avoids, where no scene is known."""

_PUBLISHED: Mapping[str, Sequence[str]] = {
    "dronevehicle": ("dronevehicle_train", "dronevehicle_val", "dronevehicle_test"),
    "flir_aligned": ("flir_aligned_train", "flir_aligned_validation"),
    "hit_uav": ("hit_uav_train", "hit_uav_val", "hit_uav_test"),
    "llvip": ("llvip_train", "llvip_test"),
    "m3fd": ("m3fd_scenes",),
    "msrs": ("msrs_train", "msrs_test"),
    "roadscene": ("roadscene",),
}
"""Id lists that together hold every image of a source: other ids do not exist."""


@dataclass(frozen=True)
class Listing:
    """Named images.

    Attributes:
        name: what was asked for.
        keys: in the order of the list.
        sequences: for a benchmark that is published as sequences: how many it has, 0 where that is unknown; its
            images are not listed, and `keys` holds those that another list shows.
        remark: what a reader should know of the list; mostly empty.
    """

    name: str
    keys: list[str]
    sequences: int | None = None
    remark: str = ""


def listing(spec: str, home: Home, *, subset: str = "", among: Collection[str] | None = None) -> Listing:
    """The images of `DATASET`, `DATASET:SUBSET`, `FILE` or `SOURCE=FILE`.

    A dataset's published lists come first; one without lists must have been built, and so must one that is split by
    groups or by chance where a subset of it is named. The lines of a file are keys, names of released IR-500K pairs,
    or, with SOURCE, that source's own ids.

    Args:
        spec: see above.
        home: where built datasets lie.
        subset: taken where `spec` names none and the dataset has it; else all subsets.
        among: keys from which the images of a benchmark that is published as sequences are drawn.

    Raises:
        UserError: no such dataset, subset, source or file, its images are not listed anywhere, or a line is no id.
    """
    source, _, file = spec.rpartition("=")
    if source or spec.endswith((".txt", ".txt.gz", ".json")):
        return _of_file(file, source, home)
    name, _, asked = spec.partition(":")
    definition = get(name)
    if definition.by == "sequence":
        return _sequences(definition, asked, subset, home, among)
    found = _subsets(definition, asked, home)
    if asked and asked not in found:
        raise unknown(f"subset of {definition.name}", asked, found)
    chosen = asked or (subset if subset in found else "")
    keys = found[chosen] if chosen else [key for listed in found.values() for key in listed]
    if definition.minus:
        avoided = [key for other in definition.minus for key in listing(other, home, among=keys).keys]
        hit = touched(keys, avoided, APART)
        keys = [key for key in keys if key not in hit]
    remark = f"{definition.name} has no published {subset} list: all its images count" if subset and not chosen else ""
    return Listing(f"{definition.name}:{chosen}" if chosen else definition.name, keys, remark=remark)


def both(seen: str, tested: str, home: Home, *, subset: str = "") -> tuple[Listing, Listing]:
    """Two lists that are held against each other; where one is published as sequences, the other tells its images.

    Args:
        seen: see `listing`.
        tested: likewise; its test side where it has one and none is named.
        home: where built datasets lie.
        subset: of `seen`, where it has that and none is named.

    Raises:
        UserError: as of `listing`.
    """
    if _as_sequences(seen) and not _as_sequences(tested):
        last = listing(tested, home, subset="test")
        return listing(seen, home, subset=subset, among=last.keys), last
    first = listing(seen, home, subset=subset)
    return first, listing(tested, home, subset="test", among=first.keys)


def finder(keys: Collection[str]) -> Callable[[str], str | None]:
    """A function from a name to the one of `keys` that is meant: the same key, else one that tells the same place."""
    known = set(keys)
    by_place = {where: key for key in keys if (where := place(key)) is not None}

    def find(name: str) -> str | None:
        where = None if name in known else place(name)
        return name if name in known else None if where is None else by_place.get(where)

    return find


def folded(name: str) -> str:
    """A sequence's name as places have it."""
    return name.lower().replace("_", "-")


def _as_sequences(spec: str) -> bool:
    if "=" in spec or spec.endswith((".txt", ".txt.gz", ".json")):
        return False
    return get(spec.partition(":")[0]).by == "sequence"


def _subsets(definition: Definition, asked: str, home: Home) -> dict[str, list[str]]:
    """Keys by subset: the published ones, or for subsets that only a build knows, the built ones."""
    if definition.by not in {"group", "random"}:
        return _listed(definition) if definition.listed else _built(definition, home)
    if definition.listed and asked in {"", "all"}:  # its lists are all of its images, and know none of its sides
        return {"all" if asked else "": [key for keys in _listed(definition).values() for key in keys]}
    return _built(definition, home)


def _listed(definition: Definition) -> dict[str, list[str]]:
    if len(definition.sources) > 1:
        raise UserError(f"the lists of {definition.name} do not tell which source an id is from", "build it first")
    source = definition.sources[0]
    return {subset: [key_of(source, item) for item in listed] for subset, listed in definition.listed.items()}


def _built(definition: Definition, home: Home) -> dict[str, list[str]]:
    from splits.pinned import pinned

    built = pinned(definition, home)
    if built is None:
        lacking = "list of images" if definition.by == "sequence" else "subsets" if definition.listed else "list"
        raise UserError(
            f"{definition.name} has no published {lacking}, and is not built in {home.root}",
            f"`python -m splits build {definition.name}`",
        )
    return {subset: list(built.members(subset)) for subset in built.counts}


def _sequences(definition: Definition, asked: str, subset: str, home: Home, among: Collection[str] | None) -> Listing:
    """The images of a whole build; without one, those of `among` whose sequence is on the subset's list, or on none."""
    from splits.pinned import pinned

    subsets = dict.fromkeys([*definition.listed, definition.rest])
    if asked and asked not in subsets:
        raise unknown(f"subset of {definition.name}", asked, subsets)
    chosen = asked or (subset if subset in subsets else "")
    name = f"{definition.name}:{chosen}" if chosen else definition.name
    families = {NUMBERINGS[source].family for source in definition.sources if source in NUMBERINGS}
    built = pinned(definition, home)
    if among is None or not families or (built is not None and not built.partial):
        found = _built(definition, home)
        if chosen and chosen not in found:
            raise unknown(f"built subset of {definition.name}", chosen, found)
        return Listing(name, found[chosen] if chosen else [key for keys in found.values() for key in keys])
    sides = {folded(sequence): side for side, sequences in definition.listed.items() for sequence in sequences}
    places = [(key, where) for key in among if (where := place(key)) is not None and where.family in families]
    keys = [key for key, where in places if not chosen or sides.get(where.sequence, definition.rest) == chosen]
    known = {side: len(sequences) for side, sequences in definition.listed.items() if side != definition.rest}
    known |= definition.expect
    complete = set(known) >= ({chosen} if chosen else set(subsets))
    count = (known[chosen] if chosen else sum(known.values())) if complete else 0
    return Listing(name, keys, count)


def _of_file(file: str, source: str, home: Home) -> Listing:
    ingested = {path.name for path in home.shards.iterdir() if path.is_dir()} if home.shards.is_dir() else set()
    sources = {"ir500k", *NUMBERINGS, *ingested}
    if source and source not in sources:
        raise unknown("source", source, sources, hint="one of your own must be ingested first")
    items = ids.load(file)
    keys: dict[str, str] = {}
    wrong: list[str] = []
    for item in items:
        try:
            keys[item] = _key(item, source, sources)
        except ValueError as error:
            wrong.append(f"{item} {error}")
    wrong += [f"{item} is no id of {_source(keys[item])}" for item in _unpublished(keys, home, ingested)]
    found: dict[tuple[str, Place | str], str] = {}
    for key in keys.values():
        found.setdefault((_source(key), place(key) or key), key)
    if wrong:
        more = f"; {len(wrong):,} of its {len(items):,} ids are unknown" if len(wrong) > 1 else ""
        remedy = "give its own ids, as its file names have them" if "no id of" in wrong[0] else "give SOURCE=FILE"
        raise UserError(f"{file}: {wrong[0]}{more}", remedy)
    twice = len(items) - len(found)
    remark = f"{Path(file).name}: {twice:,} ids name an image again that is listed before them" if twice else ""
    return Listing(Path(file).name, list(found.values()), remark=remark)


def _key(item: str, source: str, sources: Collection[str]) -> str:
    """The key that a line means.

    Raises:
        ValueError: none; what is wrong with the line.
    """
    if not source and decode(item):
        source = "ir500k"
    if not source:
        source, _, item = item.partition("-")
        source = source.lower()
        if source not in sources or not item:
            raise ValueError("is neither a key nor the name of an IR-500K pair")
    if source == "ir500k":
        released = decode(item)
        if released is None:
            raise ValueError("is no id of ir500k")
        source, item = released
    key = make_key(source, item)
    if source in NUMBERINGS and place(key) is None:
        raise ValueError(f"is no id of {source}")
    return key


def _source(key: str) -> str:
    return key.partition("-")[0]


def _unpublished(keys: Mapping[str, str], home: Home, ingested: Collection[str]) -> list[str]:
    """Those of the ids whose source publishes all of its ids, and not this one; what is ingested there is, anyhow."""
    from shards.manifest import Manifest

    odd = {item: key for item, key in keys.items() if not _exists(key)}
    if odd and not set(map(_source, odd.values())).isdisjoint(ingested):
        with Manifest.open(home) as manifest:
            query = "select key from samples where key in (select unnest($1))"
            there = {row["key"] for row in manifest.stream(query, [list(odd.values())])}
        odd = {item: key for item, key in odd.items() if key not in there}
    return list(odd)


def _exists(key: str) -> bool:
    """Whether an image may be there: its source publishes it, or does not publish all of its ids."""
    return _source(key) not in _PUBLISHED or place(key) in _published(_source(key))


@cache
def _published(source: str) -> frozenset[Place | None]:
    """The places of every image of a source whose ids are all published."""
    return frozenset(place(key_of(source, item)) for name in _PUBLISHED[source] for item in ids.load(name))

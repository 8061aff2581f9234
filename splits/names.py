"""What a name tells of a picture: which recording it is from, its number there, and who else holds the same picture."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from shards.sample import make_key
from splits import ids


@dataclass(frozen=True)
class Place:
    """Where a picture stands in its recording. Equal places are one picture, whatever source it is taken from.

    Attributes:
        family: recordings that go under the names of one or more sources.
        sequence: one recording, or one series of numbers.
        frame: number within it.
    """

    family: str
    sequence: str
    frame: int


@dataclass(frozen=True)
class Numbering:
    """How the names of a source are read.

    Attributes:
        family: sources of one family number the same pictures alike.
        pattern: of the key behind the source's name, with the groups `frame` and, where there are any, `sequence`.
        scenes: an id list with one scene to a line; `sequence` where each sequence is one; empty where the names do
            not tell: numbers are then no moments either. Where names have no sequence, the listed scene takes its
            place.
    """

    family: str
    pattern: str
    scenes: str = ""


_FLIR = r"(?:[a-z]+-)?(?P<sequence>flir(?:_video)?)_(?P<frame>\d{5})"
_MFNET = r"(?P<frame>\d{5})(?P<sequence>[dn])"

NUMBERINGS: Mapping[str, Numbering] = {
    # Whether numbers begin anew in each of its folders is not known: the same number in another is another picture.
    "aviid": Numbering("aviid", r"(?P<sequence>aviid-?\d(?:-[a-z]+)?)[_-](?P<frame>\d+)"),
    "dronevehicle": Numbering("dronevehicle", r"(?P<sequence>train|val|test)[_-](?P<frame>\d{5})"),
    # FLIR-aligned and RoadScene are made from FLIR ADAS v1 and keep its numbers.
    "flir_aligned": Numbering("flir_v1", _FLIR, "flir_v1_scenes"),
    "flir_v1": Numbering("flir_v1", _FLIR, "flir_v1_scenes"),
    "flir_v2": Numbering("flir_v2", r"(?P<sequence>video-\w+)-frame-(?P<frame>\d{6})-\w+", "sequence"),
    "hit_uav": Numbering("hit_uav", r"(?P<sequence>[01]_\d+_\d+_\d)_(?P<frame>\d{5})", "hit_uav_scenes"),
    "kaist": Numbering("kaist", r"(?P<sequence>set\d\d[_-]v\d{3})[_-]i(?P<frame>\d{5})", "sequence"),
    "llvip": Numbering("llvip", r"(?P<sequence>\d\d)(?P<frame>\d{4})", "sequence"),
    "m3fd": Numbering("m3fd", r"(?P<frame>\d{5})", "m3fd_scenes"),
    "m3svd": Numbering("m3svd", r"(?P<sequence>\d{4}_\d{4})[_-](?P<frame>\d+)", "sequence"),
    # MSRS is MFNet without its misaligned pairs, under the same numbers.
    "mfnet": Numbering("mfnet", _MFNET, "msrs_scenes"),
    "msrs": Numbering("mfnet", _MFNET, "msrs_scenes"),
    "roadscene": Numbering("flir_v1", _FLIR, "flir_v1_scenes"),
    "vtuav": Numbering("vtuav", r"(?P<sequence>[a-z-]+_\d{3})[_-](?P<frame>\d{6})", "sequence"),
}

# The names of the released IR-500K pairs (LidongWang-26/DiffV2IR, IR-500K/paired/seeds.json) begin with their source:
# by that beginning the form of the rest, the source, and the source's own id.
_IR500K: Mapping[str, tuple[str, str, str]] = {
    "kaist": (r"kaist_(set\d\d)_(V\d{3})_(I\d{5})(?:\.jpg)?", "kaist", r"\1/\2/\3"),
    "llvip": (r"LLVIP_(\d{6})(?:\.jpg)?", "llvip", r"\1"),
    "visdrone": (r"visdrone_(train|val|test)_(\d{5})(?:\.jpg)?", "dronevehicle", r"\1_\2"),
    "dutuav": (r"DUTUAV_([a-z-]+_\d{3})_(\d{6})(?:\.jpg)?", "vtuav", r"\1/\2"),
    "flir": (r"(FLIR_\d{5})(?:\.jpg)?", "flir_aligned", r"\1"),
    "msrs": (r"MSRS_(\d{5}[DN])(?:\.png)?", "msrs", r"\1"),
    "aviid1": (r"(AVIID1_\d{1,4})(?:\.png)?", "aviid", r"\1"),
}


def decode(name: str) -> tuple[str, str] | None:
    """(source, the source's own id) of a released IR-500K pair, or None.

    >>> decode("kaist_set00_V000_I00005.jpg")
    ('kaist', 'set00/V000/I00005')
    """
    pattern, source, form = _IR500K.get(name.partition("_")[0].lower(), ("", "", ""))
    found = re.fullmatch(pattern, name, re.IGNORECASE)
    return (source, found.expand(form)) if found and name else None


def key_of(source: str, name: str) -> str:
    """The key of a sample from its source and the id by which lists call it; `ir500k` is decoded to the true source.

    >>> key_of("kaist", "set06/V000/I00019"), key_of("ir500k", "FLIR_00002.jpg")
    ('kaist-set06-v000-i00019', 'flir_aligned-flir_00002')
    """
    found = decode(name) if source == "ir500k" else None
    return make_key(*found) if found else make_key(source, name)


@lru_cache(1 << 17)
def place(key: str) -> Place | None:
    """The place that a key tells, or None where its source numbers nothing.

    >>> place("roadscene-flir_08865") == place("flir_aligned-flir_08865")
    True
    """
    source, _, name = key.partition("-")
    if source == "ir500k" and (original := decode(name)):
        return place(make_key(*original))
    numbering = NUMBERINGS.get(source)
    found = re.fullmatch(numbering.pattern, name) if numbering else None
    if numbering is None or found is None:
        return None
    frame = int(found["frame"])
    sequence = found.groupdict().get("sequence")
    if sequence is None:
        sequence = str(_listed_scenes(numbering.family).get(("", frame), ""))
    return Place(numbering.family, sequence.replace("_", "-"), frame)


def recorded(key: str) -> Place | None:
    """The place that a key tells where numbers run in time, so that neighbouring ones are neighbouring moments.

    They do where the names of a source tell its scenes; a new scene is a new recording.

    >>> recorded("msrs-00540d") == place("msrs-00540d"), recorded("aviid-aviid-1-train-7")
    (False, None)
    """
    where = place(key)
    if where is None or not _SCENES[where.family]:
        return None
    return Place(where.family, scene(where) or where.sequence, where.frame)


def places(keys: Iterable[str]) -> dict[str, Place]:
    """Place by key, of the keys that tell one."""
    return {key: found for key in keys if (found := place(key)) is not None}


def scene(where: Place) -> str | None:
    """The scene that a place belongs to, as far as names and published lists tell.

    >>> scene(place("m3fd-00245")), scene(place("llvip-010007")), scene(place("aviid-aviid1_7"))
    ('m3fd/244', 'llvip/01', None)
    """
    if _SCENES.get(where.family) == "sequence":
        return f"{where.family}/{where.sequence}"
    scenes = _listed_scenes(where.family)
    first = scenes.get((where.sequence, where.frame), scenes.get(("", where.frame)))
    return None if first is None else f"{where.family}/{first}"


_SCENES = {numbering.family: numbering.scenes for numbering in NUMBERINGS.values()}


@cache
def _listed_scenes(family: str) -> Mapping[tuple[str, int], int]:
    """First frame of the scene by (sequence, frame), from the list of the family."""
    found: dict[tuple[str, int], int] = {}
    if _SCENES.get(family, "") in {"", "sequence"}:
        return found
    source, numbering = next((s, n) for s, n in NUMBERINGS.items() if n.family == family)
    for line in ids.lines(numbering.scenes):
        parts = [re.fullmatch(numbering.pattern, make_key(source, name).partition("-")[2]) for name in line]
        members = [(m.groupdict().get("sequence", "").replace("_", "-"), int(m["frame"])) for m in parts if m]
        found |= dict.fromkeys(members, members[0][1])
    return found

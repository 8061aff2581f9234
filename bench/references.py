"""What predictions are scored against: a dataset's subset, or a plain folder of images."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from PIL import Image

from bench.decode import BadImage, Pixels, decode, read, to_grey
from bench.geometry import Size
from shards.dataset import SampleDataset
from shards.errors import UserError
from shards.home import Home
from shards.image import SUFFIXES, to_uint8


@dataclass(frozen=True)
class References:
    """The true infrared images.

    Attributes:
        title: the dataset's name, or the folder's.
        subset: "all" for a folder.
        fingerprint: of the content.
        keys: sorted; what results are reported by.
        names: names by which a file may match, by rule: the key, the publisher's id, the raw stem.
        shared: ids and stems that several samples bear, by which nothing is matched.
        scenes: scene or group by key.
        pixels: key -> the image at stored size, colour kept where there is some.
        size: key -> (width, height) as stored, without decoding.
        visible: key -> the visible image likewise; None where there is none.
        partial: images of the dataset's lists are missing.
        of_dataset: False for a plain folder, of which no submission.json can speak.
    """

    title: str
    subset: str
    fingerprint: str
    keys: Sequence[str]
    names: Mapping[str, Mapping[str, str]]
    scenes: Mapping[str, str]
    pixels: Callable[[str], Pixels]
    size: Callable[[str], Size]
    visible: Callable[[str], Pixels] | None = None
    partial: bool = False
    of_dataset: bool = True
    shared: Collection[str] = frozenset()

    def image(self, key: str) -> Pixels:
        """H x W grey levels at stored size."""
        return to_grey(self.pixels(key))


@dataclass(frozen=True)
class Elsewhere:
    """A dataset's other subsets.

    Attributes:
        pixels: digest of an infrared image -> "key (subset)". A prediction that equals one was not predicted.
        names: every name by which a prediction of another subset may be called -> that subset.
    """

    pixels: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def of_dataset(samples: SampleDataset, subset: str) -> References:
    """The infrared side of a subset, with its visible side where every sample has one."""
    rows = {facts["key"]: (place, facts) for place, facts in enumerate(map(samples.facts, range(len(samples))))}

    def pixels(key: str) -> Pixels:
        sample = samples[rows[key][0]]
        if sample.facts["ir_bits"] > 8:
            return to_uint8(sample.infrared)
        return _whole(key, sample.infrared_bytes)

    def visible(key: str) -> Pixels:
        sample = samples[rows[key][0]]
        if sample.visible_bytes is None or sample.facts["vis_bits"] > 8:
            return sample.visible
        return _whole(key, sample.visible_bytes)

    ids = {key: key.removeprefix(f"{facts['source']}-") for key, (_, facts) in rows.items()}
    stems = {key: Path(facts["ir_path"]).stem for key, (_, facts) in rows.items()}
    return References(
        samples.title,
        subset,
        samples.fingerprint,
        sorted(rows),
        {"key": {key: key for key in rows}, "publisher's id": _only_once(ids), "raw stem": _only_once(stems)},
        samples.groups,
        pixels,
        lambda key: (int(rows[key][1]["ir_width"]), int(rows[key][1]["ir_height"])),
        visible if all(facts["vis_size"] for _, facts in rows.values()) else None,
        samples.partial,
        shared={name for names in (ids, stems) for name, count in Counter(names.values()).items() if count > 1},
    )


def of_folder(folder: Path, scenes: Path | None = None) -> References:
    """A plain folder; every image by its stem.

    Args:
        folder: images, not nested.
        scenes: a file of lines `stem<TAB or comma>scene`; without it every image is a scene of its own.

    Raises:
        UserError: no images, two files of one stem, or a scene file that cannot be read or lacks a stem.
    """
    files = image_files(folder)
    stems = sorted(files)
    lines = [f"{stem}\t{hashlib.sha256(files[stem].read_bytes()).hexdigest()}\n" for stem in stems]
    given = _scenes(scenes) if scenes else {stem: stem for stem in files}
    lacking = sorted(files.keys() - given.keys())
    if lacking:
        raise UserError(f"{scenes} has no scene for {lacking[0]}", f"{len(lacking)} stems are missing")
    return References(
        folder.resolve().name,
        "all",
        hashlib.sha256("".join(lines).encode()).hexdigest(),
        stems,
        {"stem": {stem: stem for stem in files}},
        given,
        lambda stem: _whole(files[stem].name, read(files[stem])),
        cache(lambda stem: _stored_size(files[stem])),
        of_dataset=False,
    )


def image_files(folder: Path) -> dict[str, Path]:
    """Images of a folder by stem.

    Raises:
        UserError: the folder does not exist or holds none; two files have one stem.
    """
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder", "give a folder with one image per sample")
    files: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in SUFFIXES and path.is_file():
            if path.stem in files:
                raise UserError(f"{files[path.stem].name} and {path.name} have one stem", "keep one of them")
            files[path.stem] = path
    if not files:
        raise UserError(f"{folder} holds no images", "one PNG per sample, named by its key")
    return files


def elsewhere(dataset: str, subset: str, home: Home, *, partial: bool = False) -> Elsewhere:
    """What a dataset's other subsets hold.

    Raises:
        UserError: what `splits.load` raises.
    """
    import splits
    from splits.definition import get
    from splits.pinned import pinned

    name, _, version = dataset.partition("@")
    built = pinned(get(name), home, version)
    pixels: dict[str, str] = {}
    names: dict[str, str] = {}
    for other in sorted(built.subsets if built else ()):
        if other != subset:
            samples = splits.load(dataset, other, home=home, captions="none", maps="none", partial=partial)
            pixels |= {
                facts["ir_pixels"]: f"{facts['key']} ({other})" for facts in map(samples.facts, range(len(samples)))
            }
            theirs = of_dataset(samples, other)
            for known in (theirs.shared, *theirs.names.values()):
                names |= dict.fromkeys(known, other)
    return Elsewhere(pixels, names)


def _only_once(names: Mapping[str, str]) -> dict[str, str]:
    """Keys by those of their names that no other key bears."""
    counts = Counter(names.values())
    return {name: key for key, name in names.items() if counts[name] == 1}


def _whole(name: str, data: bytes) -> Pixels:
    """A reference's pixels; what is wrong with one is its owner's to mend.

    Raises:
        UserError: it cannot be scored against.
    """
    try:
        return decode(data, allow_colour=True).pixels
    except BadImage as bad:
        raise UserError(f"the reference {name} cannot be used: {bad.message}", "mend the reference set") from None


def _stored_size(path: Path) -> Size:
    try:
        with Image.open(path) as opened:
            return opened.size
    except Exception as error:  # Pillow raises many kinds on damaged headers
        raise UserError(f"the reference {path} cannot be read ({type(error).__name__})", "mend the file") from None


def _scenes(path: Path) -> dict[str, str]:
    if not path.is_file():
        raise UserError(f"{path} is not a file", "a text file with a line `stem,scene` for each image")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8", "save it as UTF-8") from None
    pairs = [line.replace("\t", ",").split(",", 1) for line in text.splitlines() if line.strip()]
    if any(len(pair) != 2 for pair in pairs):
        raise UserError(f"{path} is not a list of `stem,scene`", "one line per image")
    found: dict[str, str] = {}
    for stem, scene in ((stem.strip(), scene.strip()) for stem, scene in pairs):
        if not scene:
            raise UserError(f"{path} has an empty scene for {stem}", "one line `stem,scene` per image")
        if found.setdefault(stem, scene) != scene:
            raise UserError(f"{path} puts {stem} into two scenes, {found[stem]} and {scene}", "keep one of the lines")
    return found

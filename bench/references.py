"""What predictions are scored against: a dataset's subset, or a plain folder of images."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.protocol import decode_grey
from shards.dataset import SampleDataset
from shards.errors import UserError
from shards.image import SUFFIXES, to_uint8


@dataclass(frozen=True)
class References:
    """The true infrared images.

    Attributes:
        keys: sorted; what results are reported by.
        names: other names by which a file may match, by rule: the publisher's id, the raw stem.
        scenes: scene or group by key.
        image: key -> HW uint8 at stored size.
        fingerprint: of the content.
    """

    title: str
    subset: str
    fingerprint: str
    keys: Sequence[str]
    names: Mapping[str, Mapping[str, str]]
    scenes: Mapping[str, str]
    image: Callable[[str], np.ndarray]
    partial: bool = False


def of_dataset(samples: SampleDataset, subset: str) -> References:
    """The infrared side of a subset."""
    rows = [samples.facts(i) for i in range(len(samples))]
    place = {row["key"]: i for i, row in enumerate(rows)}

    def image(key: str) -> np.ndarray:
        sample = samples[place[key]]
        wide = sample.facts["ir_bits"] > 8
        return to_uint8(sample.infrared) if wide else decode_grey(sample.infrared_bytes)

    ids = {row["key"].removeprefix(f"{row['source']}-"): row["key"] for row in rows}
    stems = {Path(row["ir_path"]).stem: row["key"] for row in rows}
    return References(
        samples.title,
        subset,
        samples.fingerprint,
        sorted(place),
        {"key": {k: k for k in place}, "publisher's id": ids, "raw stem": stems},
        samples.groups,
        image,
        samples.partial,
    )


def of_folder(folder: Path, scenes: Path | None = None) -> References:
    """A plain folder; every image by its stem.

    Args:
        folder: images, not nested.
        scenes: a file of lines `stem<TAB or comma>scene`; without it every image is a scene of its own.

    Raises:
        UserError: no images, two files of one stem, or a scene file that lacks a stem.
    """
    files = image_files(folder)
    lines = [f"{stem}\t{hashlib.sha256(path.read_bytes()).hexdigest()}\n" for stem, path in sorted(files.items())]
    given = _scenes(scenes) if scenes else {stem: stem for stem in files}
    lacking = sorted(files.keys() - given.keys())
    if lacking:
        raise UserError(f"{scenes} has no scene for {lacking[0]}", f"{len(lacking)} stems are missing")
    return References(
        folder.name,
        "all",
        hashlib.sha256("".join(lines).encode()).hexdigest(),
        sorted(files),
        {"stem": {stem: stem for stem in files}},
        given,
        lambda stem: decode_grey(files[stem]),
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


def _scenes(path: Path) -> dict[str, str]:
    pairs = [line.replace("\t", ",").split(",", 1) for line in path.read_text().splitlines() if line.strip()]
    if any(len(pair) != 2 for pair in pairs):
        raise UserError(f"{path} is not a list of `stem,scene`", "one line per image")
    return {stem.strip(): scene.strip() for stem, scene in pairs}

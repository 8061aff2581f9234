"""Plain image folders as samples: for audits of what was never ingested."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shards import hashing, image
from shards.errors import UserError
from splits.samples import OnDisk, Picture, Samples

SIDE = "image"
"""Plain images are of one kind: visible and infrared ones are compared alike."""

_THREADS = 2


@dataclass(frozen=True)
class Folders:
    """Images of several folders.

    Attributes:
        samples: keys are `NAME/path`, with the name under which the folder was given.
        subsets: numbers of samples by name.
        paths: file by key.
        unreadable: files that claim to be images and are none, with the reason.
    """

    samples: Samples
    subsets: Mapping[str, np.ndarray]
    paths: Mapping[str, Path]
    unreadable: Sequence[tuple[Path, str]]

    def find(self, keys: Sequence[str], side: str) -> list[Picture]:
        """The pictures of some samples, in their order."""
        return [OnDisk(self.paths[key]) for key in keys]


@dataclass(frozen=True)
class _Read:
    path: Path
    problem: str = ""
    file: str = ""
    pixels: str = ""
    hash64: bytes = bytes(8)
    hash256: bytes = bytes(32)
    flat: bool = True


def read(folders: Mapping[str, Path]) -> Folders:
    """Hashes every image in and below some folders.

    Raises:
        UserError: a folder does not exist or holds no readable image.
    """
    files: list[tuple[str, Path]] = []
    for name, folder in folders.items():
        if not folder.is_dir():
            raise UserError(f"folder {folder} does not exist", "give a folder of images")
        known = sorted(path for path in folder.rglob("*") if path.suffix.lower() in image.SUFFIXES and path.is_file())
        files += [(f"{name}/{path.relative_to(folder).as_posix()}", path) for path in known]
    with ThreadPoolExecutor(_THREADS) as pool:  # OpenCV and hashlib let go of the interpreter while they work
        found = list(pool.map(_hash, [path for _, path in files]))
    good = [(key, one) for (key, _), one in zip(files, found, strict=True) if not one.problem]
    keys, ones = [key for key, _ in good], [one for _, one in good]
    subsets = {
        name: np.array([n for n, key in enumerate(keys) if key.startswith(f"{name}/")], np.int64) for name in folders
    }
    for name, numbers in subsets.items():
        if not len(numbers):
            raise UserError(
                f"{folders[name]} holds no readable image",
                f"looked for {', '.join(sorted(image.SUFFIXES))} in and below it",
            )
    samples = Samples(
        keys=keys,
        scenes=[""] * len(keys),
        sequences=[""] * len(keys),
        frames=np.full(len(keys), -1),
        files={SIDE: _codes([one.file for one in ones])},
        pixels={SIDE: _codes([one.pixels for one in ones])},
        hashes={SIDE: {64: _stack([one.hash64 for one in ones]), 256: _stack([one.hash256 for one in ones])}},
        structured={SIDE: ~np.array([one.flat for one in ones], bool)},
    )
    unreadable = [(one.path, one.problem) for one in found if one.problem]
    return Folders(samples, subsets, dict(zip(keys, (one.path for one in ones), strict=True)), unreadable)


def _hash(path: Path) -> _Read:
    try:
        data = path.read_bytes()
        pixels = image.decode(data)
    except (image.BadImage, OSError) as error:
        return _Read(path, problem=str(error))
    grey = image.to_grey(pixels)
    # Equal channels collapse, so that a grey picture saved as RGB has the same pixels.
    digest = hashing.pixel_digest(grey if image.channel_spread(pixels) == 0 else pixels)
    hashes = hashing.perceptual(grey), hashing.perceptual(grey, 16)
    return _Read(path, "", hashing.sha256(data), digest, *hashes, hashing.is_flat(grey))


def _codes(texts: Sequence[str]) -> np.ndarray:
    return np.unique(np.array(texts, str), return_inverse=True)[1].astype(np.int64)


def _stack(hashes: Sequence[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(len(hashes), -1)

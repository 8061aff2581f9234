"""Samples made of pictures in memory."""

from dataclasses import dataclass, field
from itertools import count

import cv2
import numpy as np
import pytest

from shards import hashing
from splits.confirm import confirm
from splits.samples import Samples

_NUMBERS = count()


@dataclass(frozen=True)
class InMemory:
    """A picture that is its own file; no two are taken for the same."""

    pixels: np.ndarray = field(compare=False)
    number: int = field(default_factory=lambda: next(_NUMBERS))

    def grey(self) -> np.ndarray:
        return self.pixels


@dataclass(frozen=True)
class Album:
    """Samples and their pictures, by key and side."""

    samples: Samples
    pictures: dict[str, dict[str, np.ndarray]]

    def find(self, keys, side):
        return [InMemory(self.pictures[key][side]) for key in keys]

    def numbers(self, *keys):
        """Where some keys stand."""
        return np.array([self.samples.keys.index(key) for key in keys], np.int64)


@pytest.fixture(scope="session")
def album():
    """`album(pictures, scenes={}, sequences={}, frames={})`: samples of {key: {side: HW uint8}}."""

    def make(pictures, scenes=None, sequences=None, frames=None):
        keys = sorted(pictures)
        sides = ("vis", "ir")

        def codes(side):
            digests = [hashing.pixel_digest(pictures[k][side]) if side in pictures[k] else "" for k in keys]
            found = np.unique(digests, return_inverse=True)[1].astype(np.int64)
            return np.where(np.array(digests) == "", -1, found)

        def hashed(side, bits):
            rows = [
                hashing.perceptual(pictures[k][side], 8 if bits == 64 else 16)
                if side in pictures[k]
                else bytes(bits // 8)
                for k in keys
            ]
            return np.frombuffer(b"".join(rows), np.uint8).reshape(len(keys), bits // 8)

        samples = Samples(
            keys=keys,
            scenes=[(scenes or {}).get(key, "") for key in keys],
            sequences=[(sequences or {}).get(key, "") for key in keys],
            frames=np.array([(frames or {}).get(key, -1) for key in keys], np.int64),
            files={side: np.where(codes(side) < 0, -1, np.arange(len(keys))) for side in sides},
            pixels={side: codes(side) for side in sides},
            hashes={side: {bits: hashed(side, bits) for bits in (64, 256)} for side in sides},
            structured={
                side: np.array([side in pictures[k] and not hashing.is_flat(pictures[k][side]) for k in keys], bool)
                for side in sides
            },
        )
        return Album(samples, pictures)

    return make


@pytest.fixture(scope="session")
def judge():
    """`judge(one, other, variant=0)`: the verdict on two pictures."""
    return lambda one, other, variant=0: confirm([(InMemory(one), InMemory(other), variant)])[0]


@pytest.fixture(scope="session")
def view():
    """`view(seed, shift=0)`: 240 x 320 uint8, a place with houses; `shift` moves the camera aside by so many pixels."""

    def draw(seed, shift=0):
        rng = np.random.default_rng(seed)
        wide = np.full((240, 640), rng.integers(60, 200), np.uint8)
        for _ in range(90):
            x, y = int(rng.integers(0, 640)), int(rng.integers(0, 240))
            w, h = int(rng.integers(6, 90)), int(rng.integers(6, 70))
            cv2.rectangle(wide, (x, y), (x + w, y + h), int(rng.integers(0, 256)), -1)
        return np.ascontiguousarray(cv2.GaussianBlur(wide, (0, 0), 1)[:, 160 + shift : 480 + shift])

    return draw


@pytest.fixture(scope="session")
def edits():
    """What people do to pictures before they publish them again, by name."""

    def jpeg(grey):
        return cv2.imdecode(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_GRAYSCALE)

    def crop(grey):
        height, width = grey.shape
        y, x = round(0.05 * height), round(0.05 * width)
        return np.ascontiguousarray(grey[y : height - y, x : width - x])

    return {
        "jpeg 60": jpeg,
        "half size": lambda g: cv2.resize(g, (g.shape[1] // 2, g.shape[0] // 2), interpolation=cv2.INTER_AREA),
        "crop 5 % on each side": crop,
        "negative": lambda g: 255 - g,
        "mirror": lambda g: np.ascontiguousarray(g[:, ::-1]),
    }

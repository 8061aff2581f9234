"""A sample: one visible/infrared pair, or one infrared image, with its facts and annotations."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from shards import image

LONGEST = 90
"""Characters of a key, so that every member's name (`KEY.masks.png` is the longest) fits a tar header."""

KEY = re.compile(f"[a-z0-9][a-z0-9_-]{{0,{LONGEST - 1}}}")

_DIGITS = 8


def make_key(source: str, name: str) -> str:
    """The key of a sample: the source's name, a hyphen and the source's own name for it.

    Other characters than [a-z0-9_-] become hyphens; a double underscore is folded, since `KEY__s1.png` names
    the second prediction of one sample. A name that is not ASCII, or too long, gets a digest of itself at the end:
    what is left of it may be left of others too.

    >>> make_key("roadscene", "FLIR_00006")
    'roadscene-flir_00006'
    >>> make_key("folder", "Straße 7/a.b")
    'folder-stra-e-7-a-b-2832d5f2'
    """
    key = re.sub(r"[^a-z0-9_-]", "-", f"{source}-{name}".lower())
    key = re.sub(r"__+", "_", key)
    if not name.isascii() or len(key) > LONGEST:
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:_DIGITS]
        key = f"{key[: LONGEST - _DIGITS - 1]}-{digest}"
    return key


@dataclass(frozen=True)
class Sample:
    """One row of a part with the stored bytes of its images.

    Attributes:
        key: unique over all sources, stable for ever.
        facts: the row of the part (`shards.schema`).
        visible_bytes: the stored JPEG or PNG; None for an infrared-only sample.
        infrared_bytes: the stored JPEG or PNG.
        captions: texts of the joined caption layer, may be empty.
        map_bytes: PNG of the joined map layer, or None.
    """

    key: str
    facts: Mapping[str, Any] = field(repr=False)
    infrared_bytes: bytes = field(repr=False)
    visible_bytes: bytes | None = field(default=None, repr=False)
    captions: Sequence[str] = ()
    map_bytes: bytes | None = field(default=None, repr=False)

    @cached_property
    def visible(self) -> np.ndarray:
        """HW3 uint8, RGB."""
        if self.visible_bytes is None:
            raise ValueError(f"{self.key} has no visible side")
        return image.to_rgb(image.decode(self.visible_bytes))

    @cached_property
    def infrared(self) -> np.ndarray:
        """HW uint8 or uint16, one channel."""
        return image.to_grey(image.decode(self.infrared_bytes))

    @cached_property
    def map(self) -> np.ndarray | None:
        """HW uint8 segmentation map, or None."""
        return None if self.map_bytes is None else image.to_grey(image.decode(self.map_bytes))

    @property
    def scene(self) -> str:
        """The place and time that the source declares."""
        return str(self.facts["scene"])

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the infrared side, the reference frame."""
        return int(self.facts["ir_width"]), int(self.facts["ir_height"])

"""What a source is: a public dataset as its publisher ships it, told as a declaration."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ingest.annotations.form import BoxFiles
from ingest.layers import LayerFiles
from ingest.matching import Matching
from ingest.readers import Reader
from ingest.template import Fields, Template, fill
from ingest.tree import Folder
from shards.errors import unknown
from shards.image import SUFFIXES

SceneRule = Callable[[Sequence[Fields]], list[str]]
"""Scenes of all samples at once, in plan order: for rules that look at neighbours."""

SubsetRule = Callable[[Sequence[Fields], Folder], list[str]]
"""Subsets of all samples at once, in plan order; the dataset's folder is there for index files (`ingest.subsets`)."""


@dataclass(frozen=True)
class Layout:
    """One form in which a dataset is found on disk.

    Attributes:
        visible: template of the visible side; None for infrared-only data.
        infrared: template of the infrared side.
        boxes: object annotations, where the source has them; several where each side has its own.
        layers: captions or maps that come with the raw data, by layer name.
        read: how samples come out of files that are no pair of images (`ingest.readers`): ALPHA, VIDEO.
        match: adds the fields by which files pair whose templates do not tell it (`ingest.matching`).
    """

    visible: str | None
    infrared: str
    boxes: Sequence[BoxFiles] = ()
    layers: Mapping[str, LayerFiles] = field(default_factory=dict)
    read: Reader | None = None
    match: Matching | None = None

    def templates(self) -> tuple[Template | None, Template]:
        """(visible, infrared)."""
        suffixes = SUFFIXES if self.read is None else self.read.suffixes
        visible = None if self.visible is None else Template(self.visible, suffixes=suffixes)
        return visible, Template(self.infrared, suffixes=suffixes)

    @property
    def letters(self) -> int:
        """Letters that the templates ask of a pair's paths: 0 where they fit any file."""
        return sum(template.letters for template in self.templates() if template is not None)

    def __str__(self) -> str:
        return f"{self.visible} + {self.infrared}" if self.visible else self.infrared


@dataclass(frozen=True)
class Git:
    """A repository at one commit.

    Attributes:
        paths: folders or files of it that are wanted; all where empty.
    """

    url: str
    commit: str
    paths: Sequence[str] = ()


@dataclass(frozen=True)
class Http:
    """One file at a fixed address.

    Attributes:
        size: bytes, 0 where unknown.
    """

    url: str
    sha256: str
    size: int = 0


@dataclass(frozen=True)
class Source:
    """A public dataset.

    Attributes:
        name: [a-z0-9_]; first part of every key.
        pairs: how many the publisher counts; 0 where the number is not fixed.
        band: of the infrared side.
        view: where the camera stands.
        redistribute: whether the licence lets shards be given to others.
        layouts: forms to look for, the best first.
        scene: template over the fields, or a rule over all samples.
        key: template of the part of the key after the name.
        sequence: template of the recording whose frames follow each other, empty where there is none.
        subset: template of the publisher's subset (`all` where a file's path lacks its field), or a rule.
        same_size: both sides must have equal sizes, after `border` and `resize`.
        border: pixels that are cut off each of the four edges of both sides.
        framed: width and height of the images that have the border, others being cut already; None: all have it.
        valid_area: finds the largest box that holds no wedge left by a warp and no black border, and records it in the
            row; the pixels stay.
        resize: the side that is resampled to the other's size (area means down, cubic up), if any.
        window: display window of infrared with 16 bits, (name, low, high) in raw levels, or
            (`percentile-1-99`, 0, 0) for percentiles of each image; the stored image keeps its 16 bits.
        grey: the infrared side must be grey. False: pseudo-colour is all there is, and is taken as it is.
        others: names of folders that hold another dataset in a form of this one.
        files: exact names of what is to be downloaded.
        fetch: where it can be downloaded without asking anybody, as far as licence and host allow.
        prepare: makes the raw folder where it does not exist (rendered data).
    """

    name: str
    title: str
    pairs: int
    band: Literal["lwir", "mwir", "nir", "mixed", "rendered", "unknown"]
    view: Literal["driving", "surveillance", "aerial", "mixed", "unknown"]
    page: str
    licence: str
    redistribute: bool
    citation: str
    layouts: Sequence[Layout]
    scene: str | SceneRule
    key: str = "{id}"
    sequence: str = ""
    subset: str | SubsetRule = "{subset}"
    same_size: bool = True
    border: int = 0
    framed: tuple[int, int] | None = None
    valid_area: bool = False
    resize: Literal["", "visible", "infrared"] = ""
    window: tuple[str, float, float] | None = None
    grey: bool = True
    others: Sequence[str] = ()
    files: Sequence[str] = ()
    fetch: Sequence[Git | Http] = ()
    prepare: Callable[[Path], None] | None = None

    def border_of(self, size: tuple[int, int]) -> int:
        """Pixels to be cut off each edge of a raw image of this width and height."""
        return self.border if self.framed in {None, size} else 0

    def scenes(self, fields: Sequence[Fields]) -> list[str]:
        """The scene of each sample."""
        if callable(self.scene):
            return self.scene(fields)
        return [fill(self.scene, f) for f in fields]

    def subsets(self, fields: Sequence[Fields], folder: Folder) -> list[str]:
        """The publisher's subset of each sample, `all` where there is none, as file names are spelt."""
        if callable(self.subset):
            names = self.subset(fields, folder)
        else:
            wanted = Template(self.subset, image=False).fields
            names = [fill(self.subset, f) if wanted <= f.keys() else "all" for f in fields]
        spelt = {name: re.sub(r"[^a-z0-9_-]", "-", name.lower()) or "all" for name in set(names)}
        return [spelt[name] for name in names]


def sources() -> dict[str, Source]:
    """Every source: each module in `ingest/sources/` declares one as SOURCE."""
    package = importlib.import_module("ingest.sources")
    modules = [importlib.import_module(f"ingest.sources.{m.name}") for m in pkgutil.iter_modules(package.__path__)]
    found = [module.SOURCE for module in modules if hasattr(module, "SOURCE")]
    return {source.name: source for source in sorted(found, key=lambda s: s.name)}


def get(name: str) -> Source:
    """The source of that name.

    Raises:
        UserError: there is none; names the nearest.
    """
    known = sources()
    if name not in known:
        raise unknown("source", name, known, hint="`folder` takes any rgb/ and ir/ folders")
    return known[name]

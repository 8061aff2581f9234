"""What a source is: a public dataset as its publisher ships it, told as a declaration."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ingest.boxes import Boxes
from ingest.layers import LayerFiles
from ingest.template import Fields, Template, fill
from shards.errors import unknown

SceneRule = Callable[[Sequence[Fields]], list[str]]
"""Scenes of all samples at once, in plan order: for rules that look at neighbours."""


@dataclass(frozen=True)
class Layout:
    """One form in which a dataset is found on disk.

    Attributes:
        visible: template of the visible side; None for infrared-only data.
        infrared: template of the infrared side.
        boxes: object annotations, where the source has them.
        layers: captions or maps that come with the raw data, by layer name.
    """

    visible: str | None
    infrared: str
    boxes: Boxes | None = None
    layers: Mapping[str, LayerFiles] = field(default_factory=dict)

    def templates(self) -> tuple[Template | None, Template]:
        """(visible, infrared)."""
        return (None if self.visible is None else Template(self.visible)), Template(self.infrared)

    def __str__(self) -> str:
        return f"{self.visible} + {self.infrared}" if self.visible else self.infrared


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
        same_size: both sides must have equal sizes.
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
    same_size: bool = True
    prepare: Callable[[Path], None] | None = None

    def scenes(self, fields: Sequence[Fields]) -> list[str]:
        """The scene of each sample."""
        if callable(self.scene):
            return self.scene(fields)
        return [fill(self.scene, f) for f in fields]


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

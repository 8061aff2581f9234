"""Scene rules that a template cannot say."""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from ingest.template import Fields


@dataclass(frozen=True)
class IdRuns:
    """A new scene where the gap between neighbouring numbers of one name series exceeds `gap`.

    The series is the name without its last number; the scene is named after its first id.
    """

    field: str
    gap: int

    def __call__(self, samples: Sequence[Fields]) -> list[str]:
        """Scenes in the order of the samples."""
        series: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for index, fields in enumerate(samples):
            name = str(fields[self.field])
            found = re.fullmatch(r"(.*?)(\d+)\D*", name)
            prefix, number = (found[1], int(found[2])) if found else (name, 0)
            series[prefix].append((number, index, name))
        scenes = [""] * len(samples)
        for members in series.values():
            last, scene = None, ""
            for number, index, name in sorted(members):
                if last is None or number - last > self.gap:
                    scene = name
                scenes[index], last = scene, number
        return scenes


@dataclass(frozen=True)
class BlockTable:
    """Scenes from a table of [first, last] id blocks that lies beside the sources.

    Ids outside every block become scenes of their own, named after the id.
    """

    field: str
    file: str

    def __call__(self, samples: Sequence[Fields]) -> list[str]:
        """Scenes in the order of the samples."""
        table = json.loads(resources.files("ingest.sources").joinpath(self.file).read_text())
        blocks = [(first, last, f"block{i:02d}") for i, (first, last) in enumerate(table["blocks"])]
        return [self._scene(str(fields[self.field]), blocks) for fields in samples]

    @staticmethod
    def _scene(name: str, blocks: Sequence[tuple[int, int, str]]) -> str:
        if name.isdecimal():
            for first, last, scene in blocks:
                if first <= int(name) <= last:
                    return scene
        return name

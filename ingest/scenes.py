"""Scene rules that a template cannot say.

A scene is one place and time: a split that cuts through it leaks. Rules err towards joining, since a scene that is too
large costs some freedom in splitting, and one that is too small costs the split its worth.
"""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources

from ingest.template import Fields, fill


@dataclass(frozen=True)
class IdRuns:
    """A new scene where the gap between neighbouring numbers of one name series exceeds `gap`.

    The series is the name without its last number; the scene is named after its first id. Where numbers start again
    in every folder, `series` is a template that tells the folders apart, and comes before the scene's name.
    """

    field: str
    gap: int
    series: str = ""

    def __call__(self, samples: Sequence[Fields]) -> list[str]:
        """Scenes in the order of the samples."""
        members: dict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)
        for index, fields in enumerate(samples):
            name = str(fields[self.field])
            found = re.fullmatch(r"(.*?)(\d+)\D*", name)
            prefix, number = (found[1], int(found[2])) if found else (name, 0)
            members[fill(self.series, fields), prefix].append((number, index, name))
        scenes = [""] * len(samples)
        for (series, _), numbered in members.items():
            for index, name in _runs(numbered, self.gap):
                scenes[index] = f"{series}/{name}" if series else name
        return scenes


@dataclass(frozen=True)
class Runs:
    """Samples in the order of one number; a new scene where `label` changes or the number jumps by more than `gap`.

    Unlike IdRuns, a sample of another label between two of one label parts them: a drone that flies at 60 m, at 80 m
    and again at 60 m is at three places. The scene is named after its label and first number.

    Attributes:
        number: template of the number.
        label: template of what stays the same within a scene.
        gap: None where the number may jump as it likes.
    """

    number: str
    label: str = ""
    gap: int | None = None

    def __call__(self, samples: Sequence[Fields]) -> list[str]:
        """Scenes in the order of the samples."""
        order = sorted((int(fill(self.number, f)), fill(self.label, f), index) for index, f in enumerate(samples))
        scenes = [""] * len(samples)
        last: tuple[str, int] | None = None
        scene = ""
        for number, label, index in order:
            jumps = last is not None and self.gap is not None and number - last[1] > self.gap
            if last is None or label != last[0] or jumps:
                scene = f"{label}-{number}" if label else str(number)
            scenes[index], last = scene, (label, number)
        return scenes


@dataclass(frozen=True)
class BlockTable:
    """Scenes from a table of [first, last] id blocks that lies beside the sources.

    Known blocks hold whatever part of the dataset is there, where runs would break at every file that is missing.

    Attributes:
        field: holds `prefix`, the number, and maybe letters.
        outside: scene of what is in no block, a template; empty: each is a scene of its own, named after the id.
    """

    field: str
    file: str
    prefix: str = ""
    outside: str = ""

    def __call__(self, samples: Sequence[Fields]) -> list[str]:
        """Scenes in the order of the samples."""
        table = json.loads(resources.files("ingest.sources").joinpath(self.file).read_text())
        blocks = [(first, last, f"block{i:02d}") for i, (first, last) in enumerate(table["blocks"])]
        return [self._scene(fields, blocks) for fields in samples]

    def _scene(self, fields: Fields, blocks: Sequence[tuple[int, int, str]]) -> str:
        name = str(fields[self.field])
        found = re.fullmatch(rf"(?i:{re.escape(self.prefix)})([0-9]+)[a-z]*", name, re.IGNORECASE)
        if found:
            for first, last, scene in blocks:
                if first <= int(found[1]) <= last:
                    return scene
        return fill(self.outside, fields) or name


@dataclass(frozen=True)
class Pauses:
    """Names are times; a new scene where nothing was recorded for more than `seconds`.

    Attributes:
        field: holds the time.
        form: of the time, as `datetime.strptime` has it.
        series: template of what was recorded apart; comes before the scene's name.
    """

    field: str
    form: str
    seconds: float
    series: str

    def __call__(self, samples: Sequence[Fields]) -> list[str]:
        """Scenes in the order of the samples; one whose name is no time is a scene of its own."""
        members: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        scenes = [""] * len(samples)
        for index, fields in enumerate(samples):
            series, name = fill(self.series, fields), str(fields[self.field])
            try:
                time = datetime.strptime(name, self.form).replace(tzinfo=UTC)
            except ValueError:
                scenes[index] = f"{series}/{name}"
                continue
            members[series].append((round(time.timestamp() * 1_000_000), index, name))
        for series, timed in members.items():
            for index, name in _runs(timed, round(self.seconds * 1_000_000)):
                scenes[index] = f"{series}/{name}"
        return scenes


@dataclass(frozen=True)
class Folders:
    """Each folder is a scene, since frames of one recording lie together; a file in no folder is a scene of its own."""

    field: str

    def __call__(self, samples: Sequence[Fields]) -> list[str]:
        """Scenes in the order of the samples."""
        paths = [str(fields[self.field]) for fields in samples]
        return [path.rpartition("/")[0] or path for path in paths]


@dataclass(frozen=True)
class NamePart:
    """The scene is the part of a name that the first group of a pattern holds; other names are scenes of their own."""

    field: str
    pattern: str

    def __call__(self, samples: Sequence[Fields]) -> list[str]:
        """Scenes in the order of the samples."""
        names = [str(fields[self.field]) for fields in samples]
        return [found[1] if (found := re.fullmatch(self.pattern, name)) else name for name in names]


def _runs(members: Sequence[tuple[int, int, str]], gap: int) -> list[tuple[int, str]]:
    """(index, name of the first in its run) of each (number, index, name)."""
    runs, last, scene = [], None, ""
    for number, index, name in sorted(members):
        if last is None or number - last > gap:
            scene = name
        runs.append((index, scene))
        last = number
    return runs

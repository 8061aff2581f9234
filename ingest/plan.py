"""The plan: which raw files become which sample of which shard, settled before the first byte is written."""

import gc
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from ingest.layout import Found, find, joined, strangers
from ingest.pair import Pair
from ingest.source import Layout, Source
from ingest.template import Fields, Value, fill
from ingest.tree import Folder, Raw, Tree
from shards import image, schema
from shards.errors import UserError
from shards.sample import make_key

Suffix = Literal["jpg", "png"]
ENCODER = 3
"""Raised with any change to what `ingest.encode` writes; part of every shard's id."""


@dataclass(frozen=True)
class Registration:
    """What is asked of the registration check.

    Attributes:
        check: whether the two sides of each pair are compared at all.
        least: score that a pair must reach, and be `aligned`; None where nothing is asked.
    """

    check: bool = True
    least: float | None = None


class Planned(NamedTuple):
    """One sample to be. Paths are relative to the raw folder. There may be millions, so names are shared.

    Attributes:
        names: of the fields of its paths.
        values: of these fields.
        visible: raw file, None where that side is missing; likewise `infrared`.
        boxes: a file, or None, for each of the layout's annotations.
        layers: likewise for each of its layers.
        failure: (status, reason) of what no reading of pixels can mend; empty where there is none.
    """

    key: str
    scene: str
    sequence: str
    frame: int
    names: tuple[str, ...]
    values: tuple[Value, ...]
    visible: str | None
    visible_size: int
    infrared: str | None
    infrared_size: int
    boxes: tuple[str | None, ...]
    layers: tuple[str | None, ...]
    failure: tuple[str, ...] = ()

    @property
    def fields(self) -> dict[str, Value]:
        """Fields of its paths."""
        return dict(zip(self.names, self.values, strict=True))

    @property
    def paths(self) -> Iterator[str]:
        """All its files."""
        return (path for path in (self.visible, self.infrared, *self.boxes, *self.layers) if path)


@dataclass(frozen=True)
class ShardPlan:
    """One shard to be: the unit of work, of retry and of resumption.

    Attributes:
        name: `<subset>-00000`, the stem of the tar and of the part.
        suffixes: of the visible and the infrared member; one pair for the whole shard.
        id: a hash of everything that decides the shard's bytes.
    """

    name: str
    subset: str
    suffixes: tuple[Suffix, Suffix]
    samples: tuple[Planned, ...]
    id: str


@dataclass(frozen=True)
class Plan:
    """All shards of a source.

    Attributes:
        raw_bytes: sum of the raw files' sizes, about what the shards will take.
        unused: files below the dataset's root that are no side and no annotation of a sample.
        junk: files that operating systems leave behind.
        notes: what the user should know of the raw folder.
    """

    source: Source
    layout: Layout
    raw: Raw
    shards: Sequence[ShardPlan]
    raw_bytes: int
    unused: int
    junk: int
    registration: Registration = Registration()
    notes: Sequence[str] = field(default=(), compare=False)

    @property
    def samples(self) -> int:
        """Rows to be written, failed ones included."""
        return sum(len(shard.samples) for shard in self.shards)


def make_plan(
    source: Source,
    tree: Tree,
    *,
    store: Literal["raw", "png"] = "raw",
    per_shard: int = 1000,
    registration: Registration | None = None,
) -> Plan:
    """Plans a source from a raw tree; equal trees make equal plans, whatever order the file system lists in.

    Args:
        store: `raw` passes JPEG and PNG bytes through; `png` writes every image as PNG.
        per_shard: samples in a shard.
        registration: what is asked of the check; by default it runs and excludes nothing.

    Raises:
        UserError: the tree holds no such dataset, or two raw files would make one key.
    """
    registration = registration or Registration()
    with _no_collector():
        found = find(source, tree)
        planned, subsets, told = _planned(source, found)
        _check_keys(planned)
        suffixes = _Suffixes(source, found, store)
        by_form: dict[tuple[str, Suffix, Suffix], list[Planned]] = defaultdict(list)
        for sample, subset in zip(planned, subsets, strict=True):
            by_form[subset, *suffixes.of(sample)].append(sample)
        numbers: Counter[str] = Counter()
        shards = []
        for (subset, *forms), samples in sorted(by_form.items()):
            samples.sort(key=attrgetter("key"))
            for at in range(0, len(samples), per_shard):
                name = f"{subset}-{numbers[subset]:05d}"
                numbers[subset] += 1
                shard = ShardPlan(name, subset, (forms[0], forms[1]), tuple(samples[at : at + per_shard]), "")
                shards.append(replace(shard, id=_id(shard, source, found.layout, registration)))
    notes = [*found.tree.notes, *found.notes, *told, *filter(None, [strangers(source, found)])]
    annotations = {path for s in planned for path in (*s.boxes, *s.layers) if path}
    return Plan(
        source,
        found.layout,
        found.tree.raw,
        shards,
        raw_bytes=sum(s.visible_size + s.infrared_size for s in planned),
        unused=sum(part.unused for part in found.parts) - len(annotations),
        junk=tree.junk,
        registration=registration,
        notes=tuple(notes),
    )


def _planned(source: Source, found: Found) -> tuple[list[Planned], list[str], list[str]]:
    """All samples, their subsets, and what index files say that the user should know."""
    layout = found.layout
    pairs: list[Pair] = []
    failures: list[tuple[str, ...]] = []
    subsets: list[str] = []
    notes: list[str] = []
    all_fields: list[Fields] = []
    joins = []
    for part in found.parts:
        read = layout.read.samples(part.pairs, part.tree.raw) if layout.read else (part.pairs, [()] * len(part.pairs))
        folder = Folder(part.tree, part.root)
        fields = [pair.fields for pair in read[0]]
        pairs += read[0]
        failures += read[1]
        all_fields += fields
        subsets += source.subsets(fields, folder)
        notes += folder.notes
        boxes, layers = (
            [joined(files.template, part.tree, part.root) for files in kind]
            for kind in (layout.boxes, layout.layers.values())
        )
        joins += [(boxes, layers)] * len(fields)
    scenes = source.scenes(all_fields)
    shared: dict[Any, Any] = {}
    planned = []
    for at, (pair, scene, failure) in enumerate(zip(pairs, scenes, failures, strict=True)):
        named = all_fields[at]
        boxes, layers = joins[at]
        all_fields[at] = {}  # one by one, since they are the largest part of what is held
        sequence = fill(source.sequence, named) if source.sequence else ""
        box_files = tuple([join(named) for join in boxes])
        layer_files = tuple([join(named) for join in layers])
        planned.append(
            Planned(
                key=make_key(source.name, fill(source.key, named)),
                scene=shared.setdefault(scene, scene),
                sequence=shared.setdefault(sequence, sequence),
                frame=_frame(named),
                names=pair.names,
                values=pair.values,
                visible=pair.visible.path if pair.visible else None,
                visible_size=pair.visible.size if pair.visible else 0,
                infrared=pair.infrared.path if pair.infrared else None,
                infrared_size=pair.infrared.size if pair.infrared else 0,
                boxes=shared.setdefault(box_files, box_files),
                layers=shared.setdefault(layer_files, layer_files),
                failure=failure,
            )
        )
    return planned, subsets, notes


def _frame(fields: Fields) -> int:
    frame = str(fields.get("frame", ""))
    return int(frame) if frame.isdigit() else -1


def _check_keys(planned: Sequence[Planned]) -> None:
    seen: dict[str, Planned] = {}
    for sample in planned:
        twin = seen.setdefault(sample.key, sample)
        if twin is not sample:
            names = " and ".join(str(s.infrared or s.visible) for s in (twin, sample))
            raise UserError(f"{names} would both be {sample.key}", "rename or remove one of them")


class _Suffixes:
    """In what form each side of a sample is stored, as far as file names can tell."""

    def __init__(self, source: Source, found: Found, store: str) -> None:
        made = store == "png" or source.border > 0 or found.layout.read is not None
        resized = source.resize if source.resize and not made and not _equal_sizes(found) else ""
        self._made = made or resized == "visible", made or resized == "infrared"
        self._found = found

    def of(self, sample: Planned) -> tuple[Suffix, Suffix]:
        """Of the visible and the infrared side; a side that is missing has the form that is usual."""
        return self._side(0, sample.visible), self._side(1, sample.infrared)

    def _side(self, side: int, path: str | None) -> Suffix:
        return "png" if self._made[side] else self._usual[side] if path is None else _suffix(path)

    @cached_property
    def _usual(self) -> tuple[Suffix, Suffix]:
        pairs = [pair for part in self._found.parts for pair in part.pairs]
        visible = Counter(_suffix(pair.visible.path) for pair in pairs if pair.visible)
        infrared = Counter(_suffix(pair.infrared.path) for pair in pairs if pair.infrared)
        usual = [count.most_common(1)[0][0] if count else "png" for count in (visible, infrared)]
        return usual[0], usual[1]


def _equal_sizes(found: Found) -> bool:
    """Whether some pairs spread over the dataset have sides of one size, by their headers."""
    whole = [pair for part in found.parts for pair in part.pairs if pair.visible and pair.infrared]
    try:
        for pair in whole[:: max(1, len(whole) // 4)]:
            sizes = set()
            for entry in (pair.visible, pair.infrared):
                header = image.header(found.tree.raw.read(entry.path if entry else ""))
                sizes.add((header.width, header.height))
            if len(sizes) > 1:
                return False
    except (OSError, image.BadImage):
        return False
    return True


def _suffix(path: str) -> Suffix:
    return "jpg" if path[-5:].lower().endswith((".jpg", ".jpeg")) else "png"


def _id(shard: ShardPlan, source: Source, layout: Layout, registration: Registration) -> str:
    content: dict[str, Any] = {
        "schema": schema.VERSION,
        "encoder": ENCODER,
        "source": [source.name, source.band, source.view, source.licence, source.same_size],
        "pixels": [source.border, source.framed, source.valid_area, source.resize, source.window, source.grey],
        "read": layout.read.name if layout.read else "",
        "boxes": [[f.template.text, f.side, f.window, sorted(f.labels.items())] for f in layout.boxes],
        "layers": sorted(layout.layers),
        "registration": [registration.check, registration.least],
        "shard": [shard.name, shard.subset, *shard.suffixes],
        "samples": shard.samples,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


@contextmanager
def _no_collector() -> Iterator[None]:
    """Millions of small objects without a cycle among them: looking for one again and again takes most of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.freeze()
            gc.unfreeze()  # together: all are old now, and the next collection of young ones passes them by
            gc.enable()

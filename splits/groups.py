"""Groups: what must stay on one side of a split, and why. Connected components over edges of several kinds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from splits.candidates import Hashes, alike_limit, as_they_are, distance, embedded, nearest, wide
from splits.confirm import confirm
from splits.edges import KINDS, Edges, edges_of
from splits.forest import Forest, members
from splits.names import places
from splits.near import LIMIT, Pairs, link
from splits.recordings import FRAMES, stretches
from splits.samples import Pictures, Samples

_TRIES = 4  # as many refuted pairs, the likeliest first, until two sets count as different places


@dataclass(frozen=True)
class Groups:
    """The groups of some samples.

    Attributes:
        keys: N samples.
        names: N, the group of each: the first of its scenes by name, or of its keys where none is declared.
        edges: enough of them to hold each group together.
    """

    keys: Sequence[str]
    names: Sequence[str]
    edges: Edges

    def held_by(self, name: str) -> str:
        """In words, the weakest edge that holds a group together."""
        inside = np.flatnonzero([self.names[number] == name for number in self.edges.first.tolist()])
        edges = self.edges[inside]
        if not len(edges):
            return f"{name} is one sample"
        # A scene is declared; of the others, the later a kind stands in KINDS, the less it takes.
        rank = [0 if kind == "scene" else list(KINDS).index(kind) + 1 for kind in edges.kind.tolist()]
        weakest = max(range(len(edges)), key=lambda n: (rank[n], int(edges.distance[n]), -float(edges.score[n])))
        kind, first, second = edges.kind[weakest], edges.first[weakest], edges.second[weakest]
        if kind == "scene":
            return f"{name} is one scene"
        return f"its weakest edge is that {self.keys[first]} and {self.keys[second]} are {KINDS[kind]}"


def connect(samples: Samples, pictures: Pictures) -> Groups:
    """Joins what belongs together.

    In this order, each kind only where the kinds before it have not joined already: declared scene, the same picture
    in another source, neighbours in time, equal files, equal pixels, near-duplicates of either side, by hash or by
    embedding, that are confirmed on pixels.
    """
    forest = Forest(np.arange(len(samples)))
    parts = [*certain(samples, forest), *near_duplicates(samples, pictures, forest)]
    roots = forest.roots()
    names: dict[int, str] = {}
    for number, root in enumerate(roots.tolist()):
        name = samples.scenes[number] or samples.keys[number]
        names[root] = min(names.get(root, name), name)
    return Groups(samples.keys, [names[root] for root in roots.tolist()], Edges.concatenate(parts))


def certain(samples: Samples, forest: Forest) -> list[Edges]:
    """The edges that need no look at pictures, and joins them: all kinds but near-duplicates."""
    kinds = (
        _same(samples.scenes, "scene"),  # each sample with the first one of its scene
        _kin(samples),
        _time(samples),
        *_equal(samples, "file"),
        *_equal(samples, "pixels"),
    )
    return [_take(forest, edges) for edges in kinds]


def near_duplicates(samples: Samples, pictures: Pictures, forest: Forest) -> list[Edges]:
    """Confirmed near-duplicates between different sets of the forest, and joins them."""
    parts = []
    for side, structured in samples.structured.items():
        rows = np.flatnonzero(structured)
        hashes = samples.hashes[side][256][rows]
        found = link(hashes, forest.find(rows))
        parts.append(_confirmed(_rows(found, rows), side, samples, pictures, forest))
        # What was refuted may have hidden other pairs between the same sets: those that still are apart are
        # compared one by one, within what the index has connected.
        for apart in _still_apart(found, rows, forest):
            labels = forest.find(apart)
            alone = samples.hashes[side][256][apart]
            pairs = nearest(alone, alone, LIMIT, _TRIES, (labels, labels))
            parts.append(_confirmed(_rows(pairs, apart), side, samples, pictures, forest))
    limit = alike_limit(len(samples))
    if limit is not None:
        every = Hashes({s: h[64] for s, h in samples.hashes.items()}, dict(samples.structured))
        labels = forest.roots()
        alike = wide(every, every, limit, _TRIES, (labels, labels))
        for side, structured in samples.structured.items():
            both = np.flatnonzero(structured[alike.first] & structured[alike.second])
            hashes = samples.hashes[side][256]
            first, second = alike.first[both], alike.second[both]
            bits, variant = distance(hashes[first], hashes[second], alike.variant[both])
            pairs = Pairs(np.minimum(first, second), np.maximum(first, second), bits, variant)
            parts.append(_confirmed(pairs, side, samples, pictures, forest))
    for side, vectors in samples.vectors.items():
        labels = forest.roots()
        first, second = embedded(vectors, vectors, _TRIES, (labels, labels))
        pairs = as_they_are(samples.hashes[side][256], np.minimum(first, second), np.maximum(first, second))
        parts.append(_confirmed(pairs, side, samples, pictures, forest))
    return parts


def _take(forest: Forest, edges: Edges) -> Edges:
    return edges[forest.join(edges.first, edges.second)]


def _same(texts: Sequence[str], kind: str) -> Edges:
    first_of: dict[str, int] = {}
    pairs = [
        (seen, number)
        for number, text in enumerate(texts)
        if text and (seen := first_of.setdefault(text, number)) != number
    ]
    columns = np.array(pairs, np.int64).reshape(-1, 2)
    return Edges.of(columns[:, 0], columns[:, 1], kind)


def _time(samples: Samples) -> Edges:
    """Neighbours in a recording, but for those between which the picture jumps."""
    stretch, frames = stretches(samples)
    rows = np.flatnonzero(stretch >= 0)
    order = rows[np.lexsort((frames[rows], stretch[rows]))]
    first, second = order[:-1], order[1:]
    gap = frames[second] - frames[first]
    near = np.flatnonzero((stretch[first] == stretch[second]) & (gap <= FRAMES))
    return Edges.of(first[near], second[near], "time", distance=gap[near])


def _kin(samples: Samples) -> Edges:
    """The same picture in two sources, as the names tell."""
    found = places(samples.keys)
    return _same([repr(found[key]) if key in found else "" for key in samples.keys], "kin")


def _equal(samples: Samples, kind: str) -> list[Edges]:
    """Equal files, or equal pixels; pictures without structure are equal too easily."""
    parts = []
    for side, structured in samples.structured.items():
        codes = (samples.files if kind == "file" else samples.pixels)[side]
        rows = np.flatnonzero(structured & (codes >= 0))
        _, first, group = np.unique(codes[rows], return_index=True, return_inverse=True)
        left, right = rows[first[group]], rows
        parts.append(Edges.of(left[left != right], right[left != right], kind, side=side))
    return parts


def _rows(pairs: Pairs, rows: np.ndarray) -> Pairs:
    """Pairs of `rows`, which are sorted, as pairs of samples; the lower number first."""
    first, second = rows[pairs.first], rows[pairs.second]
    return Pairs(np.minimum(first, second), np.maximum(first, second), pairs.distance, pairs.variant)


def _still_apart(found: Pairs, rows: np.ndarray, forest: Forest) -> list[np.ndarray]:
    """The rows of each set that the index connects and the forest does not."""
    connected = Forest(forest.find(rows))
    connected.join(found.first, found.second)
    roots = connected.roots()
    parts = [rows[inside] for inside in members(roots, np.unique(roots[found.first]))]
    return [part for part in parts if len(np.unique(forest.find(part))) > 1]


def _confirmed(pairs: Pairs, side: str, samples: Samples, pictures: Pictures, forest: Forest) -> Edges:
    """Judges the pairs on pixels, the nearest of each two sets first, and joins what is confirmed."""
    tried: dict[tuple[int, int], int] = {}
    parts = []
    order = np.lexsort((pairs.second, pairs.first, pairs.distance))
    while len(order):
        # One pair of each two sets at a time: as soon as one is confirmed, the others need no look.
        labels = np.sort([forest.find(pairs.first[order]), forest.find(pairs.second[order])], axis=0)
        apart = labels[0] != labels[1]
        order, labels = order[apart], labels[:, apart]
        _, now = np.unique(labels, axis=1, return_index=True)
        now.sort()
        sets = list(zip(*labels[:, now].tolist(), strict=True))
        going = np.array([tried.get(two, 0) < _TRIES for two in sets], bool)
        for two in sets:
            tried[two] = tried.get(two, 0) + 1
        chosen = order[now[going]]
        order = np.delete(order, now)
        first, second = pairs.first[chosen], pairs.second[chosen]
        found = pictures.find([samples.keys[n] for n in (*first.tolist(), *second.tolist())], side)
        verdicts = confirm(
            list(zip(found[: len(first)], found[len(first) :], pairs.variant[chosen].tolist(), strict=True))
        )
        parts.append(_take(forest, edges_of(pairs[chosen], side, verdicts)))
    return Edges.concatenate(parts)

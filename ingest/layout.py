"""Finds a dataset below a raw folder and pairs its files."""

import os
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ingest.source import Layout, Source, sources
from ingest.template import Fields, Template, Value
from ingest.tree import Entry, Tree
from shards.errors import UserError

_LAST = "\U0010ffff"  # sorts after every character of a path
_Join = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Files that belong to one sample; a side that is missing is None."""

    fields: dict[str, Value]
    visible: Entry | None
    infrared: Entry | None


@dataclass(frozen=True)
class Found:
    """A dataset as it lies in a tree.

    Attributes:
        root: its folder in the tree, empty or ending in a slash.
        unused: files below the root that are no side of a sample.
    """

    layout: Layout
    root: str
    pairs: Sequence[Pair]
    unused: int


def find(source: Source, tree: Tree) -> Found:
    """The source's best layout in the tree: the shallowest root that holds both sides, then the most pairs.

    Raises:
        UserError: no layout is there, or several roots at the same depth are.
    """
    candidates = [_match(layout, tree) for layout in source.layouts]
    roots = {root: found for sides in candidates for root, found in sides.items()}
    if not roots:
        raise _not_found(source, tree)
    depth = min(root.count("/") for root in roots)
    shallowest = sorted(root for root in roots if root.count("/") == depth)
    if len(shallowest) > 1:
        raise UserError(
            f"{tree.root} holds {len(shallowest)} copies of {source.name}: {', '.join(shallowest[:5])}",
            "give one of these folders",
        )
    best = max((sides[shallowest[0]] for sides in candidates if shallowest[0] in sides), key=_complete)
    return best


def guess(tree: Tree) -> list[tuple[str, int]]:
    """Sources whose layouts match the tree, with their numbers of pairs, the most first; rendered data aside."""
    counts = []
    for source in sources().values():
        if source.prepare is not None:
            continue
        try:
            found = [f for layout in source.layouts for f in _match(layout, tree).values()]
        except UserError:  # a layout that makes twins of these files is not theirs
            continue
        if found:
            counts.append((source.name, max(map(_complete, found))))
    return sorted(counts, key=lambda c: -c[1])


def joined(template: Template, tree: Tree, root: str) -> Callable[[Fields], str | None]:
    """A function from a sample's fields to the file of that template, joined by shared fields."""
    files: dict[_Join, str] = {}
    for entry in tree.entries:
        matched = template.match(entry.path)
        if matched and matched[0] == root:
            files[_key(matched[1], template.fields)] = entry.path

    def path(fields: Fields) -> str | None:
        return files.get(_key(fields, template.fields & fields.keys()))

    return path


def _match(layout: Layout, tree: Tree) -> dict[str, Found]:
    """Everything that a layout finds, by root; only roots that hold both sides."""
    visible, infrared = layout.templates()
    shared = infrared.fields if visible is None else visible.fields & infrared.fields
    right = _side(infrared, shared, tree.entries)
    left = {root: {} for root in right} if visible is None else _side(visible, shared, tree.entries)
    found = {}
    paths = [entry.path for entry in tree.entries]
    for root in sorted(right.keys() & left.keys()):
        seen, heat = left[root], right[root]
        if visible is not None and not seen.keys() & heat.keys():
            continue
        pairs = [_pair(seen.get(join), heat.get(join)) for join in sorted(seen.keys() | heat.keys(), key=_order)]
        below = bisect_left(paths, root + _LAST) - bisect_left(paths, root)
        found[root] = Found(layout, root, pairs, below - len(seen) - len(heat))
    return found


def _side(
    template: Template, shared: Iterable[str], entries: Sequence[Entry]
) -> dict[str, dict[_Join, tuple[Entry, dict[str, Value]]]]:
    shared = frozenset(shared)
    found: dict[str, dict[_Join, tuple[Entry, dict[str, Value]]]] = defaultdict(dict)
    for entry in entries:
        matched = template.match(entry.path)
        if matched is None:
            continue
        root, fields = matched
        join = _key(fields, shared)
        twin = found[root].get(join)
        if twin is not None:
            raise UserError(
                f"{twin[0].path} and {entry.path} would be one sample", "keep the one that belongs to the dataset"
            )
        found[root][join] = (entry, fields)
    return found


def _pair(visible: tuple[Entry, dict[str, Value]] | None, infrared: tuple[Entry, dict[str, Value]] | None) -> Pair:
    fields = (infrared[1] if infrared else {}) | (visible[1] if visible else {})
    return Pair(fields, visible[0] if visible else None, infrared[0] if infrared else None)


def _key(fields: Fields, names: Iterable[str]) -> _Join:
    return tuple((name, fields[name]) for name in sorted(names))


def _order(join: _Join) -> tuple[tuple[str, str], ...]:
    return tuple((name, f"{value:020d}" if isinstance(value, int) else value) for name, value in join)


def _complete(found: Found) -> int:
    return sum(1 for p in found.pairs if p.infrared and (p.visible or found.layout.visible is None))


def _not_found(source: Source, tree: Tree) -> UserError:
    wanted = "; or ".join(str(layout) for layout in source.layouts)
    folders = Counter(os.path.dirname(entry.path) or "." for entry in tree.entries)
    there = ", ".join(f"{folder}/ ({n} files)" for folder, n in folders.most_common(4))
    likely = [f"{name} ({n} pairs)" for name, n in guess(tree) if name != source.name][:2]
    remedy = f"this looks like {' or '.join(likely)}" if likely else "check that the download is whole"
    return UserError(f"no {source.name} below {tree.root}: looked for {wanted}; found {there}", remedy)

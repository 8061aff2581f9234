"""Finds a dataset below a raw folder and pairs its files."""

import os
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.matching import Match, Matching, Side
from ingest.pair import Pair, Values
from ingest.source import Layout, Source, sources
from ingest.template import Fields, Template, fill
from ingest.tree import Entry, Folder, Tree
from shards.errors import UserError
from shards.image import SUFFIXES

_LOOKED_AT = 20_000
_ANYTHING = ("folder", "ir_folder")
_LAST = "\U0010ffff"  # sorts after every character of a path
_FIRST = 20
_Side = Mapping[Values, tuple[Entry, Values]]


@dataclass(frozen=True)
class Found:
    """A dataset as it lies in a tree.

    Attributes:
        root: its folder in the tree, empty or ending in a slash.
        unused: files below the root that are no side of a sample.
        more: further parts of it in the same layout, below other roots.
        notes: what the user should know of samples that are not taken, or from where they are.
    """

    tree: Tree
    layout: Layout
    root: str
    pairs: Sequence[Pair]
    unused: int
    more: "Sequence[Found]" = ()
    notes: Sequence[str] = ()

    @property
    def parts(self) -> "Sequence[Found]":
        """All of it, root by root."""
        return self, *self.more


def find(source: Source, tree: Tree) -> Found:
    """The source's best layout in the tree: the shallowest roots that hold both sides, then the most pairs.

    Several roots at one depth are parts of one download (`train_1/`, `train_2/`) where no two of their samples would
    have one key. Where the tree holds archives, their names may be folders of the layout (visible.zip) or not
    (part1.zip): what makes more pairs holds, or else the better layout.

    Raises:
        UserError: no layout is there, or several roots at the same depth hold samples of one key.
    """
    found = []
    problems = []
    for view in (tree, *([tree.apart] if tree.apart else [])):
        try:
            found.append(_find(source, view))
        except UserError as error:
            problems.append(error)
    if not found:
        raise problems[0]
    return max(found, key=lambda f: (_complete(f), -source.layouts.index(f.layout)))


def guess(tree: Tree) -> list[tuple[str, int]]:
    """Sources whose layouts match the tree, with their numbers of pairs, the likeliest first.

    That is the one with the most pairs; of several, the one after which a folder is named; then the one whose best
    layout this is, whose templates say most of a path, and whose publisher counts as many, else more. Rendered data,
    and what takes any folder, are never meant.
    """
    views = (tree, *([tree.apart] if tree.apart else []))
    known = [source for source in sources().values() if source.prepare is None]
    # Most sources match nothing, which the first files of each folder show: only the others look at all of them.
    first = [_thinned(view) for view in views]
    some = [source for source in known if _best(source, first) is not None]
    likely = []
    for source in some or known:
        best = _best(source, views)
        if best is not None:
            count = _complete(best)
            likeness = (-count, -_named(source, best), source.layouts.index(best.layout), -best.layout.letters)
            likely.append((*likeness, source.pairs != count, -source.pairs, source.name))
    return [(name, -count) for count, *_, name in sorted(likely)]


def _best(source: Source, views: Sequence[Tree]) -> Found | None:
    """What the source finds most of, by layouts that not everything fits; None where it finds nothing."""
    layouts = [layout for layout in source.layouts if layout.letters]
    try:
        found = [f for view in views for layout in layouts for f in _matches(source, layout, view)]
    except UserError:  # a layout that makes twins of these files, or wants a table, is not theirs
        return None
    return max(found, key=_complete, default=None)


def _thinned(tree: Tree) -> Tree:
    """The first files of each folder."""
    seen: Counter[str] = Counter()
    kept = []
    for entry in tree.entries:
        folder = os.path.dirname(entry.path)
        seen[folder] += 1
        if seen[folder] <= _FIRST:
            kept.append(entry)
    return replace(tree, entries=kept)


def _named(source: Source, found: Found) -> int:
    """Letters of the source's name, where folders of the dataset hold it."""
    files = (pair.infrared or pair.visible for pair in found.pairs)
    path = next(
        (f"{os.path.basename(str(found.tree.root))}/{os.path.dirname(entry.path)}" for entry in files if entry), ""
    )
    name, where = (re.sub("[^a-z0-9]", "", text.casefold()) for text in (source.name, path))
    return len(name) if name in where else 0


def strangers(source: Source, found: Found) -> str:
    """What other dataset the images look like that are no part of this one, if any."""
    used = {e.path[: e.path.rfind("/") + 1] for part in found.parts for e in _entries(part)}
    others = [entries for folder, entries in found.tree.folders.items() if folder not in used]
    images = [e for entries in others for e in entries if os.path.splitext(e.path)[1].lower() in SUFFIXES]
    if len(images) < 2:
        return ""
    guessed = guess(Tree(found.tree.root, images[:_LOOKED_AT], 0))
    likely = [f"{name} ({n:,} pairs)" for name, n in guessed if name not in {source.name, *_ANYTHING}]
    return f"{len(images):,} other images are no part of {source.name}; they look like {likely[0]}" if likely else ""


def joined(template: Template, tree: Tree, root: str) -> Callable[[Fields], str | None]:
    """A function from a sample's fields to the file of that template, joined by shared fields."""
    files: dict[Values, str] = {}
    for folder, entries in tree.folders.items():
        match = template.below(folder)
        for entry in entries if match else ():
            matched = match and match(entry.path)
            if matched and matched[0] == root:
                files[matched[1]] = entry.path
    names = template.names

    def path(fields: Fields) -> str | None:
        return files.get(tuple([fields[name] for name in names if name in fields]))

    return path


def _find(source: Source, tree: Tree) -> Found:
    matches = [_matches(source, layout, tree) for layout in source.layouts]
    everything = [found for of_layout in matches for found in of_layout]
    if not everything:
        raise _not_found(source, tree)
    depth = min(found.root.count("/") for found in everything)
    shallowest = [[found for found in of_layout if found.root.count("/") == depth] for of_layout in matches]
    parts = max(shallowest, key=lambda parts: sum(map(_complete, parts)))
    notes = _left(everything, parts)
    if len(parts) > 1:
        roots = ", ".join(part.root for part in parts[:5]) + (" and more" if len(parts) > 5 else "")
        if _share_keys(source, parts):
            raise UserError(
                f"{tree.root} holds {len(parts)} copies of {source.name}: {roots}", "give one of these folders"
            )
        notes = [f"{source.name} lies in {len(parts)} folders: {roots}", *notes]
    return replace(parts[0], more=tuple(parts[1:]), notes=tuple(notes))


def _matches(source: Source, layout: Layout, tree: Tree) -> list[Found]:
    """All that a layout finds, by root, without what folders say is another dataset."""
    others = [name.casefold() for name in source.others]
    found = _match(layout, tree)
    above = os.path.basename(str(tree.root))
    return [found[root] for root in sorted(found) if not any(name in f"{above}/{root}".casefold() for name in others)]


def _share_keys(source: Source, parts: Sequence[Found]) -> bool:
    """Whether several roots hold copies of a dataset, not parts of it."""
    keys: set[str] = set()
    for part in parts:
        here = {fill(source.key, pair.fields) for pair in part.pairs}
        if keys & here:
            return True
        keys |= here
    return False


def _left(everything: Sequence[Found], taken: Sequence[Found]) -> list[str]:
    """Samples that another layout, or the same one farther below, finds among files that are not taken."""
    others = [found for found in everything if not any(part is found for part in taken)]
    used = {id(entry) for part in taken for entry in _entries(part)} if others else set()
    notes = []
    for found in others:
        count = _complete(replace(found, pairs=[p for p in found.pairs if not {id(p.visible), id(p.infrared)} & used]))
        used |= {id(entry) for entry in _entries(found)}
        if count and found.layout is taken[0].layout:
            notes.append(f"{count:,} samples below {found.root} are left out: move that folder up beside the others")
        elif count:
            notes.append(f"{count:,} samples are left out, which lie in another form: {found.root}{found.layout}")
    return notes


def _entries(found: Found) -> Iterable[Entry]:
    return (entry for pair in found.pairs for entry in (pair.visible, pair.infrared) if entry)


def _match(layout: Layout, tree: Tree) -> dict[str, Found]:
    """Everything that a layout finds, by root; only roots that hold both sides."""
    visible, infrared = layout.templates()
    shared = infrared.fields if visible is None else visible.fields & infrared.fields
    right = _side("infrared", infrared, shared, tree, layout.match)
    left = {root: {} for root in right} if visible is None else _side("visible", visible, shared, tree, layout.match)
    found = {}
    for root in sorted(right.keys() & left.keys()):
        seen, heat = left[root], right[root]
        if visible is not None and not seen.keys() & heat.keys():
            continue
        added = layout.match.fields if layout.match else ()
        pairs = _pairs(visible.names + added if visible else (), infrared.names + added, seen, heat)
        low, high = (bisect_left(tree.entries, end, key=_path) for end in (root, root + _LAST))
        used = len(heat) if layout.visible == layout.infrared else len(seen) + len(heat)
        found[root] = Found(tree, layout, root, pairs, high - low - used)
    return found


def _side(
    side: Side, template: Template, shared: Iterable[str], tree: Tree, rule: Matching | None
) -> dict[str, dict[Values, tuple[Entry, Values]]]:
    """The template's files by root and by the values of what they are joined by, in the order of their names."""
    found: dict[str, dict[Values, tuple[Entry, Values]]] = defaultdict(dict)
    places = [template.names.index(name) for name in sorted(shared)]
    added: dict[str, Match] = {}
    for folder, entries in tree.folders.items():
        match = template.below(folder)
        for entry in entries if match else ():
            matched = match and match(entry.path)
            if matched is None:
                continue
            root, values = matched
            join = tuple([values[place] for place in places])
            if rule is not None:
                if root not in added:
                    added[root] = rule.open(Folder(tree, root))
                more = added[root](side, dict(zip(template.names, values, strict=True)))
                if more is None:
                    continue
                join, values = join + more, values + more
            twin = found[root].setdefault(join, (entry, values))
            if twin[0] is not entry:
                raise UserError(
                    f"{twin[0].path} and {entry.path} would be one sample", "keep the one that belongs to the dataset"
                )
    return found


def _pairs(alone: tuple[str, ...], infrared: tuple[str, ...], seen: _Side, heat: _Side) -> list[Pair]:
    """All pairs in the order of their shared fields, numbers as numbers; infrared fields come first."""
    added = [place for place, name in enumerate(alone) if name not in infrared]
    names = infrared + tuple(alone[place] for place in added)
    pairs = []
    for join in _sorted(seen.keys() | heat.keys()):
        light, warmth = seen.get(join), heat.get(join)
        if warmth is None:
            assert light is not None
            pairs.append(Pair(alone, light[1], light[0], None))
        elif light is None:
            pairs.append(Pair(infrared, warmth[1], None, warmth[0]))
        else:
            values = warmth[1] + tuple([light[1][place] for place in added]) if added else warmth[1]
            pairs.append(Pair(names, values, light[0], warmth[0]))
    return pairs


def _sorted(joins: Iterable[Values]) -> list[Values]:
    try:
        return sorted(joins)
    except TypeError:  # a field that is a number on one side and text on the other
        return sorted(joins, key=_order)


def _order(join: Values) -> tuple[tuple[int, str], ...]:
    return tuple([(value, "") if isinstance(value, int) else (0, value) for value in join])


def _path(entry: Entry) -> str:
    return entry.path


def _complete(found: Found) -> int:
    alone = found.layout.visible is None
    return sum(1 for part in found.parts for p in part.pairs if p.infrared and (p.visible or alone))


def _not_found(source: Source, tree: Tree) -> UserError:
    wanted = "; or ".join(str(layout) for layout in source.layouts)
    folders = Counter(os.path.dirname(entry.path) or "." for entry in tree.entries)
    there = ", ".join(f"{folder}/ ({n} files)" for folder, n in folders.most_common(4)) or "no files"
    likely = [f"{name} ({n} pairs)" for name, n in guess(tree) if name != source.name][:2]
    if likely:
        remedy = f"this looks like {' or '.join(likely)}"
    elif tree.notes:
        remedy = "; ".join(tree.notes)
    else:
        remedy = "check that the download is whole"
        remedy += f": {', '.join(source.files)}" if source.files else ""
    return UserError(f"no {source.name} below {tree.root}: looked for {wanted}; found {there}", remedy)

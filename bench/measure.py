"""One pass over the pictures of a submission: every protocol's per-image numbers, and what the set metrics need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from bench.check import Opened, Seen, open_prediction, see
from bench.decode import BadImage, Pixels, to_grey
from bench.features import FeatureStore
from bench.geometry import Box, Size, fit, size_of
from bench.network_input import Input
from bench.networks import Compare
from bench.protocol import HEADLINE, Protocol, load, same_channels
from bench.references import References
from bench.submission import Finding, Submission
from bench.threads import in_order
from bench.view_cache import ViewCache
from shards.console import progress
from shards.home import Home


@dataclass(frozen=True)
class Task:
    """A protocol, and which of its metrics are wanted."""

    protocol: Protocol
    metrics: Sequence[str]

    def wants(self, *, kind: str | None = None, needs: str | None = None) -> list[str]:
        """The wanted metrics of a kind, or that need something."""
        uses = {name: self.protocol.metrics[name].metric for name in self.metrics}
        return [n for n, m in uses.items() if (kind is None or m.kind == kind) and (needs is None or m.needs == needs)]

    @property
    def wants_stacks(self) -> bool:
        """Whether a set metric looks at the pictures themselves."""
        return any(self.protocol.metrics[name].metric.needs is None for name in self.wants(kind="set"))


@dataclass
class Measured:
    """What the pass found.

    Attributes:
        keys: of the predictions, sorted.
        seen: for the judgement of the set.
        refused: findings on single pictures.
        values: by protocol and metric, one per key: numbers, None where undefined, or shares of pooled metrics.
        pictures: by view, both sides as compared; where a set metric looks at them.
        features: by protocol and network, names of both sides' features.
    """

    keys: list[str]
    seen: list[Seen] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)
    values: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    pictures: dict[str, tuple[list[Pixels], list[Pixels]]] = field(default_factory=dict)
    features: dict[tuple[str, str], tuple[list[str], list[str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Pair:
    """What one thread makes of one key; `inputs` are those that a network has not seen, by network and name."""

    seen: Seen
    values: Mapping[str, Mapping[str, Any]]
    pictures: Mapping[str, tuple[Pixels, Pixels]]
    features: Mapping[tuple[str, str], tuple[str, str]]
    inputs: Mapping[tuple[str, str], Input]


@dataclass(frozen=True)
class Networks:
    """What metrics look through.

    Attributes:
        stores: features of sets, by the network's name.
        pairs: comparisons of two pictures, by the network's name.
    """

    stores: Mapping[str, FeatureStore] = field(default_factory=dict)
    pairs: Mapping[str, Compare] = field(default_factory=dict)


def measure(
    submission: Submission,
    references: References,
    tasks: Sequence[Task],
    home: Home,
    networks: Networks,
    *,
    quiet: bool = False,
) -> Measured:
    """Decodes every picture once and measures it by every protocol.

    Args:
        submission: matched, its declared geometry known to make sense.
        references: of which those without a prediction are left out.
        tasks: at least one. The headline protocol's view decides what counts as equal to its reference, whether it is
            among them or not.
        home: its cache keeps the reference side.
        networks: metrics whose network is not among them are left out.
        quiet: no progress.
    """
    boxes = {key: _box(submission, key) if key in submission.files else None for key in references.keys}
    fixed = {task.protocol.view for task in tasks if task.protocol.size != "reference"} | {load(HEADLINE).view}
    visible = {_visible_view(task.protocol) for task in tasks if task.wants(needs="visible")}
    views = ViewCache(home, references.fingerprint, boxes, fixed | (visible if references.visible else set()))
    found = Measured(list(submission.files))

    def one(key: str) -> _Pair | Finding:
        try:
            opened = open_prediction(submission, references, key)
        except BadImage as bad:
            return Finding(bad.code, submission.files[key].name, bad.message)
        return _pair(opened, references, tasks, views, networks)

    with progress(len(found.keys), "pictures", quiet=quiet) as shown:
        for pair in in_order(one, found.keys):
            shown.advance()
            if isinstance(pair, Finding):
                found.refused.append(pair)
            else:
                _add(found, pair, {} if found.refused else networks.stores)
    if not found.refused:
        views.save()
    return found


def _pair(opened: Opened, references: References, tasks: Sequence[Task], views: ViewCache, networks: Networks) -> _Pair:
    key, box = opened.key, opened.box
    stored = cache(lambda: references.pixels(key))  # decoded once, and only where a view is not kept
    headline = load(HEADLINE)

    @cache
    def both(view: str) -> tuple[Pixels, Pixels]:
        protocol = next(p for p in (headline, *(task.protocol for task in tasks)) if p.view == view)
        truth = views.get(view, key, lambda: protocol.of_reference(stored(), box))
        return same_channels(protocol.of_prediction(opened.picture.pixels, truth), truth)

    values: dict[str, dict[str, Any]] = {}
    pictures: dict[str, tuple[Pixels, Pixels]] = {}
    features: dict[tuple[str, str], tuple[str, str]] = {}
    inputs: dict[tuple[str, str], Input] = {}
    for task in tasks:
        protocol = task.protocol
        guess, truth = both(protocol.view)
        values[protocol.id] = _values(task, opened, guess, truth, references, views, networks)
        if task.wants_stacks:
            pictures[protocol.view] = (guess, truth)
        for network, store in networks.stores.items():
            if not task.wants(needs=network):
                continue
            sides = guess, truth
            if network == "inception" and protocol.network_source == "stored":
                sides = protocol.as_stored(opened.picture.pixels), protocol.as_stored(stored(), box)
            kind = store.network.preparation or protocol.network_input
            names = store.name(kind, sides[0]), store.name(kind, sides[1])
            features[protocol.id, network] = names
            prepared = {n: store.prepared(n, kind, side) for n, side in zip(names, sides, strict=True)}
            inputs |= {(network, name): made for name, made in prepared.items() if made is not None}
    seen = see(opened, *both(headline.view), references)
    return _Pair(seen, values, pictures, features, inputs)


def _values(
    task: Task,
    opened: Opened,
    guess: Pixels,
    truth: Pixels,
    references: References,
    views: ViewCache,
    networks: Networks,
) -> dict[str, Any]:
    """Every wanted number of one pair."""
    values = {}
    for name in (*task.wants(kind="image"), *task.wants(kind="pooled")):
        needs, network = task.protocol.metrics[name].metric.needs, task.protocol.metrics[name].metric.network
        if needs == "colour":
            values[name] = task.protocol.measure(name, opened.picture.pixels)
        elif needs == "visible":
            if references.visible is not None:
                values[name] = task.protocol.measure(name, guess, _visible(opened, references, task.protocol, views))
        elif network:
            if network in networks.pairs:
                values[name] = task.protocol.measure(name, guess, truth, networks.pairs[network])
        else:
            values[name] = task.protocol.measure(name, guess, truth)
    return values


def _visible(opened: Opened, references: References, protocol: Protocol, views: ViewCache) -> Pixels:
    """The visible image's luma where the prediction is, at the protocol's size."""

    def made() -> Pixels:
        if references.visible is None or protocol.size == "reference":
            raise ValueError(f"{protocol.id} has no visible image to compare with")
        grey = to_grey(references.visible(opened.key))
        box = _scaled(opened.box, references.size(opened.key), size_of(grey))
        return fit(grey, (protocol.size, protocol.size), box)

    return views.get(_visible_view(protocol), opened.key, made)


def _add(found: Measured, pair: _Pair, stores: Mapping[str, FeatureStore]) -> None:
    found.seen.append(pair.seen)
    for protocol, numbers in pair.values.items():
        for name, number in numbers.items():
            found.values.setdefault(protocol, {}).setdefault(name, []).append(number)
    for view, sides in pair.pictures.items():
        stacks = found.pictures.setdefault(view, ([], []))
        for stack, side in zip(stacks, sides, strict=True):
            stack.append(side)
    for place, names in pair.features.items():
        lists = found.features.setdefault(place, ([], []))
        for known, name in zip(lists, names, strict=True):
            known.append(name)
    for (network, name), prepared in pair.inputs.items():
        if network in stores:
            stores[network].add(name, prepared)


def _box(submission: Submission, key: str) -> Box | None:
    declaration = submission.geometry(key)
    return declaration.box if declaration is not None else None


def _scaled(box: Box | None, before: Size, after: Size) -> Box | None:
    """A box in pixels of one picture of a frame, in pixels of another of the same frame."""
    if box is None:
        return None
    x, y = after[0] / before[0], after[1] / before[1]
    return box[0] * x, box[1] * y, min(box[2] * x, after[0]), min(box[3] * y, after[1])


def _visible_view(protocol: Protocol) -> str:
    return f"visible-{protocol.size}"

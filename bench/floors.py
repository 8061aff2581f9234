"""Rows that no method makes: what the references score against themselves.

Ground truth is the ceiling. Infrared of another scene shows what a metric gives to a real but wrong picture (FID gives
it zero: it does not see pairs). Two halves of the references without a common scene show how far from zero FID stays
for nothing but having few images.
"""

import heapq
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image

from bench.metrics.frechet import frechet_terms
from bench.protocol import Protocol
from bench.record import Scored
from bench.references import References
from bench.rescore import lacking
from bench.result import Scores, cell, read, write
from bench.score import score_all
from bench.submission import Submission
from bench.threads import in_order
from shards.home import Home

TITLES = {
    "truth": "Ground truth",
    "shuffled": "Infrared of another scene",
    "halves": "Real half against the other",
}
_UNPAIRED = "two halves of the references have no pairs"


def rows(references: References, protocol: Protocol, home: Home, *, quiet: bool = False) -> list[dict[str, Any]]:
    """Result documents of the rows above, each with its `folder`, made where they are missing and kept among the runs.

    Args:
        references: of a whole subset. Rows that need other scenes are left out where a scene holds over half of it.
        protocol: by which all rows of a table are scored.
        home: where they are kept.
        quiet: no progress.
    """
    partners, sides = another_scene(references.scenes), halves(references.scenes)
    names = ["truth", *(["shuffled"] if partners else []), *(["halves"] if sides else [])]
    kept = {name: read(_place(name, references, home) / "scores" / protocol.id) for name in names}
    if any(lacking(protocol, scores, home, quiet=quiet) for scores in kept.values()):
        made = {"truth": {key: key for key in references.keys}} | ({"shuffled": partners} if partners else {})
        found = _scored(made, references, protocol, home, quiet=quiet)
        if sides:
            found["halves"] = _of_halves(found["truth"], sides, protocol, home)
        for name, scores in found.items():
            write(_place(name, references, home) / "scores" / protocol.id, scores.result, scores.rows)
        kept |= found
    places = {name: str(_place(name, references, home)) for name in names}
    return [scores.result | {"folder": places[name]} for name, scores in kept.items() if scores is not None]


def another_scene(scenes: Mapping[str, str]) -> dict[str, str]:
    """For each key another's, of another scene, each once; {} where one scene holds more than half of the keys.

    >>> another_scene({"a": "day", "b": "day", "c": "night", "d": "night"})
    {'a': 'c', 'b': 'd', 'c': 'a', 'd': 'b'}
    """
    # In order of scenes, a step as long as the largest scene leaves every scene.
    order = sorted(scenes, key=lambda key: (scenes[key], key))
    step = max(Counter(scenes.values()).values())
    if 2 * step > len(order):
        return {}
    return {key: order[(place + step) % len(order)] for place, key in enumerate(order)}


def halves(scenes: Mapping[str, str]) -> tuple[list[str], list[str]] | None:
    """Two sides of about as many keys without a common scene; None where a side would have fewer than two keys.

    The largest scenes go first, each to the side that is smaller by then.

    >>> halves({"a": "day", "b": "day", "c": "night", "d": "dusk"})
    (['a', 'b'], ['c', 'd'])
    """
    sizes = Counter(scenes.values())
    smaller = [(0, 0), (0, 1)]
    side_of = {}
    for scene in sorted(sizes, key=lambda name: (-sizes[name], name)):
        keys, side = heapq.heappop(smaller)
        side_of[scene] = side
        heapq.heappush(smaller, (keys + sizes[scene], side))
    first, second = ([key for key in sorted(scenes) if side_of[scenes[key]] == side] for side in (0, 1))
    return (first, second) if min(len(first), len(second)) >= 2 else None


def _place(name: str, references: References, home: Home) -> Path:
    run = home.runs / f"floor-{name}-{references.title}-{references.fingerprint[:10]}"
    return run / "predictions" / f"{references.title}-{references.subset}"


def _scored(
    wanted: Mapping[str, Mapping[str, str]], references: References, protocol: Protocol, home: Home, *, quiet: bool
) -> dict[str, Scores]:
    """Scores of rows whose predictions are references, by the door that everybody's predictions take."""
    found = {}
    with TemporaryDirectory() as folder:

        def save(key: str) -> tuple[str, Path]:
            path = Path(folder) / f"{key}.png"
            Image.fromarray(references.pixels(key)).save(path, compress_level=1)
            return key, path

        paths = dict(in_order(save, references.keys))
        for name, partner in wanted.items():
            about = {
                "model": {"name": name, "label": TITLES[name], "family": "control"},
                "geometry": {"kind": "squash"},
                "colour": "rgb",  # what the references are, they may be
            }
            files = {key: paths[partner[key]] for key in references.keys}
            submission = Submission(Path(folder), files, "key", about)
            found[name] = score_all(submission, references, [protocol], home, quiet=quiet)[protocol.id]
            # Equal to their references is what they are meant to be.
            told = [warning for warning in found[name].result["warnings"] if not warning.startswith("E")]
            found[name].result["warnings"] = told
    return found


def _of_halves(truth: Scores, sides: tuple[list[str], list[str]], protocol: Protocol, home: Home) -> Scores:
    """The distances between the halves' features; the rest of the ground truth's document fits."""
    scored = Scored(Path(), truth.result, truth.rows)
    cells = {}
    for name, use in protocol.metrics.items():
        network = use.metric.network if use.metric.kind == "set" else ""
        features = scored.features(home, network) if network else None
        if features is not None:
            side = {key: index for index, keys in enumerate(sides) for key in keys}
            of = np.array([side[key] for key in scored.keys])
            value = protocol.measure(name, features[1][of == 0], features[1][of == 1])
            cells[name] = cell(use.metric, value, len(scored.keys))
        else:
            why = truth.result["metrics"][name]["reason"] if network else None
            cells[name] = cell(use.metric, None, 0, why or _UNPAIRED)
    note = f"{len(sides[0])} against {len(sides[1])} real images of other scenes; FID of half as many images is larger"
    facts: dict[str, Any] = {"label": TITLES["halves"], "method": "halves", "metrics": cells, "per_scene": {}}
    facts["notes"] = [note]
    if (inception := scored.features(home)) is not None:
        facts["trace_real"] = frechet_terms(inception[1], inception[1]).trace_x
    return Scores(truth.result | facts, [{"key": row["key"], "scene": row["scene"]} for row in truth.rows])

"""The page of an audit: what leaks and how much of it, and the pairs that show it side by side. One HTML file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from reports import frame
from splits.audit import Audit
from splits.edges import KINDS, Edges
from splits.leaks import Leaks
from splits.samples import Pictures

_SIDE = 360  # pixels of the longer side of a picture
_SIDES = {"vis": "visible", "ir": "infrared"}


@dataclass(frozen=True)
class Pair:
    """A tested sample and the seen one that it leaks from, with their pictures as encoded JPEG bytes.

    Attributes:
        reason: how far apart they are and how that was confirmed, in words.
        side: which side the pictures show, in words; empty where there is but one.
    """

    tested: str
    seen: str
    reason: str
    side: str
    pictures: tuple[bytes, bytes]


@dataclass(frozen=True)
class Kind:
    """One way to leak: how many tested images do, and the worst pairs."""

    name: str
    images: int
    share: float
    pairs: Sequence[Pair]


@dataclass(frozen=True)
class Comparison:
    """One subset against all before it."""

    leaks: Leaks
    kinds: Sequence[Kind]


def build(path: Path, audit: Audit, *, worst: int = 6) -> None:
    """Writes the page, whole or not at all; equal arguments give equal bytes.

    Args:
        path: the HTML file; its folder is made where absent.
        audit: its pictures must still be within reach.
        worst: pairs shown of each kind.
    """
    frame.write(
        path,
        "audit.html",
        title=f"Audit of {audit.title}",
        facts=audit.facts,
        comparisons=[comparison(leaks, audit.pictures, worst) for leaks in audit.leaks],
    )


def comparison(leaks: Leaks, pictures: Pictures, worst: int) -> Comparison:
    """Every kind of leak, the strongest first, with its worst pairs."""
    kinds = []
    for kind, name in KINDS.items():
        images = leaks.images(kind)
        pairs = _pairs(leaks, kind, pictures, worst)
        kinds.append(Kind(name, images, images / leaks.total if leaks.total else 0.0, pairs))
    return Comparison(leaks, kinds)


def reason(edges: Edges, row: int) -> str:
    """Why two samples are an edge, beyond its kind.

    >>> one = np.array([0])
    >>> reason(Edges.of(one, one, "near", side="ir", distance=9, measure="features", score=41.0), 0)
    '9 of 256 bits apart, 41 features agree'
    """
    kind, distance, score = str(edges.kind[row]), int(edges.distance[row]), float(edges.score[row])
    if kind == "time":
        return f"{distance} frame{'s' if distance > 1 else ''} apart"
    if kind not in ("near", "flipped"):
        return ""
    sure = f"{score:.0f} features agree" if edges.measure[row] == "features" else f"correlation {score:.2f}"
    changed = f"{edges.variant[row]}, " if kind == "flipped" else ""
    return f"{changed}{distance} of 256 bits apart, {sure}"


def _pairs(leaks: Leaks, kind: str, pictures: Pictures, count: int) -> list[Pair]:
    """The nearest pair of each of `count` stretches of the tested samples, so that no busy scene fills the page."""
    edges = leaks.edges[np.flatnonzero(leaks.edges.kind == kind)]
    order = np.lexsort((edges.second, -edges.score, edges.distance))
    stretch = np.argsort(np.argsort(edges.first)) * count // max(len(edges), 1)
    _, first = np.unique(stretch[order], return_index=True)
    edges = edges[order[np.sort(first)]]
    found = []
    for row in range(len(edges)):
        keys = [leaks.keys[int(number)] for number in (edges.first[row], edges.second[row])]
        # Edges that no picture decided are shown by what every sample has.
        side = str(edges.side[row]) or "ir"
        tested, seen = (_encoded(picture.grey()) for picture in pictures.find(keys, side))
        found.append(Pair(keys[0], keys[1], reason(edges, row), _SIDES.get(side, ""), (tested, seen)))
    return found


def _encoded(grey: np.ndarray) -> bytes:
    """JPEG bytes of a picture that fits a card."""
    scale = min(1.0, _SIDE / max(grey.shape))
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    data: bytes = cv2.imencode(".jpg", cv2.resize(grey, size, interpolation=cv2.INTER_AREA))[1].tobytes()
    return data

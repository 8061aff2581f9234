"""One sentence on what is seen in a picture."""

from collections.abc import Sequence

import numpy as np

from ingest.render.mesh import Thing
from ingest.render.picture import Picture
from ingest.render.scene import OVERSAMPLING, Scene
from ingest.render.truth import Visible

SMALLEST_MENTION = 30.0  # visible pixels; who is smaller goes unnoticed
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def caption(scene: Scene, picture: Picture, seen: Sequence[Visible]) -> str:
    """Who walks, stands, drives, waits or is parked; where; by which light.

    Args:
        scene: gives place and weather.
        picture: tells whether a lit street lamp is in it.
        seen: people and vehicles.
    """
    things = [item.thing for item in seen if item.area >= SMALLEST_MENTION]
    people = [t for t in things if t.label == "person"]
    vehicles = [t for t in things if t.label != "person"]
    clauses = [
        _clause([t for t in people if t.moving], "", "walks", "walk"),
        _clause([t for t in people if not t.moving], "", "stands", "stand"),
        _clause([t for t in vehicles if t.moving], "with lit lamps", "drives by", "drive by"),
        _clause([t for t in vehicles if t.running and not t.moving], "with running engine", "waits", "wait"),
        _clause([t for t in vehicles if not t.running], "", "is parked", "are parked"),
    ]
    what = _joined([c for c in clauses if c]) or "nobody is seen"
    under = " under street lamps" if _lamp_lit(picture) else ""
    return f"{what} {scene.place} {scene.weather.phrase}{under}"


def _clause(things: Sequence[Thing], how: str, one: str, many: str) -> str:
    if not things:
        return ""
    if len(things) == 1:
        return " ".join(word for word in ("a", things[0].colour, things[0].label, how, one) if word)
    labels = {t.label for t in things}
    noun = {"person": "people", "car": "cars", "van": "vans"}[labels.pop()] if len(labels) == 1 else "vehicles"
    number = _NUMBERS[len(things)] if len(things) < len(_NUMBERS) else "many"
    return " ".join(word for word in (number, noun, how.replace("engine", "engines"), many) if word)


def _joined(clauses: Sequence[str]) -> str:
    return " and ".join([", ".join(clauses[:-1]), clauses[-1]]) if len(clauses) > 1 else "".join(clauses)


def _lamp_lit(picture: Picture) -> bool:
    area = np.bincount(picture.owner[picture.owner >= 0], minlength=len(picture.things)) / OVERSAMPLING**2
    return any(t.spots and not t.label and a >= SMALLEST_MENTION for t, a in zip(picture.things, area, strict=True))

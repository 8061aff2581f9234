"""Flat faces in space, and the things that are made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.render.materials import Surface

Array = npt.NDArray[Any]
"""Points are (n, 3) in metres: x to the right, y ahead, z up; the ground is z = 0."""

UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True, eq=False)
class Face:
    """A convex flat polygon, seen from one side.

    Attributes:
        points: (n, 3), its corners in order.
        normal: (3,), unit, out of the side that is seen.
        shading: (3,), unit, the normal that light meets: another one where a flat face stands for a round thing.
        part: number of the region that it belongs to within its thing.
    """

    points: Array
    surface: Surface
    normal: Array
    shading: Array
    part: int = 0


@dataclass(frozen=True, eq=False)
class Spot:
    """A lamp that throws a cone of light.

    Attributes:
        position: (3,).
        axis: (3,), unit, where it points to.
        colour: (3,), radiant intensity along the axis.
        focus: power of the cosine to the axis: 1 is wide, 40 a headlamp.
    """

    position: Array
    axis: Array
    colour: Array
    focus: float


@dataclass(frozen=True, eq=False)
class Thing:
    """Something that stands in a scene.

    Attributes:
        label: `person`, `car` or `van`; empty for what is not annotated.
        foot: (3,), where it stands.
        faces: in painting order: a face may lie on one before it, hidden sides are dropped later.
        casters: convex point sets (n, 3) that throw its shadow.
        footprint: (n, 2) ground polygon that it keeps from the sky, or None.
        block: (2, 3) low and high corner of a building, which shades all behind it, or None.
        spots: the lamps it carries.
        running: whether an engine runs.
        moving: whether it walks or drives.
        colour: how a caption calls its colour.
        plume: where warm exhaust leaves it, or None.
    """

    label: str
    foot: Array
    faces: Sequence[Face]
    casters: Sequence[Array] = ()
    footprint: Array | None = None
    block: Array | None = None
    spots: Sequence[Spot] = ()
    running: bool = False
    moving: bool = False
    colour: str = ""
    plume: Array | None = None


def unit(vector: Array) -> Array:
    """The vector at length one."""
    length = float(np.sqrt(vector @ vector))
    return vector / length if length > 0 else vector


def face(points: Any, surface: Surface, outward: Array, part: int = 0) -> Face:
    """A face whose normal is turned to the side of `outward`."""
    around = np.asarray(points, np.float64)
    a, b = around[1] - around[0], around[2] - around[0]
    normal = unit(np.array([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]))
    if normal @ outward < 0:
        normal = -normal
    return Face(around, surface, normal, normal, part)


def ground(x0: float, x1: float, y0: float, y1: float, surface: Surface, part: int = 0) -> Face:
    """A rectangle on the ground."""
    return Face(np.array([[x0, y0, 0], [x1, y0, 0], [x1, y1, 0], [x0, y1, 0]], np.float64), surface, UP, UP, part)


def box(low: Sequence[float] | Array, high: Sequence[float] | Array, surface: Surface, part: int = 0) -> list[Face]:
    """The five faces of an upright box that can be seen from above the ground."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    sides = [((x0, y0), (x1, y0), (0, -1)), ((x1, y0), (x1, y1), (1, 0)),
             ((x1, y1), (x0, y1), (0, 1)), ((x0, y1), (x0, y0), (-1, 0))]  # fmt: skip
    walls = [
        face([(*a, z0), (*b, z0), (*b, z1), (*a, z1)], surface, np.array([*out, 0.0]), part) for a, b, out in sides
    ]
    top = face([(x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)], surface, UP, part)
    return [*walls, top]


def corners(low: Sequence[float] | Array, high: Sequence[float] | Array) -> Array:
    """(8, 3) corners of an upright box."""
    return np.array([(x, y, z) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])


def facing(foot: Array, eye: Array) -> tuple[Array, Array]:
    """Level unit vectors (3,) at `foot`: towards the eye, and to the right as the eye sees it."""
    toward = unit(np.array([eye[0] - foot[0], eye[1] - foot[1], 0.0]))
    return toward, np.array([-toward[1], toward[0], 0.0])


def post(foot: Array, eye: Array, height: float, radii: tuple[float, float], surface: Surface, part: int) -> list[Face]:
    """A round post as seen from `eye`: two flat halves that lean apart, so that light models it.

    Args:
        foot: (3,), where it stands.
        eye: (3,), the camera's place.
        height: m.
        radii: at its foot and at its top, m.
        surface: what it is of.
        part: its region.
    """
    toward, right = facing(foot, eye)
    faces = []
    for outline, lean in zip(limb(np.zeros(2), np.array([0.0, height]), *radii), (-0.8, 0.8), strict=True):
        points = foot + outline[:, :1] * right + np.maximum(outline[:, 1:], 0.0) * UP
        faces.append(Face(points, surface, toward, unit(toward + lean * right), part))
    return faces


def placed(faces: Sequence[Face], foot: Array, heading: float) -> list[Face]:
    """Faces turned by `heading` (radians, anticlockwise seen from above) and moved to `foot`."""
    turn = turning(heading)
    return [Face(f.points @ turn.T + foot, f.surface, turn @ f.normal, turn @ f.shading, f.part) for f in faces]


def turning(heading: float) -> Array:
    """(3, 3) rotation about the vertical."""
    c, s = np.cos(heading), np.sin(heading)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def limb(a: Array, b: Array, radius_a: float, radius_b: float) -> tuple[Array, Array]:
    """(6, 2) outlines of the two halves, left and right of its axis, of a rounded limb from `a` to `b`."""
    along = np.arctan2(b[1] - a[1], b[0] - a[0])
    start = along + np.linspace(np.pi / 2, 3 * np.pi / 2, 5)  # round `a`, from its left to its right
    end = along + np.linspace(-np.pi / 2, np.pi / 2, 5)  # round `b`, from its right to its left
    first = a + radius_a * np.stack([np.cos(start), np.sin(start)], 1)
    last = b + radius_b * np.stack([np.cos(end), np.sin(end)], 1)
    return np.concatenate([last[2:], first[:3]]), np.concatenate([first[2:], last[:3]])


def disc(radius: float, corners: int, start: float = 0.0) -> Array:
    """(corners, 2) regular polygon about the origin."""
    angle = start + np.arange(corners) * (2 * np.pi / corners)
    return radius * np.stack([np.cos(angle), np.sin(angle)], 1)

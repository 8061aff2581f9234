"""What stands along a street: trees, lamps, benches, hedges, bollards."""

import numpy as np

from ingest.render import materials as m
from ingest.render.materials import Surface
from ingest.render.mesh import UP, Array, Face, Spot, Thing, box, corners, disc, facing, post, unit

LAMPLIGHT = (np.array([1.0, 0.72, 0.38]), np.array([0.92, 0.95, 1.0]))  # sodium, LED
LAMP_HEIGHT = 6.2  # m
_STEEL = Surface(m.STEEL, (0.13, 0.14, 0.14))
_WOOD = Surface(m.WOOD, (0.20, 0.115, 0.055))
_STONE = Surface(m.CONCRETE, (0.33, 0.32, 0.30))
_HEDGE = Surface(m.HEDGE, (0.045, 0.095, 0.025))
_BARK = Surface(m.BARK, (0.075, 0.055, 0.040))
_LEAVES = [Surface(m.FOLIAGE, (0.0058 * tone, 0.0115 * tone, 0.0030 * tone)) for tone in np.arange(13.0) + 0.5]


def tree(foot: Array, height: float, eye: Array, rng: np.random.Generator, *, clumps: int, slim: bool = False) -> Thing:
    """A trunk, and a crown of leaf clumps: flat patches that face the camera with the crown's outward normals.

    Args:
        foot: (3,), where it stands.
        height: m.
        eye: (3,), the camera's place.
        rng: draws its clumps.
        clumps: how many; the nearer the tree, the more it needs.
        slim: a tall crown instead of a round one.
    """
    toward, right = facing(foot, eye)
    radius, rise = (0.17 * height, 0.42 * height) if slim else (0.30 * height, 0.34 * height)
    trunk = height - rise
    directions = rng.standard_normal((clumps, 3))
    directions /= np.sqrt((directions**2).sum(1))[:, None]
    places = directions * (rng.uniform(0.2, 1.0, (clumps, 1)) ** 0.4)
    order = np.argsort(places @ toward)  # far ones first
    directions, places = directions[order], places[order]
    sizes = radius * (30.0 / clumps) ** 0.4 * rng.uniform(0.30, 0.52, clumps)
    shades = rng.uniform(0.8, 1.2, clumps) * (0.5 + 0.5 * np.sqrt((places**2).sum(1)))  # dark within the crown
    tones = np.clip(10 * shades, 0, len(_LEAVES) - 1).astype(int)
    normals = directions + 0.35 * toward + 0.35 * rng.standard_normal((clumps, 3))
    normals /= np.sqrt((normals**2).sum(1))[:, None]
    centres = foot + trunk * UP + places * np.array([radius, radius, rise])

    outline = disc(1.0, 7) * rng.uniform(0.85, 1.15, (7, 1))
    patch = outline[:, :1] * right + outline[:, 1:] * UP
    shadow = np.column_stack([disc(0.85, 6), np.zeros(6)])
    faces = post(foot, eye, trunk, (0.030 * height, 0.016 * height), _BARK, 1)
    casters = [foot + corners((-0.1, -0.1, 0.0), (0.1, 0.1, trunk))]
    for centre, size, tone, normal in zip(centres, sizes, tones, normals, strict=True):
        faces.append(Face(centre + size * patch, _LEAVES[tone], toward, normal))
        casters.append(centre + size * shadow)
    return Thing("", foot, faces, casters)


def street_lamp(foot: Array, reach: Array, colour: Array, eye: Array, *, night: bool) -> Thing:
    """A pole whose arm holds a lamp.

    Args:
        foot: (3,), where it stands.
        reach: (3,), level, from the pole to the lamp.
        colour: (3,) of its light.
        eye: (3,), the camera's place.
        night: whether it is lit, and warm.
    """
    toward, _ = facing(foot, eye)
    top = foot + LAMP_HEIGHT * UP
    head, side = top + reach + 0.15 * UP, 0.38 * unit(reach)
    red, green, blue = (9.0 * night * colour).tolist()
    lens = Surface(m.PLASTIC, (0.45, 0.45, 0.44), core=42.0, grip=0.7 * night, glow=(red, green, blue))
    arm = [top, head - side, head - side + 0.09 * UP, top + 0.09 * UP]
    housing = [head - side, head + side, head + side + 0.14 * UP, head - side + 0.14 * UP]
    globe = [head - 0.8 * side - 0.10 * UP, head + 0.8 * side - 0.10 * UP, head + side, head - side]
    faces = post(foot, eye, LAMP_HEIGHT, (0.085, 0.055), _STEEL, 0)
    for around, surface, part in ((arm, _STEEL, 0), (housing, _STEEL, 0), (globe, lens, 1)):
        faces.append(Face(np.array(around), surface, toward, toward, part))
    pole = foot + corners((-0.06, -0.06, 0.0), (0.06, 0.06, LAMP_HEIGHT))
    lamp = Spot(head - 0.1 * UP, -UP, 72.0 * colour, 0.8)
    return Thing("", foot, faces, [pole], spots=[lamp] if night else ())


def bench(foot: Array) -> Thing:
    """A wooden bench along y."""
    parts = [
        ((-0.20, -0.8, 0.00), (0.20, -0.7, 0.42), _STEEL),
        ((-0.20, 0.7, 0.00), (0.20, 0.8, 0.42), _STEEL),
        ((-0.25, -0.9, 0.40), (0.25, 0.9, 0.48), _WOOD),
        ((0.20, -0.9, 0.48), (0.26, 0.9, 0.90), _WOOD),
    ]
    faces = [f for low, high, surface in parts for f in box(foot + low, foot + high, surface)]
    return Thing("", foot, faces, [foot + corners((-0.25, -0.9, 0.4), (0.25, 0.9, 0.85))])


def hedge(low: Array, high: Array) -> Thing:
    """A clipped hedge between two corners (3,)."""
    return Thing("", (low + high) / 2 * np.array([1.0, 1.0, 0.0]), box(low, high, _HEDGE), [corners(low, high)])


def bollard(foot: Array) -> Thing:
    """A short stone post."""
    low, high = foot + np.array([-0.12, -0.12, 0.0]), foot + np.array([0.12, 0.12, 0.85])
    return Thing("", foot, box(low, high, _STONE), [corners(low, high)])

"""What stands along a street: buildings, houses, trees, lamps, benches, hedges."""

import numpy as np

from ingest.render import materials as m
from ingest.render.materials import Colour, Surface
from ingest.render.mesh import Array, Face, Spot, Thing, box, disc, face, limb, unit

UP = np.array([0.0, 0.0, 1.0])
WALLS = {
    "brick": (m.BRICK, ((0.30, 0.115, 0.075), (0.24, 0.105, 0.070), (0.34, 0.150, 0.090))),
    "plaster": (m.PLASTER, ((0.58, 0.53, 0.42), (0.52, 0.53, 0.54), (0.56, 0.44, 0.30), (0.42, 0.50, 0.52))),
    "concrete": (m.CONCRETE, ((0.31, 0.31, 0.30), (0.25, 0.25, 0.255))),
}
LAMPLIGHT = (np.array([1.0, 0.72, 0.38]), np.array([0.92, 0.95, 1.0]))  # sodium, LED
_FRAME: Colour = (0.50, 0.50, 0.48)
_LEAVES = [Surface(m.FOLIAGE, (0.0058 * tone, 0.0115 * tone, 0.0030 * tone)) for tone in np.arange(13.0) + 0.5]
_LIT: tuple[Colour, ...] = ((0.62, 0.43, 0.20), (0.55, 0.46, 0.30), (0.40, 0.42, 0.44))


def building(
    low: Array, high: Array, wall: str, eye: Array, rng: np.random.Generator, *, night: bool, pitched: bool
) -> Thing:
    """A house between two corners (3,), `low` on the ground; windows on the sides that can be seen from `eye`."""
    kind, colours = WALLS[wall]
    surface = Surface(kind, colours[int(rng.integers(len(colours)))])
    top = float(high[2])
    faces = box((*low[:2], 0.0), high, surface)
    roof = Surface(m.TILE, (0.26, 0.085, 0.05)) if pitched else Surface(m.STEEL, (0.22, 0.22, 0.23))
    storeys = max(int(top / 3.1), 1)
    lit_share = rng.uniform(0.2, 0.5) if night else 0.0
    part = 1
    for wall_face in faces[:4]:
        if wall_face.normal @ (eye - wall_face.points[0]) <= 0:
            continue
        rows = _windows(wall_face, storeys, top, part, lit_share, rng)
        faces += rows
        part += len(rows)
    apex = top
    if pitched:
        apex = top + 0.32 * float(min(high[0] - low[0], high[1] - low[1]))
        faces += _gable(low, high, apex, roof, surface)
    else:
        lip = 0.25
        faces += box((low[0] - lip, low[1] - lip, top - 0.1), (high[0] + lip, high[1] + lip, top + 0.35), roof)
    corners = np.array([(x, y, z) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (0.0, top)])
    ridge = np.array([((low[0] + high[0]) / 2, y, apex) for y in (low[1], high[1])])
    foot = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, 0.0])
    hull = np.concatenate([corners, ridge]) if pitched else corners
    return Thing("", foot, faces, [hull], block=np.array([(*low[:2], 0.0), high]))


def _windows(wall: Face, storeys: int, top: float, part: int, lit_share: float, rng: np.random.Generator) -> list[Face]:
    """Frames and panes, storey by storey; below them a door or a shop front; each pane is a part of its own."""
    a, b = wall.points[0], wall.points[1]
    length = float(np.hypot(*(b - a)[:2]))
    along = unit(b - a)
    columns = max(int(length / 2.7), 1)
    pitch, height = length / columns, top / storeys
    faces: list[Face] = []

    def pane(u0: float, u1: float, z0: float, z1: float, surface: Surface, number: int, out: float) -> Face:
        corners = [
            a + u0 * along + z0 * UP,
            a + u1 * along + z0 * UP,
            a + u1 * along + z1 * UP,
            a + u0 * along + z1 * UP,
        ]
        return face(np.array(corners) + out * wall.normal, surface, wall.normal, number)

    frame = Surface(m.PLASTER, _FRAME, core=18.0, grip=0.18)
    for storey in range(storeys):
        for column in range(columns):
            centre = (column + 0.5) * pitch
            z0, z1, half = storey * height + 0.32 * height, storey * height + 0.82 * height, 0.27 * pitch
            if storey == 0 and rng.random() < 0.22:
                z0, half = 0.0, 0.22 * pitch
                leaf = Surface(m.WOOD, (0.10, 0.055, 0.03), core=18.0, grip=0.15)
                faces.append(pane(centre - half, centre + half, z0, 0.72 * height, leaf, part, 0.02))
                part += 1
                continue
            lit = rng.random() < lit_share
            room = _LIT[int(rng.integers(len(_LIT)))]
            strength = float(rng.uniform(0.6, 1.8))
            glow: Colour = (room[0] * strength, room[1] * strength, room[2] * strength) if lit else (0.0, 0.0, 0.0)
            glass = Surface(
                m.GLASS,
                (0.02, 0.026, 0.032),
                core=21.0,
                grip=float(rng.uniform(0.32, 0.5) if lit else rng.uniform(0.0, 0.2)),
                glow=glow,
            )
            faces.append(pane(centre - half - 0.1, centre + half + 0.1, z0 - 0.1, z1 + 0.1, frame, 0, 0.01))
            faces.append(pane(centre - half, centre + half, z0, z1, glass, part, 0.02))
            faces.append(pane(centre - 0.035, centre + 0.035, z0, z1, frame, part, 0.03))
            part += 1
    return faces


def _gable(low: Array, high: Array, apex: float, roof: Surface, wall: Surface) -> list[Face]:
    """A saddle roof whose ridge runs along y."""
    x0, x1, y0, y1, z = float(low[0]), float(high[0]), float(low[1]), float(high[1]), float(high[2])
    middle, eave = (x0 + x1) / 2, 0.45
    drop = eave * (apex - z) / (middle - x0)
    faces = [
        face([(x0, y, z), (x1, y, z), (middle, y, apex)], wall, np.array([0.0, out, 0.0]))
        for y, out in ((y0, -1.0), (y1, 1.0))
    ]
    for x, out in ((x0 - eave, -1.0), (x1 + eave, 1.0)):
        corners = [
            (x, y0 - eave, z - drop),
            (x, y1 + eave, z - drop),
            (middle, y1 + eave, apex),
            (middle, y0 - eave, apex),
        ]
        faces.append(face(corners, roof, np.array([out, 0.0, 0.6]), 999))
    return faces


def tree(foot: Array, height: float, eye: Array, rng: np.random.Generator, *, slim: bool = False, clumps: int) -> Thing:
    """A trunk and a crown of leaf clumps, each a flat patch that faces `eye` with the crown's outward normal."""
    toward = unit(np.array([eye[0] - foot[0], eye[1] - foot[1], 0.0]))
    right = np.array([-toward[1], toward[0], 0.0])
    radius = height * (0.17 if slim else 0.30)
    rise = height * (0.42 if slim else 0.34)
    centre = foot + np.array([0.0, 0.0, height - rise])
    bark = Surface(m.BARK, (0.075, 0.055, 0.040))
    shapes = limb(np.array([0.0, 0.0]), np.array([0.0, height - rise]), 0.030 * height, 0.016 * height)
    faces = []
    for shape, lean in zip(shapes, (-0.8, 0.8), strict=True):
        points = foot + shape[:, :1] * right + np.maximum(shape[:, 1:], 0.0) * UP
        faces.append(Face(points, bark, toward, unit(toward + lean * right), 1))
    casters = [foot + np.array([(x, y, z) for x in (-0.1, 0.1) for y in (-0.1, 0.1) for z in (0.0, height - rise)])]
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
    outline, flat = disc(1.0, 7) * rng.uniform(0.85, 1.15, (7, 1)), np.column_stack([disc(0.85, 6), np.zeros(6)])
    patch = outline[:, :1] * right + outline[:, 1:] * UP
    centres = centre + places * np.array([radius, radius, rise])
    for place, size, tone, normal in zip(centres, sizes, tones, normals, strict=True):
        faces.append(Face(place + size * patch, _LEAVES[tone], toward, normal))
        casters.append(place + size * flat)
    return Thing("", foot, faces, casters)


def street_lamp(foot: Array, reach: Array, colour: Array, eye: Array, *, night: bool, height: float = 6.2) -> Thing:
    """A pole whose arm holds a lamp `reach` (2,) away; it gives light by night."""
    toward = unit(np.array([eye[0] - foot[0], eye[1] - foot[1], 0.0]))
    right = np.array([-toward[1], toward[0], 0.0])
    steel = Surface(m.STEEL, (0.13, 0.14, 0.14))
    faces = []
    for shape, lean in zip(limb(np.array([0.0, 0.0]), np.array([0.0, height]), 0.085, 0.055), (-0.8, 0.8), strict=True):
        points = foot + shape[:, :1] * right + np.maximum(shape[:, 1:], 0.0) * UP
        faces.append(Face(points, steel, toward, unit(toward + lean * right)))
    head = foot + np.array([reach[0], reach[1], height + 0.15])
    red, green, blue = (9.0 * colour if night else 0.0 * colour).tolist()
    lens = Surface(m.PLASTIC, (0.45, 0.45, 0.44), core=42.0, grip=0.7 if night else 0.0, glow=(red, green, blue))
    side = 0.38 * unit(np.array([reach[0], reach[1], 0.0])) if np.any(reach) else 0.25 * right
    arm = [
        foot + np.array([0, 0, height]),
        head - side,
        head - side + 0.09 * UP,
        foot + np.array([0, 0, height + 0.09]),
    ]
    housing = [head - side, head + side, head + side + 0.14 * UP, head - side + 0.14 * UP]
    globe = [head - 0.8 * side - 0.10 * UP, head + 0.8 * side - 0.10 * UP, head + side, head - side]
    for corners, surface, part in ((arm, steel, 0), (housing, steel, 0), (globe, lens, 1)):
        faces.append(Face(np.array(corners), surface, toward, toward, part))
    pole = foot + np.array([(x, y, z) for x in (-0.06, 0.06) for y in (-0.06, 0.06) for z in (0.0, height)])
    lamp = Spot(head - 0.1 * UP, -UP, 72.0 * colour, 0.8)
    return Thing("", foot, faces, [pole], spots=[lamp] if night else ())


def bench(foot: Array) -> Thing:
    """A wooden bench along y."""
    wood = Surface(m.WOOD, (0.20, 0.115, 0.055))
    x, y = float(foot[0]), float(foot[1])
    faces = [
        *box((x - 0.2, y - 0.8, 0.0), (x + 0.2, y - 0.7, 0.42), Surface(m.STEEL, (0.1, 0.1, 0.1))),
        *box((x - 0.2, y + 0.7, 0.0), (x + 0.2, y + 0.8, 0.42), Surface(m.STEEL, (0.1, 0.1, 0.1))),
        *box((x - 0.25, y - 0.9, 0.40), (x + 0.25, y + 0.9, 0.48), wood),
        *box((x + 0.20, y - 0.9, 0.48), (x + 0.26, y + 0.9, 0.90), wood),
    ]
    corners = np.array([(x + a, y + b, z) for a in (-0.25, 0.25) for b in (-0.9, 0.9) for z in (0.4, 0.85)])
    return Thing("", foot, faces, [corners])


def hedge(low: Array, high: Array) -> Thing:
    """A clipped hedge between two corners (3,)."""
    faces = box(low, high, Surface(m.Material(0.97, 50, stored=20, mottle=0.3, grain=0.35), (0.045, 0.095, 0.025)))
    corners = np.array([(x, y, z) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (0.0, high[2])])
    return Thing("", (low + high) / 2 * np.array([1.0, 1.0, 0.0]), faces, [corners])


def bollard(foot: Array) -> Thing:
    """A short stone post."""
    x, y = float(foot[0]), float(foot[1])
    faces = box((x - 0.12, y - 0.12, 0.0), (x + 0.12, y + 0.12, 0.85), Surface(m.CONCRETE, (0.33, 0.32, 0.30)))
    corners = np.array([(x + a, y + b, z) for a in (-0.12, 0.12) for b in (-0.12, 0.12) for z in (0.0, 0.85)])
    return Thing("", foot, faces, [corners])

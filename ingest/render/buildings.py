"""Buildings and houses: walls, windows, doors, roofs."""

import numpy as np

from ingest.render import materials as m
from ingest.render.materials import Colour, Surface
from ingest.render.mesh import UP, Array, Face, Thing, box, corners, face, unit

WALLS = {
    "brick": (m.BRICK, ((0.30, 0.115, 0.075), (0.24, 0.105, 0.070), (0.34, 0.150, 0.090))),
    "plaster": (m.PLASTER, ((0.58, 0.53, 0.42), (0.52, 0.53, 0.54), (0.56, 0.44, 0.30), (0.42, 0.50, 0.52))),
    "concrete": (m.CONCRETE, ((0.31, 0.31, 0.30), (0.25, 0.25, 0.255))),
}
# Rooms are heated: frames leak a little of it, panes of lit rooms more, those of dark ones hardly any.
ROOM = 20.0  # °C
_FRAME = Surface(m.PLASTER, (0.50, 0.50, 0.48), core=ROOM, grip=0.16)
_DOOR = Surface(m.WOOD, (0.10, 0.055, 0.03), core=ROOM, grip=0.13)
_LIT_ROOMS: tuple[Colour, ...] = ((0.62, 0.43, 0.20), (0.55, 0.46, 0.30), (0.40, 0.42, 0.44))
_FLAT_ROOF = Surface(m.STEEL, (0.22, 0.22, 0.23))
_TILED_ROOF = Surface(m.TILE, (0.26, 0.085, 0.05))
_ROOF_PART = 1000  # above the number of any window


def building(
    low: Array, high: Array, wall: str, eye: Array, rng: np.random.Generator, *, night: bool, pitched: bool
) -> Thing:
    """A building between two corners (3,), with windows on the sides that can be seen from `eye`.

    Args:
        low: south-west corner on the ground.
        high: north-east corner below the roof.
        wall: a key of `WALLS`.
        eye: the camera's place.
        rng: draws colours, doors and lit rooms.
        night: whether rooms are lit.
        pitched: a saddle roof along y instead of a flat one.
    """
    material, colours = WALLS[wall]
    surface = Surface(material, colours[int(rng.integers(len(colours)))])
    lit_share = float(rng.uniform(0.2, 0.5)) if night else 0.0
    faces = box(low, high, surface)
    for side in faces[:4]:
        if side.normal @ (eye - side.points[0]) > 0:
            faces += _windows(side, float(high[2]), len(faces), lit_share, rng)
    hull = corners(low, high)
    if pitched:
        ridge = np.array([((low[0] + high[0]) / 2, y, high[2] + 0.32 * min(high - low)) for y in (low[1], high[1])])
        faces += _gable(low, high, ridge, surface)
        hull = np.concatenate([hull, ridge])
    else:
        lip = np.array([0.25, 0.25, 0.35])
        faces += box((low[0] - lip[0], low[1] - lip[1], high[2] - 0.1), high + lip, _FLAT_ROOF, _ROOF_PART)
    foot = (low + high) / 2 * np.array([1.0, 1.0, 0.0])
    return Thing("", foot, faces, [hull], block=np.array([low, high]))


def _windows(side: Face, top: float, part: int, lit_share: float, rng: np.random.Generator) -> list[Face]:
    """Frames and panes, storey by storey, with some doors below; each pane is a part of its own, from `part` on."""
    start, along = side.points[0], unit(side.points[1] - side.points[0])
    length = float(along @ (side.points[1] - start))
    columns, storeys = max(int(length / 2.7), 1), max(int(top / 3.1), 1)
    pitch, height = length / columns, top / storeys
    faces: list[Face] = []

    def panel(left: float, right: float, bottom: float, upper: float, surface: Surface, number: int) -> None:
        outline = ((left, bottom), (right, bottom), (right, upper), (left, upper))
        faces.append(face([start + u * along + z * UP for u, z in outline], surface, side.normal, number))

    for storey in range(storeys):
        bottom, upper = (storey + 0.32) * height, (storey + 0.82) * height
        for column in range(columns):
            centre, part = (column + 0.5) * pitch, part + 1
            if storey == 0 and rng.random() < 0.22:
                panel(centre - 0.22 * pitch, centre + 0.22 * pitch, 0.0, 0.72 * height, _DOOR, part)
                continue
            glass, half = _pane(bool(rng.random() < lit_share), rng), 0.27 * pitch
            panel(centre - half - 0.1, centre + half + 0.1, bottom - 0.1, upper + 0.1, _FRAME, 0)
            panel(centre - half, centre + half, bottom, upper, glass, part)
            panel(centre - 0.035, centre + 0.035, bottom, upper, _FRAME, part)
    return faces


def _pane(lit: bool, rng: np.random.Generator) -> Surface:
    if not lit:
        return Surface(m.GLASS, (0.02, 0.026, 0.032), core=ROOM, grip=float(rng.uniform(0.0, 0.2)))
    red, green, blue = _LIT_ROOMS[int(rng.integers(len(_LIT_ROOMS)))]
    lamp = float(rng.uniform(0.6, 1.8))
    glow = (red * lamp, green * lamp, blue * lamp)
    return Surface(m.GLASS, (0.02, 0.026, 0.032), core=ROOM, grip=float(rng.uniform(0.35, 0.55)), glow=glow)


def _gable(low: Array, high: Array, ridge: Array, wall: Surface) -> list[Face]:
    """A saddle roof under the ridge (2, 3), with eaves, on its two gable walls."""
    (x0, y0, _), (x1, y1, z) = low, high
    middle, apex = float(ridge[0, 0]), float(ridge[0, 2])
    eave = 0.45
    drop = eave * (apex - z) / (middle - x0)
    faces = [
        face([(x0, y, z), (x1, y, z), (middle, y, apex)], wall, np.array([0.0, outward, 0.0]))
        for y, outward in ((y0, -1.0), (y1, 1.0))
    ]
    for x, outward in ((x0 - eave, -1.0), (x1 + eave, 1.0)):
        south, north = y0 - eave, y1 + eave
        slope = [(x, south, z - drop), (x, north, z - drop), (middle, north, apex), (middle, south, apex)]
        faces.append(face(slope, _TILED_ROOF, np.array([outward, 0.0, 0.6]), _ROOF_PART))
    return faces

"""Cars and vans: their shape, and where heat and light come from while the engine runs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ingest.render import materials as m
from ingest.render.materials import Colour, Surface
from ingest.render.mesh import Array, Face, Spot, Thing, disc, face, placed, turning, unit

BODY, WINDOWS, WHEELS, LAMPS = range(4)  # parts


@dataclass(frozen=True)
class Model:
    """A shape of vehicle, in metres: x runs from its middle to the front, z up.

    Attributes:
        label: what it is called.
        profile: eight corners (x, z) of the lower body: rear bottom, bumper, boot edge, boot, windscreen, hood, nose,
            front bottom.
        cabin: rear and front end of the cabin at its base, then at its roof.
        heights: of the cabin's base and roof.
        widths: half the width of the lower body and of the roof.
        panes: side windows as (start, end) along the cabin, 0 at its rear and 1 at its front.
        axles: x of the wheels.
        wheel: radius.
    """

    label: str
    profile: tuple[tuple[float, float], ...]
    cabin: tuple[float, float, float, float]
    heights: tuple[float, float]
    widths: tuple[float, float]
    panes: tuple[tuple[float, float], ...]
    axles: tuple[float, float]
    wheel: float


MODELS = {
    "sedan": Model(
        "car",
        ((-2.12, 0.28), (-2.22, 0.60), (-2.12, 0.90), (-1.60, 0.98),
         (0.98, 0.95), (2.00, 0.78), (2.20, 0.55), (2.14, 0.26)),
        cabin=(-1.72, 1.06, -0.98, 0.30), heights=(0.93, 1.44), widths=(0.89, 0.60),
        panes=((0.10, 0.48), (0.53, 0.92)), axles=(-1.35, 1.38), wheel=0.33,
    ),
    "hatchback": Model(
        "car",
        ((-1.88, 0.28), (-1.98, 0.58), (-1.93, 0.95), (-1.75, 1.00),
         (0.95, 0.98), (1.78, 0.82), (1.97, 0.58), (1.92, 0.26)),
        cabin=(-1.90, 1.04, -1.45, 0.25), heights=(0.95, 1.52), widths=(0.87, 0.61),
        panes=((0.08, 0.46), (0.51, 0.92)), axles=(-1.22, 1.24), wheel=0.32,
    ),
    "van": Model(
        "van",
        ((-2.50, 0.34), (-2.56, 0.70), (-2.54, 1.10), (-2.50, 1.12),
         (1.72, 1.12), (2.36, 0.92), (2.54, 0.66), (2.48, 0.30)),
        cabin=(-2.53, 1.80, -2.48, 1.02), heights=(1.10, 2.16), widths=(0.98, 0.90),
        panes=((0.74, 0.93),), axles=(-1.58, 1.62), wheel=0.36,
    ),
}  # fmt: skip

PAINTS: dict[str, Colour] = {
    "white": (0.62, 0.62, 0.60),
    "silver": (0.36, 0.37, 0.39),
    "black": (0.030, 0.031, 0.034),
    "grey": (0.10, 0.105, 0.115),
    "red": (0.40, 0.030, 0.024),
    "blue": (0.035, 0.085, 0.30),
    "yellow": (0.60, 0.42, 0.045),
    "green": (0.05, 0.17, 0.13),
}


@dataclass(frozen=True)
class Vehicle:
    """One vehicle.

    Attributes:
        model: a key of `MODELS`.
        paint: a key of `PAINTS`.
        running: lamps lit, engine, tyres and cabin warm; else all of it as cold as the weather makes it.
        moving: whether its wheels turn, which blurs their spokes.
    """

    model: str
    paint: str
    running: bool
    moving: bool


def vehicle(item: Vehicle, foot: Array, heading: float, *, night: bool) -> Thing:
    """A vehicle that stands on `foot` (3,) and heads `heading` radians anticlockwise from +x."""
    model = MODELS[item.model]
    turn = turning(heading)
    rear, front, half = model.profile[0][0], model.profile[-1][0], model.widths[0]
    lower = np.array([(x, y, z) for x, z in model.profile for y in (-half, half)])
    base, roof = _cabin(model)
    ground = np.array([(rear, -half), (front, -half), (front, half), (rear, half)])
    return Thing(
        label=model.label,
        foot=foot,
        faces=placed(_faces(item, model, night), foot, heading),
        casters=[lower @ turn.T + foot, np.concatenate([base, roof]) @ turn.T + foot],
        footprint=ground @ turn[:2, :2].T + foot[:2],
        spots=_headlamps(model, foot, turn) if item.running and night else (),
        running=item.running,
        moving=item.moving,
        colour=item.paint,
        plume=turn @ np.array([rear - 0.45, 0.5 * half, 0.30]) + foot if item.running else None,
    )


def _faces(item: Vehicle, model: Model, night: bool) -> list[Face]:
    heat = 1.0 if item.running else 0.0
    paint = PAINTS[item.paint]
    shell = Surface(m.PAINT, paint, core=36.0, grip=0.28 * heat)
    hood = Surface(m.PAINT, paint, core=62.0, grip=0.52 * heat)
    nose = Surface(m.PAINT, paint, core=58.0, grip=0.36 * heat)
    grille = Surface(m.PLASTIC, (0.012, 0.012, 0.013), core=70.0, grip=0.50 * heat)
    bumper = Surface(m.PLASTIC, (0.6 * paint[0], 0.6 * paint[1], 0.6 * paint[2]), core=36.0, grip=0.20 * heat)
    half = model.widths[0]
    faces = []
    skin = (bumper, shell, shell, shell, hood, nose, nose)
    for a, b, surface in zip(model.profile, model.profile[1:], skin, strict=False):
        around = [(*a, -half), (*a, half), (*b, half), (*b, -half)]
        outward = np.array([a[1] - b[1], 0.0, b[0] - a[0]])
        faces.append(face([(x, y, z) for x, z, y in around], surface, outward, BODY))
    for side in (-1.0, 1.0):
        faces += _flank(model, side, shell)
    faces += _ends(item, model, grille, night)
    faces += _cabin_faces(model, shell, heat)
    for axle in model.axles:
        for side in (-1.0, 1.0):
            faces += _wheel(axle, side * half, model.wheel, item, heat)
    return faces


def _flank(model: Model, side: float, shell: Surface) -> list[Face]:
    """One side of the lower body: bulged, so that its upper half meets the sky and its lower half the road."""
    half, outward = model.widths[0], np.array([0.0, side, 0.0])
    profile = np.array(model.profile)
    rear, front, low = profile[1, 0], profile[-2, 0], profile[[0, -1], 1].max()
    crease, top = 0.62 * profile[:, 1].max(), profile[:, 1].max()
    whole = face([(x, side * half, z) for x, z in profile], shell, outward, BODY)
    upper = Face(whole.points, shell, whole.normal, unit(np.array([0.0, side, 0.45])), BODY)

    def strip(x0: float, x1: float, z0: float, z1: float, surface: Surface, lean: float) -> Face:
        corners = [(x0, side * half, z0), (x1, side * half, z0), (x1, side * half, z1), (x0, side * half, z1)]
        flat = face(corners, surface, outward, BODY)
        return Face(flat.points, surface, flat.normal, unit(np.array([0.0, side, lean])), BODY)

    seam = Surface(m.PLASTIC, (0.012, 0.012, 0.012), shell.core, shell.grip)
    doors = np.linspace(model.cabin[0] + 0.45, model.cabin[1] - 0.05, 3 if len(model.panes) > 1 else 2)
    return [
        upper,
        strip(rear + 0.06, front - 0.04, low, crease, shell, -0.25),
        strip(rear + 0.12, front - 0.10, low - 0.02, low + 0.08, seam, -0.3),
        *(strip(x - 0.012, x + 0.012, low + 0.1, 0.98 * top, seam, 0.0) for x in doors),
    ]


def _cabin(model: Model) -> tuple[Array, Array]:
    """(4, 3) corners of the cabin's base and of its roof: rear right, rear left, front left, front right."""
    rear, front, roof_rear, roof_front = model.cabin
    low, high = model.heights
    wide, narrow = 0.94 * model.widths[0], model.widths[1]
    base = np.array([(rear, -wide, low), (rear, wide, low), (front, wide, low), (front, -wide, low)])
    roof = np.array(
        [(roof_rear, -narrow, high), (roof_rear, narrow, high), (roof_front, narrow, high), (roof_front, -narrow, high)]
    )
    return base, roof


def _cabin_faces(model: Model, shell: Surface, heat: float) -> list[Face]:
    base, roof = _cabin(model)
    glass = Surface(m.GLASS, (0.018, 0.022, 0.026), core=25.0, grip=0.34 * heat)
    faces = [face(roof, shell, np.array([0.0, 0.0, 1.0]), BODY)]
    outward = {(0, 1): (-1.0, 0.0, 0.3), (2, 3): (1.0, 0.0, 0.3), (1, 2): (0.0, 1.0, 0.2), (3, 0): (0.0, -1.0, 0.2)}
    for (i, j), out in outward.items():
        wall = np.array([base[i], base[j], roof[j], roof[i]])
        faces.append(face(wall, shell, np.array(out), BODY))
        spans: Sequence[tuple[float, float]] = ((0.07, 0.93),)
        if (i, j) == (1, 2):
            spans = model.panes
        elif (i, j) == (3, 0):  # this wall runs from the front to the rear
            spans = tuple((1 - b, 1 - a) for a, b in model.panes)
        elif model.label == "van" and (i, j) == (0, 1):
            spans = ((0.10, 0.46), (0.54, 0.90))
        low = 0.42 if model.label == "van" else 0.10
        faces += [face(_inset(wall, *span, low, 0.88), glass, np.array(out), WINDOWS) for span in spans]
    return faces


def _inset(wall: Array, left: float, right: float, low: float, high: float) -> Array:
    """(4, 3) part of a four-cornered wall (base i, base j, roof j, roof i), in shares of its sides."""

    def at(u: float, v: float) -> Array:
        bottom = wall[0] + u * (wall[1] - wall[0])
        top = wall[3] + u * (wall[2] - wall[3])
        return np.asarray(bottom + v * (top - bottom))

    return np.array([at(left, low), at(right, low), at(right, high), at(left, high)])


def _ends(item: Vehicle, model: Model, grille: Surface, night: bool) -> list[Face]:
    """Grille, plates and lamps on nose and rear."""
    head = (9.0, 8.6, 7.6) if night else (3.2, 3.2, 3.1)
    tail = (3.0, 0.10, 0.06) if night else (1.3, 0.05, 0.03)
    dark = (0.0, 0.0, 0.0)
    lens = Surface(
        m.PLASTIC, (0.30, 0.31, 0.32), core=45.0, grip=0.5 * item.running, glow=head if item.running else dark
    )
    red = Surface(
        m.PLASTIC, (0.22, 0.012, 0.012), core=34.0, grip=0.3 * item.running, glow=tail if item.running else dark
    )
    plate = Surface(m.PAINT, (0.60, 0.60, 0.52))
    half = model.widths[0]
    p = [np.array(corner) for corner in model.profile]
    upper_nose, low_nose, upper_tail, low_tail = (p[-3], p[-2]), (p[-2], p[-1]), (p[2], p[1]), (p[1], p[0])

    def on(edge: tuple[Array, Array], down: tuple[float, float], y0: float, y1: float, surface: Surface) -> Face:
        """A panel on a slope of the profile, between two shares of its way down."""
        (xa, za), (xb, zb) = (edge[0] + share * (edge[1] - edge[0]) for share in down)
        part = LAMPS if surface in (lens, red) else BODY
        corners = [(xa, y0, za), (xa, y1, za), (xb, y1, zb), (xb, y0, zb)]
        return face(corners, surface, np.array([np.sign(xa), 0.0, 0.1]), part)

    faces = [
        on(upper_nose, (0.45, 1.0), -0.45 * half, 0.45 * half, grille),
        on(low_nose, (0.40, 0.85), -0.75 * half, 0.75 * half, grille),
        on(low_nose, (0.05, 0.35), -0.28, 0.28, plate),
        on(low_tail, (0.05, 0.38), -0.28, 0.28, plate),
    ]
    for side in (-1.0, 1.0):
        faces.append(on(upper_nose, (0.15, 0.95), side * 0.55 * half, side * 0.97 * half, lens))
        faces.append(on(upper_tail, (0.15, 0.85), side * 0.60 * half, side * 0.98 * half, red))
    return faces


def _wheel(axle: float, y: float, radius: float, item: Vehicle, heat: float) -> list[Face]:
    outward = np.array([0.0, np.sign(y), 0.0])
    arch = Surface(m.PLASTIC, (0.010, 0.010, 0.010), core=36.0, grip=0.25 * heat)
    tyre = Surface(m.RUBBER, (0.022, 0.022, 0.022), core=40.0, grip=0.45 * heat)
    rim = Surface(m.STEEL, (0.26, 0.26, 0.27) if item.moving else (0.36, 0.36, 0.37), core=56.0, grip=0.50 * heat)
    gap = Surface(m.PLASTIC, (0.03, 0.03, 0.03), core=56.0, grip=0.50 * heat)

    def ring(outline: Array, surface: Surface, part: int) -> Face:
        points = [(axle + x, y, radius + z) for x, z in outline]
        return face(points, surface, outward, part)

    opening = disc(1.20 * radius, 16)
    opening[:, 1] = np.maximum(opening[:, 1], -0.15 * radius)
    faces = [
        ring(opening, arch, BODY),
        ring(disc(radius, 16), tyre, WHEELS),
        ring(disc(0.64 * radius, 12), rim, WHEELS),
    ]
    if not item.moving:  # spokes are seen at rest only
        for angle in np.arange(5) * (2 * np.pi / 5):
            centre = 0.40 * radius * np.array([np.cos(angle), np.sin(angle)])
            faces.append(ring(disc(0.13 * radius, 6) + centre, gap, WHEELS))
    return faces


def _headlamps(model: Model, foot: Array, turn: Array) -> list[Spot]:
    x, z = model.profile[-2]
    axis = turn @ np.array([0.988, 0.0, -0.155])
    # One cone stands for both lamps: a few metres ahead theirs have merged.
    place = turn @ np.array([x + 0.1, 0.0, z + 0.1]) + foot
    return [Spot(place, axis, np.array([64.0, 61.0, 54.0]), 22.0)]

"""People: warm bodies that walk, flat figures turned to the camera."""

from dataclasses import dataclass

import numpy as np

from ingest.render import materials as m
from ingest.render.materials import Colour, Surface
from ingest.render.mesh import UP, Array, Face, Thing, facing, limb, unit

SKIN_TEMPERATURE = 33.5  # °C
CLOTH_GRIP = 0.66  # how far warm skin shows through clothes: 28 °C where the air is at 17 °C

_SKINS: tuple[Colour, ...] = ((0.50, 0.32, 0.23), (0.36, 0.21, 0.14), (0.14, 0.075, 0.05), (0.58, 0.40, 0.31))
_HAIRS: tuple[Colour, ...] = ((0.012, 0.010, 0.009), (0.05, 0.03, 0.018), (0.20, 0.14, 0.07), (0.22, 0.22, 0.22))
_TOPS: tuple[Colour, ...] = (
    (0.55, 0.54, 0.50), (0.42, 0.05, 0.05), (0.05, 0.09, 0.26), (0.02, 0.02, 0.024), (0.50, 0.36, 0.08),
    (0.07, 0.18, 0.09), (0.13, 0.13, 0.14), (0.10, 0.26, 0.34), (0.36, 0.16, 0.22),
)  # fmt: skip
_BOTTOMS: tuple[Colour, ...] = ((0.03, 0.04, 0.09), (0.02, 0.02, 0.022), (0.20, 0.16, 0.11), (0.08, 0.08, 0.09))


@dataclass(frozen=True)
class Look:
    """What a person looks like.

    Attributes:
        height: m.
        girth: relative width.
        coat: whether the upper garment reaches to the knees.
        pack: colour of a backpack, or None.
    """

    height: float
    girth: float
    skin: Colour
    hair: Colour
    top: Colour
    bottom: Colour
    coat: bool
    pack: Colour | None


def any_look(rng: np.random.Generator) -> Look:
    """A person as one may meet in the street."""

    def pick(choices: tuple[Colour, ...]) -> Colour:
        return choices[int(rng.integers(len(choices)))]

    return Look(
        height=float(rng.uniform(1.56, 1.88)),
        girth=float(rng.uniform(0.9, 1.15)),
        skin=pick(_SKINS),
        hair=pick(_HAIRS),
        top=pick(_TOPS),
        bottom=pick(_BOTTOMS),
        coat=bool(rng.random() < 0.3),
        pack=pick(_TOPS) if rng.random() < 0.3 else None,
    )


def person(look: Look, foot: Array, heading: float, stride: float, eye: Array) -> Thing:
    """A person on `foot` (3,) as seen from `eye` (3,).

    Args:
        look: size and colours.
        heading: radians anticlockwise from +x.
        stride: phase of the walk, radians; NaN for one who stands.
        eye: the camera's place: the figure is flat and faces it.
    """
    toward, right = facing(foot, eye)
    ahead = np.array([np.cos(heading), np.sin(heading), 0.0])
    figure = _Figure(look, foot, toward, right, float(ahead @ right), float(ahead @ toward))
    swing = 0.0 if np.isnan(stride) else float(np.sin(stride))
    figure.draw(swing, walking=not np.isnan(stride))
    return Thing("person", foot, figure.faces, figure.casters, moving=not np.isnan(stride))


class _Figure:
    """Limbs of one person, collected while they are laid out in the plane (u to the right, z up)."""

    def __init__(self, look: Look, foot: Array, toward: Array, right: Array, side: float, front: float) -> None:
        self.look, self.foot, self.toward, self.right = look, foot, toward, right
        self.side, self.front = side, front
        self.faces: list[Face] = []
        self.casters: list[Array] = []

    def draw(self, swing: float, *, walking: bool) -> None:
        look, h = self.look, self.look.height
        skin = self._warm(m.SKIN, look.skin, 1.0)
        hair = self._warm(m.CLOTH, look.hair, 0.55)
        top = self._warm(m.CLOTH, look.top, CLOTH_GRIP * (0.85 if look.coat else 1.0))
        bottom = self._warm(m.CLOTH, look.bottom, CLOTH_GRIP * 0.93)
        shoe = self._warm(m.CLOTH, (0.02, 0.018, 0.016), 0.45)
        broad = h * look.girth * (0.075 + 0.045 * abs(self.front))  # half the width of the shoulders
        hips = 0.75 * broad
        step = 0.21 * h * swing
        for sign in (-1.0, 1.0):  # the leg behind first
            u = sign * step * self.side + 0.35 * hips * sign * abs(self.front)
            lift = 0.045 * h * max(-sign * swing, 0.0) if walking else 0.0
            hip, ankle = (0.25 * hips * sign * abs(self.front), 0.50 * h), (u, 0.045 * h + lift)
            bend = 0.05 * h * self.side if walking else 0.0
            knee = ((hip[0] + u) / 2 + bend, 0.27 * h + 0.5 * lift)
            self._limb(hip, knee, 0.052 * h * look.girth, 0.040 * h, bottom)
            self._limb(knee, ankle, 0.040 * h, 0.026 * h, bottom)
            self._limb((u, 0.022 * h + lift), (u + 0.055 * h * self.side, 0.018 * h + lift), 0.024 * h, 0.018 * h, shoe)
        self._arm(-1.0, swing, broad, top, skin)
        if look.pack is not None and self.front < 0.35:
            back = -0.11 * h * self.side
            self._limb((back, 0.58 * h), (back, 0.74 * h), 0.075 * h, 0.07 * h, self._warm(m.CLOTH, look.pack, 0.2))
        self._limb((0.0, (0.36 if look.coat else 0.50) * h), (0.0, 0.60 * h), 1.05 * hips, 0.92 * hips, top)
        self._limb((0.0, 0.54 * h), (0.0, 0.765 * h), 0.95 * hips, broad, top)
        if look.pack is not None and self.front < -0.35:
            self._limb((0.0, 0.60 * h), (0.0, 0.74 * h), 0.085 * h, 0.08 * h, self._warm(m.CLOTH, look.pack, 0.2))
        self._arm(1.0, swing, broad, top, skin)
        self._limb((0.0, 0.82 * h), (0.0, 0.87 * h), 0.030 * h, 0.030 * h, skin)
        self._limb((0.008 * h * self.side, 0.905 * h), (0.008 * h * self.side, 0.945 * h), 0.047 * h, 0.054 * h, skin)
        if self.front < -0.3:  # from behind a head is hair
            self._limb((0.0, 0.915 * h), (0.0, 0.95 * h), 0.050 * h, 0.056 * h, hair)
        else:
            self._limb(
                (-0.028 * h * self.side, 0.955 * h), (-0.012 * h * self.side, 0.965 * h), 0.046 * h, 0.047 * h, hair
            )

    def _arm(self, sign: float, swing: float, broad: float, sleeve: Surface, skin: Surface) -> None:
        h = self.look.height
        shoulder = (sign * broad * abs(self.front) * 0.95, 0.775 * h)
        reach = -sign * 0.15 * h * swing * self.side
        elbow = (shoulder[0] + 0.4 * reach + 0.02 * h * sign * abs(self.front), 0.62 * h)
        hand = (shoulder[0] + reach + 0.02 * h * sign * abs(self.front), 0.475 * h + 0.25 * abs(reach))
        self._limb(shoulder, elbow, 0.034 * h, 0.029 * h, sleeve)
        self._limb(elbow, hand, 0.029 * h, 0.022 * h, sleeve)
        self._limb(hand, (hand[0], hand[1] - 0.03 * h), 0.022 * h, 0.016 * h, skin)

    def _limb(self, a: tuple[float, float], b: tuple[float, float], ra: float, rb: float, surface: Surface) -> None:
        """One rounded limb: its two halves lean apart, so that light models it."""
        lean = 0.75 if b[1] < a[1] else -0.75  # the left of a limb that hangs down is on the right
        for outline, sign in zip(limb(np.array(a), np.array(b), ra, rb), (1.0, -1.0), strict=True):
            points = self.foot + outline[:, :1] * self.right + outline[:, 1:] * UP
            shading = unit(self.toward + sign * lean * self.right + np.array([0.0, 0.0, 0.25]))
            self.faces.append(Face(points, surface, self.toward, shading))
        around = np.array([(1, 0, 0), (-0.5, 0.87, 0), (-0.5, -0.87, 0)])
        ends = [self.foot + u * self.right + z * UP + radius * around for (u, z), radius in ((a, ra), (b, rb))]
        self.casters.append(np.concatenate(ends))

    @staticmethod
    def _warm(material: m.Material, colour: Colour, grip: float) -> Surface:
        return Surface(material, colour, core=SKIN_TEMPERATURE, grip=grip)

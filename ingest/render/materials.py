"""What surfaces are made of: how they take up light, hold heat and radiate it."""

from dataclasses import dataclass
from functools import cached_property

Colour = tuple[float, float, float]  # linear RGB, reflectance 0..1 or radiance


@dataclass(frozen=True)
class Material:
    """One class of surface.

    Attributes:
        emissivity: in the thermal band, 0..1.
        coupling: W m^-2 K^-1 by which it follows the air (convection, evaporation, conduction).
        stored: W m^-2 that it gives back at night from what it took up by day.
        gloss: share of the visible sky that it mirrors, 0..1.
        mottle: relative standard deviation of its reflectance.
        grain: size of the mottling, m.
        joint: width and height of its stones or bricks, m; (0, 0) for none.
    """

    emissivity: float
    coupling: float
    stored: float = 0.0
    gloss: float = 0.0
    mottle: float = 0.0
    grain: float = 1.0
    joint: tuple[float, float] = (0.0, 0.0)


# Emissivities are those of handbooks for 8-14 µm: stone, asphalt and plants 0.92-0.98, coated glass far lower.
# Plants have a high coupling because they evaporate water; sheet metal a low one because it holds no heat.
ASPHALT = Material(0.95, 27, stored=170, mottle=0.10, grain=1.6)
PAVING = Material(0.93, 25, stored=125, mottle=0.06, grain=1.0, joint=(0.8, 0.8))
CONCRETE = Material(0.92, 25, stored=110, mottle=0.05, grain=2.5, joint=(2.4, 1.5))
MARKING = Material(0.94, 27, stored=150, mottle=0.05, grain=0.5)
GRASS = Material(0.97, 42, stored=0, mottle=0.22, grain=0.7)
FOLIAGE = Material(0.97, 95, stored=40)
HEDGE = Material(0.97, 50, stored=20, mottle=0.30, grain=0.35)
BARK = Material(0.95, 30, stored=45)
BRICK = Material(0.93, 22, stored=125, mottle=0.08, grain=0.6, joint=(0.5, 0.25))
PLASTER = Material(0.91, 22, stored=95, mottle=0.04, grain=3.0)
TILE = Material(0.92, 18, stored=15, mottle=0.08, grain=0.5, joint=(0.6, 0.4))
GLASS = Material(0.62, 24, stored=40, gloss=0.55)
STEEL = Material(0.80, 22, stored=0, gloss=0.08)
PAINT = Material(0.90, 20, stored=0, gloss=0.10)
RUBBER = Material(0.94, 24, stored=40)
PLASTIC = Material(0.93, 24, stored=10, gloss=0.04)
WOOD = Material(0.92, 26, stored=20, mottle=0.06, grain=0.4)
CLOTH = Material(0.96, 30)
SKIN = Material(0.98, 30)


@dataclass(frozen=True)
class Surface:
    """A material in one colour, with the heat and the light that come from behind it.

    Attributes:
        albedo: reflectance, linear RGB.
        core: temperature of the heat source behind it, °C: a body, an engine, a heated room.
        grip: how far the surface is drawn from its own balance to `core`, 0..1.
        glow: light that it sends out itself, linear RGB.
    """

    material: Material
    albedo: Colour
    core: float = 0.0
    grip: float = 0.0
    glow: Colour = (0.0, 0.0, 0.0)

    @cached_property
    def row(self) -> tuple[float, ...]:
        """The numbers that shading needs, in the order of `COLUMNS`."""
        m = self.material
        luma = 0.2126 * self.albedo[0] + 0.7152 * self.albedo[1] + 0.0722 * self.albedo[2]
        return (
            *self.albedo, *self.glow, luma, self.core, self.grip, m.emissivity, m.coupling, m.stored,
            m.gloss, m.mottle, m.grain, *m.joint,
        )  # fmt: skip


_NAMES = (
    "red", "green", "blue", "glow_red", "glow_green", "glow_blue", "luma", "core", "grip",
    "emissivity", "coupling", "stored", "gloss", "mottle", "grain", "joint_width", "joint_height",
)  # fmt: skip
COLUMNS = {name: index for index, name in enumerate(_NAMES)}

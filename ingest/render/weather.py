"""Time of day and sky: where light comes from, and how cold the sky is."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ingest.render.mesh import Array
from ingest.render.noise import Noise

KELVIN = 273.15


@dataclass(frozen=True)
class Weather:
    """The state of the air over a scene.

    Attributes:
        phrase: how a caption says it.
        night: no sun at all.
        cloud: cover, 0..1.
        air: temperature, °C.
        azimuth: of the sun, degrees to the right of +y.
        elevation: of the sun, degrees above the horizon.
    """

    phrase: str
    night: bool
    cloud: float
    air: float
    azimuth: float = 0.0
    elevation: float = 0.0

    @cached_property
    def sun(self) -> Array:
        """(3,), unit, towards the sun."""
        a, e = np.radians(self.azimuth), np.radians(self.elevation)
        return np.array([np.sin(a) * np.cos(e), np.cos(a) * np.cos(e), np.sin(e)], np.float32)

    @property
    def beam(self) -> float:
        """How much of the direct sun comes through, 0..1."""
        return 0.0 if self.night or self.cloud > 0.8 else 1.0 - 0.5 * self.cloud

    @property
    def sunlight(self) -> Array:
        """(3,) irradiance of the direct sun, linear RGB: the lower, the redder."""
        low = np.clip(1.0 - self.elevation / 40.0, 0.0, 1.0)
        return np.array([3.5, 3.25 - 0.8 * low, 2.9 - 1.9 * low], np.float32) * np.float32(self.beam)

    @property
    def skylight(self) -> Array:
        """(3,) irradiance of the whole sky on a level surface, linear RGB."""
        if self.night:
            clear, covered = (0.042, 0.046, 0.062), (0.064, 0.060, 0.062)
        else:
            clear, covered = (0.36, 0.48, 0.70), (1.25, 1.28, 1.32)
        return ((1 - self.cloud) * np.array(clear) + self.cloud * np.array(covered)).astype(np.float32)

    @property
    def exposure(self) -> float:
        """Of the visible camera."""
        return 1.55 if self.night else 0.80

    def sky(self, directions: Array, noise: Noise) -> tuple[Array, Array]:
        """Radiance of the sky in both bands.

        Args:
            directions: (n, 3), any length.
            noise: gives the clouds their places.

        Returns:
            (n, 3) linear RGB, and (n,) apparent temperature in K.
        """
        rise = np.clip(directions[:, 2] / np.sqrt((directions**2).sum(1)), 0.0, 1.0)
        cover = self._clouds(directions, rise, noise)
        if self.night:
            zenith, horizon, white = (0.004, 0.006, 0.014), (0.030, 0.026, 0.030), (0.040, 0.031, 0.027)
        else:
            zenith, horizon, white = (0.16, 0.38, 0.98), (0.95, 1.20, 1.55), (1.75, 1.78, 1.82)
        share = np.exp(-rise * 4.0)[:, None]
        clear = share * np.array(horizon) + (1 - share) * np.array(zenith)
        colour = clear + cover[:, None] * (np.array(white) * (1.0 - 0.35 * rise[:, None]) - clear)
        return colour, self.sky_temperature(rise, cover)

    def sky_temperature(self, rise: Array | float, cover: Array | float) -> Array:
        """Apparent temperature of the sky in the thermal window, K.

        The clear air is a grey slab, thicker towards the horizon: emissivity 1 - exp(-0.35 / sin(elevation)), so
        that it is near air temperature there and very cold overhead; clouds are a little colder than the air.

        Args:
            rise: sine of the elevation, 0..1.
            cover: share of cloud, 0..1.
        """
        air = self.air + KELVIN
        clear = air * (1.0 - np.exp(-0.35 / (rise + 0.06))) ** 0.25
        return np.asarray(clear + cover * (air - 5.0 - clear))

    @property
    def hemisphere(self) -> float:
        """Temperature of a black body that would radiate down as much as the whole sky, K.

        Swinbank 1963 for the clear sky, 0.0552 T^1.5; drawn to the air's temperature by cloud.
        """
        air = self.air + KELVIN
        clear: float = 0.0552 * air**1.5
        return clear + self.cloud * (air - 3.0 - clear)

    def _clouds(self, directions: Array, rise: Array, noise: Noise) -> Array:
        """(n,) cover of each direction: noise on a plane overhead, all over where the sky is overcast."""
        if self.cloud > 0.8:
            return np.full(len(rise), 0.95)
        over = np.maximum(directions[:, 2], 0.02)
        billows = noise.at(directions[:, 0] / over, directions[:, 1] / over, 2.5)
        soft = np.clip((billows + 2.6 * self.cloud - 1.1) / 1.2, 0.0, 1.0)
        return np.asarray(soft * np.clip(rise / 0.10, 0.0, 1.0))


def towards(points: Array, target: Array) -> tuple[Array, Array]:
    """(n, 3) unit vectors from each point to the target, and (n,) squared distances."""
    ray = target - points
    squared = np.einsum("ij,ij->i", ray, ray)
    return ray / np.sqrt(squared)[:, None], squared

"""How warm a surface is, what it radiates, and the grey level that a thermal camera makes of it."""

from typing import Any

import numpy as np

from ingest.render.materials import COLUMNS
from ingest.render.mesh import Array
from ingest.render.weather import KELVIN, Weather

STEFAN_BOLTZMANN = 5.670374419e-8  # W m^-2 K^-4
SUN = 820.0  # W m^-2, direct sun on a surface that faces it under a clear sky
TEXTURE_KELVIN = 3.5  # K for a patch twice as bright as the rest
CLEAR_SKY, CLOUDY_SKY = 80.0, 190.0  # W m^-2, scattered sunlight on a level surface


def radiance(kelvin: Any) -> Any:
    """Radiated power of a black body, W m^-2 (Stefan-Boltzmann)."""
    return STEFAN_BOLTZMANN * np.asarray(kelvin) ** 4


def apparent(power: Any) -> Any:
    """Temperature of the black body that radiates `power`, K."""
    return (np.asarray(power) / STEFAN_BOLTZMANN) ** 0.25


def temperature(rows: Array, sun: Array, sky_view: Array, texture: Array, weather: Weather) -> Array:
    """Surface temperatures from a steady heat balance, K.

    (1 - albedo) (sun + scattered) + emissivity sky_view (L_sky - L_air) + stored = coupling (T - T_air), then drawn
    towards the heat source behind the surface, where there is one.

    Args:
        rows: (n, columns) surface numbers, see `materials.COLUMNS`.
        sun: (n,) direct sun that arrives, as a share of what a facing surface gets: cosine times visibility.
        sky_view: (n,) share of the hemisphere that is sky, 0..1.
        texture: (n,) factor on the reflectance; what makes a patch darker (damp, dirt, wear) also changes how it
            holds heat.
        weather: gives air, sun and sky.
    """
    air = weather.air + KELVIN
    scattered = 0.0 if weather.night else CLEAR_SKY + weather.cloud * (CLOUDY_SKY - CLEAR_SKY)
    absorptivity = 1 - np.minimum(rows[:, COLUMNS["luma"]] * texture, 1.0)
    absorbed = absorptivity * (SUN * weather.beam * sun + scattered * sky_view)
    lost = rows[:, COLUMNS["emissivity"]] * sky_view * (radiance(weather.hemisphere) - radiance(air))
    stored = rows[:, COLUMNS["stored"]] * (1.0 if weather.night else 0.0)
    balance = air + (absorbed + lost + stored) / rows[:, COLUMNS["coupling"]] + TEXTURE_KELVIN * (texture - 1.0)
    core = rows[:, COLUMNS["core"]] + KELVIN
    return np.asarray(balance + rows[:, COLUMNS["grip"]] * (core - balance))


def leaving(kelvin: Array, emissivity: Array, sky_view: Array, weather: Weather) -> Array:
    """Radiance that leaves a surface, W m^-2: its own, and what it mirrors of sky and surroundings.

    Args:
        kelvin: (n,) surface temperature.
        emissivity: (n,).
        sky_view: (n,) share of the mirrored hemisphere that is sky.
        weather: gives the temperatures of both.
    """
    sky = radiance(weather.sky_temperature(0.35, weather.cloud))
    around = radiance(weather.air + KELVIN)
    return np.asarray(emissivity * radiance(kelvin) + (1 - emissivity) * (sky_view * sky + (1 - sky_view) * around))


def through_air(power: Array, metres: Array, weather: Weather) -> Array:
    """What of the radiance arrives after `metres` of air, which adds its own."""
    passed = np.exp(-0.0015 * metres)
    return np.asarray(passed * power + (1 - passed) * radiance(weather.air + KELVIN))


def gain_window(kelvin: Array, weather: Weather) -> tuple[float, float]:
    """Apparent temperatures shown as black and as white, K: fixed for a scene, as a static camera settles.

    The window holds what the weather made of the scene but its coldest two and warmest half percent, and reaches
    9 K above the air, where people turn white; it is never narrower than 12 K, so that an even scene does not
    become noise.

    Args:
        kelvin: (n,) apparent temperatures of the surfaces that have no heat source behind them, without the sky.
        weather: its air temperature stands in where no surface was seen.
    """
    air = weather.air + KELVIN
    cold, warm = np.percentile(kelvin, [2.0, 99.5]) if kelvin.size else (air - 5.0, air + 5.0)
    high = max(float(warm) + 1.5, air + 9.0)
    return min(float(cold) - 1.0, high - 12.0), high


def grey_levels(power: Array, window: tuple[float, float]) -> Array:
    """Radiance as grey levels, 0..255 and beyond: linear in apparent temperature."""
    low, high = window
    return np.asarray((apparent(power) - low) * (255.0 / (high - low)))

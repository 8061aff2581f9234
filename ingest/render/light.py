"""Visible light on surfaces: sun, sky and lamps, the shadows they throw, and the camera's response."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from ingest.render.materials import COLUMNS
from ingest.render.mesh import Array, Spot, Thing
from ingest.render.noise import Noise
from ingest.render.surfels import Surfels
from ingest.render.weather import Weather, towards


def sun_cosine(surfels: Surfels, weather: Weather, blocks: Sequence[Array]) -> Array:
    """(n,) share of the direct sun that each surface gets: its turn, and the shade of buildings.

    Args:
        surfels: what is lit.
        weather: where the sun is.
        blocks: (2, 3) corners of the buildings.
    """
    if not weather.beam:
        return np.zeros(len(surfels.points), np.float32)
    cosine = np.maximum(surfels.normals @ weather.sun, 0.0)
    return np.asarray(cosine * unblocked(surfels.points, surfels.normals, blocks, weather.sun))


def sun_part(reflectance: Array, cosine: Array, weather: Weather) -> Array:
    """(n, 3) light of the direct sun that surfaces send on."""
    return np.asarray(reflectance * cosine[:, None] * weather.sunlight)


def spot_part(surfels: Surfels, reflectance: Array, spot: Spot) -> Array:
    """(n, 3) light of one lamp that surfaces send on."""
    direction, squared = towards(surfels.points, spot.position.astype(np.float32))
    facing = np.maximum(np.einsum("ij,ij->i", surfels.normals, direction), 0.0)
    cone = np.maximum(direction @ -spot.axis.astype(np.float32), 0.0) ** spot.focus
    return np.asarray(reflectance * (facing * cone / (squared + 0.3))[:, None] * spot.colour.astype(np.float32))


def sky_part(surfels: Surfels, reflectance: Array, weather: Weather, noise: Noise) -> Array:
    """(n, 3) scattered light, mirrored sky and what surfaces glow themselves."""
    rows = surfels.rows
    bounce = 0.16 * (weather.sunlight * max(weather.sun[2], 0.0) + weather.skylight)
    view = surfels.sky_view[:, None]
    light = reflectance * (view * weather.skylight + (1 - view) * bounce)
    light += rows[:, COLUMNS["glow_red"] : COLUMNS["glow_blue"] + 1]
    glossy = np.flatnonzero(rows[:, COLUMNS["gloss"]] > 0)
    if glossy.size:
        ray = surfels.points[glossy] - surfels.camera.position.astype(np.float32)
        normal = surfels.planes[glossy]
        towards_eye = np.einsum("ij,ij->i", ray, normal)[:, None]
        mirrored = ray - 2.0 * towards_eye * normal
        grazing = 1.0 - np.abs(towards_eye) / np.sqrt((ray**2).sum(1))[:, None]
        colour, _ = weather.sky(mirrored, noise)
        up = np.clip(mirrored[:, 2] / np.abs(mirrored).max(1) * 6.0 + 0.5, 0.0, 1.0)[:, None]
        seen = up * colour + (1 - up) * (0.45 * bounce)
        fresnel = 0.35 + 0.65 * grazing**3  # after Schlick: a mirror at a low angle only
        light[glossy] += rows[glossy, COLUMNS["gloss"]][:, None] * fresnel * seen
    return np.asarray(light)


def hazed(light: Array, depth: Array, weather: Weather) -> Array:
    """Light after the air between: by day the distance fades to the colour of the horizon."""
    if weather.night:
        return light
    passed = np.exp(-depth / 1100.0)[:, None]
    veil = np.array([0.95, 1.12, 1.35]) + weather.cloud * np.array([0.45, 0.35, 0.2])
    return np.asarray(passed * light + (1 - passed) * veil.astype(np.float32))


def shadow_polygons(things: Iterable[Thing], source: Array, *, distant: bool, reach: float = 16.0) -> list[Array]:
    """Ground polygons (m, 2) that things keep from a light.

    Args:
        things: those that throw shadows.
        source: (3,) direction to a distant light, or the place of a lamp.
        distant: which of the two `source` is.
        reach: a lamp's shadows are followed this far from below it, m.
    """
    polygons = []
    for thing in things:
        if not distant and np.hypot(*(thing.foot[:2] - source[:2])) > reach:
            continue
        for points in thing.casters:
            if distant:
                fall = points[:, 2:] / source[2]
                shadow = points[:, :2] - source[:2] * fall
            else:
                height = np.minimum(points[:, 2:], 0.8 * source[2])  # what is as high as the lamp throws none
                shadow = source[:2] + (points[:, :2] - source[:2]) * (source[2] / (source[2] - height))
            polygons.append(cv2.convexHull(shadow.astype(np.float32))[:, 0].astype(np.float64))
    return polygons


def unblocked(points: Array, normals: Array, blocks: Sequence[Array], sun: Array) -> Array:
    """(n,) bool: points above the ground whose way to the sun meets no building (slab test of a ray with a box)."""
    free = np.ones(len(points), bool)
    facing = np.flatnonzero((normals @ sun > 0) & (points[:, 2] > 0.02))
    start = (points[facing] + 0.05 * normals[facing]).T
    slope = 1.0 / np.where(np.abs(sun) < 1e-6, np.float32(1e-6), sun)
    for low, high in blocks:
        enters, leaves = np.float32(0.0), np.float32(np.inf)
        for axis in range(3):
            a, b = (low[axis] - start[axis]) * slope[axis], (high[axis] - start[axis]) * slope[axis]
            enters, leaves = np.maximum(enters, np.minimum(a, b)), np.minimum(leaves, np.maximum(a, b))
        free[facing[leaves > enters]] = False
    return free


def developed(light: Array, weather: Weather, rng: np.random.Generator) -> Array:
    """(height, width, 3) uint8 of linear light: bloom round lamps, exposure, a soft shoulder, gamma, sensor noise."""
    height, width = light.shape[:2]
    spill = np.minimum(np.maximum(light - 1.6, 0.0), 12.0) if weather.night else np.maximum(light - 4.0, 0.0)
    if spill.any():
        scale = width / 320.0
        near = cv2.GaussianBlur(spill, (0, 0), 2.2 * scale)
        small = cv2.resize(spill, (max(width // 4, 1), max(height // 4, 1)), interpolation=cv2.INTER_AREA)
        wide = cv2.resize(cv2.GaussianBlur(small, (0, 0), 3.0 * scale), (width, height), interpolation=cv2.INTER_LINEAR)
        light = light + 0.35 * near + 0.22 * wide
    shoulder = 1.0 - np.exp(-weather.exposure * light)
    levels = 255.0 * np.clip(shoulder, 0.0, 1.0) ** (1 / 1.9)  # a little more contrast than a display's 1 / 2.2
    grain = 3.4 if weather.night else 1.3
    levels = levels + grain * rng.standard_normal(levels.shape, dtype=np.float32)
    return np.asarray(np.clip(np.round(levels), 0, 255), np.uint8)

"""One moment of a scene as both cameras see it."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ingest.render import light, physics
from ingest.render.backdrop import Backdrop, arriving, labels
from ingest.render.mesh import Array, Spot, Thing
from ingest.render.raster import Canvas
from ingest.render.scene import OVERSAMPLING, Scene
from ingest.render.surfels import surfels
from ingest.render.weather import KELVIN, towards

_BLUR = 0.8  # pixels at a width of 320, standard deviation of the thermal camera's point spread
_NOISE = 0.9  # grey levels, temporal
_PATTERN = 0.5  # grey levels, fixed columns


@dataclass(frozen=True, eq=False)
class Picture:
    """A pair with its truth.

    Attributes:
        visible: (height, width, 3) uint8 sRGB.
        infrared: (height, width) uint8.
        owner: (2 height, 2 width) int32, the thing that each oversampled pixel shows: its number in `things`, or
            `backdrop.GROUND` or `backdrop.SKY`.
        part: (2 height, 2 width) int32, the region within the thing.
        things: what is there, standing things first.
    """

    visible: Array
    infrared: Array
    owner: Array
    part: Array
    things: Sequence[Thing]


def take(backdrop: Backdrop, frame: int) -> Picture:
    """The picture of a frame, from 0: what moves is drawn over what stands still."""
    scene = backdrop.scene
    moving = scene.moving(frame)
    canvas = Canvas(scene.camera, backdrop.depth)
    for number, thing in enumerate(moving):
        canvas.draw(thing, len(scene.things) + number)
    beams = [spot for thing in moving for spot in thing.spots]
    shine, power = backdrop.shine.copy(), backdrop.power.copy()
    owner, part = backdrop.owner.copy(), backdrop.part.copy()
    _cast_shadows(shine, backdrop, moving)
    _throw_beams(shine, backdrop, beams)
    if canvas.faces:
        _put(shine, power, backdrop, canvas, beams)
        moved = canvas.face >= 0
        new_owner, new_part = labels(canvas)
        owner[moved], part[moved] = new_owner[moved], new_part[moved]
    things = [*scene.things, *moving]
    _breathe(shine, power, canvas.depth, scene, things)
    rng = scene.random(2, frame)
    visible = light.developed(_reduced(shine), scene.weather, rng)
    return Picture(visible, _thermal(power, backdrop, rng), owner, part, things)


def _cast_shadows(shine: Array, backdrop: Backdrop, moving: Sequence[Thing]) -> None:
    """Takes away the light that moving things keep from the ground; its heat stays, as the ground is slow."""
    y, x = backdrop.places
    for source in backdrop.lights:
        shadow = backdrop.shadow(light.shadow_polygons(moving, source.source, distant=source.distant))
        shine[y[shadow], x[shadow]] -= source.light[shadow]
    under = backdrop.shadow([thing.footprint for thing in moving if thing.footprint is not None])
    shine[y[under], x[under]] *= 0.35
    np.maximum(shine, 0.0, out=shine)


def _throw_beams(shine: Array, backdrop: Backdrop, beams: Sequence[Spot]) -> None:
    """Adds the light of moving headlamps to what stands still."""
    y, x = backdrop.places
    for spot in beams:
        ahead = backdrop.here.points @ spot.axis.astype(np.float32) - np.float32(spot.position @ spot.axis)
        near = np.flatnonzero((ahead > 0.3) & (ahead < 30.0))
        _, squared = towards(backdrop.here.points[near], spot.position.astype(np.float32))
        near = near[ahead[near] ** 2 > 0.7 * squared]  # within 33 degrees of the axis
        shine[y[near], x[near]] += light.spot_part(backdrop.here.at(near), backdrop.albedo[near], spot)


def _put(shine: Array, power: Array, backdrop: Backdrop, canvas: Canvas, beams: Sequence[Spot]) -> None:
    """Draws what moves; its surfaces have no texture, which would not move along."""
    weather, noise = backdrop.scene.weather, backdrop.scene.noise
    here, seen = surfels(canvas), canvas.face >= 0
    albedo = here.rows[:, :3]
    sun = light.sun_cosine(here, weather, backdrop.blocks)
    total = light.sky_part(here, albedo, weather, noise) + light.sun_part(albedo, sun, weather)
    for spot in [*backdrop.lamps, *beams]:
        total += light.spot_part(here, albedo, spot)
    shine[seen] = light.hazed(total, here.depth, weather)
    power[seen] = arriving(here, sun, here.sky_view, np.ones_like(here.depth), weather)


def _breathe(shine: Array, power: Array, depth: Array, scene: Scene, things: Sequence[Thing]) -> None:
    """Exhaust of running engines: faint in the visible, bright in the thermal picture."""
    camera, weather = scene.camera, scene.weather
    warm = physics.radiance(weather.air + 16.0 + KELVIN)
    for thing in things:
        if thing.plume is None or not camera.sees(thing.plume[None], margin=30.0)[0]:
            continue
        view = camera.view(thing.plume[None])
        (x, y), away = camera.pixels(view)[0], view[0, 2]
        radius = 0.55 * camera.focal / away
        x0, x1 = np.clip([x - 2 * radius, x + 2 * radius + 1], 0, camera.width).astype(int)
        y0, y1 = np.clip([y - 2 * radius, y + 2 * radius + 1], 0, camera.height).astype(int)
        region = np.s_[y0:y1, x0:x1]
        u, v = (np.arange(x0, x1)[None, :] - x) / radius, (np.arange(y0, y1)[:, None] - y) / (0.6 * radius)
        cloud = np.exp(-1.8 * (u**2 + v**2)) * (depth[region] > away - 0.3)
        shine[region] += (0.22 * cloud)[..., None] * (0.9 * weather.skylight - shine[region])
        power[region] += 0.55 * cloud * (warm - power[region])


def _thermal(power: Array, backdrop: Backdrop, rng: np.random.Generator) -> Array:
    """(height, width) uint8: the optics blur, the gain is the scene's, the sensor adds noise."""
    reduced = _reduced(power)
    width = reduced.shape[1]
    blurred = cv2.GaussianBlur(reduced, (0, 0), max(_BLUR * width / 320.0, 0.3))
    levels = physics.grey_levels(blurred, backdrop.window)
    levels += _PATTERN * backdrop.scene.random(3).standard_normal(width)
    levels += _NOISE * rng.standard_normal(levels.shape, dtype=np.float32)
    return np.asarray(np.clip(np.round(levels), 0, 255), np.uint8)


def _reduced(image: Array) -> Array:
    """The oversampled picture averaged down."""
    height, width = image.shape[:2]
    size = (width // OVERSAMPLING, height // OVERSAMPLING)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))

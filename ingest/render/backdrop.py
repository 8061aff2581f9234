"""What of a scene stands still, drawn once for all its pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ingest.render import light, physics
from ingest.render.materials import COLUMNS
from ingest.render.mesh import Array, Spot
from ingest.render.raster import Canvas, ground_mask
from ingest.render.scene import Scene
from ingest.render.surfels import Surfels, surfels, texture
from ingest.render.weather import Weather

GROUND, SKY = -1, -2  # owners of pixels that show no thing


@dataclass(frozen=True, eq=False)
class LightPart:
    """The light of one source on each surfel, kept apart so that a passing shadow can take it away.

    Attributes:
        source: (3,) direction to a distant light, or the place of a lamp.
        distant: which of the two.
        light: (n, 3).
    """

    source: Array
    distant: bool
    light: Array


@dataclass(frozen=True, eq=False)
class Backdrop:
    """A scene without what moves, in oversampled pixels; surfels are its pixels that are not sky.

    Attributes:
        depth: (h, w) m.
        owner: (h, w) int32, number of the thing that is seen, or `GROUND`, or `SKY`.
        part: (h, w) int32, region within the thing.
        here: the n surfels.
        places: rows and columns of the surfels.
        level: (h, w) index of the surfel where it lies on the ground, -1 elsewhere.
        albedo: (n, 3).
        blocks: (2, 3) corners of each building.
        lamps: that shine on all.
        lights: the direct light of each source.
        shine: (h, w, 3) light that reaches the visible camera, linear RGB.
        power: (h, w) radiance that reaches the thermal camera, W m^-2.
        window: apparent temperatures of black and white, K.
    """

    scene: Scene
    depth: Array
    owner: Array
    part: Array
    here: Surfels
    places: tuple[Array, Array]
    level: Array
    albedo: Array
    blocks: Sequence[Array]
    lamps: Sequence[Spot]
    lights: Sequence[LightPart]
    shine: Array
    power: Array
    window: tuple[float, float]

    def shadow(self, polygons: Sequence[Array]) -> Array:
        """Indices of the ground surfels within any of the polygons (m, 2)."""
        return _shadow(self.scene, self.level, polygons)


def draw_backdrop(scene: Scene) -> Backdrop:
    """Draws what stands still, lights it, and lets it take its temperature."""
    weather, things = scene.weather, scene.things
    canvas = Canvas(scene.camera)
    canvas.draw(scene.terrain, GROUND)
    for number, thing in enumerate(things):
        canvas.draw(thing, number)
    here = surfels(canvas)
    rows, columns = np.nonzero(canvas.face >= 0)
    level = np.full(canvas.face.shape, -1, np.int32)
    level[rows, columns] = np.arange(len(rows))
    owner, part = labels(canvas)
    level[owner != GROUND] = -1

    def shadow(polygons: Sequence[Array]) -> Array:
        return _shadow(scene, level, polygons)

    pattern = texture(here, scene.noise)
    albedo = here.rows[:, :3] * pattern[:, None]
    blocks = [thing.block.astype(np.float32) for thing in things if thing.block is not None]
    sun = light.sun_cosine(here, weather, blocks)
    lights = []
    if weather.beam:
        sun[shadow(light.shadow_polygons(things, weather.sun, distant=True))] = 0.0
        lights.append(LightPart(weather.sun, True, light.sun_part(albedo, sun, weather)))
    lamps = [spot for thing in things for spot in thing.spots]
    for spot in lamps:
        lamplight = light.spot_part(here, albedo, spot)
        lamplight[shadow(light.shadow_polygons(things, spot.position, distant=False))] = 0.0
        lights.append(LightPart(spot.position, False, lamplight))
    total = light.sky_part(here, albedo, weather, scene.noise) + sum(source.light for source in lights)
    covered = shadow([thing.footprint for thing in things if thing.footprint is not None])
    total[covered] *= 0.3
    sky_view = here.sky_view.copy()
    sky_view[covered] = 0.15
    warmth = arriving(here, sun, sky_view, pattern, weather)

    shine, power = np.empty((*owner.shape, 3), np.float32), np.empty(owner.shape, np.float32)
    sky = owner == SKY
    shine[sky], kelvin = weather.sky(scene.camera.rays[sky], scene.noise)
    power[sky] = physics.radiance(kelvin)
    shine[rows, columns], power[rows, columns] = light.hazed(total, here.depth, weather), warmth
    unheated = here.rows[:, COLUMNS["grip"]] == 0
    return Backdrop(
        scene=scene,
        depth=canvas.depth,
        owner=owner,
        part=part,
        here=here,
        places=(rows, columns),
        level=level,
        albedo=albedo,
        blocks=blocks,
        lamps=lamps,
        lights=lights,
        shine=shine,
        power=power,
        window=physics.gain_window(physics.apparent(warmth[unheated]), weather),
    )


def labels(canvas: Canvas) -> tuple[Array, Array]:
    """(h, w) int32 each: the owner of what a pixel shows, and the part within it."""
    owners = np.array([*canvas.owner, SKY], np.int32)  # the last is what face -1 picks
    parts = np.array([*(face.part for face in canvas.faces), 0], np.int32)
    return owners[canvas.face], parts[canvas.face]


def arriving(here: Surfels, sun: Array, sky_view: Array, pattern: Array, weather: Weather) -> Array:
    """(n,) radiance that reaches the thermal camera, W m^-2.

    Args:
        here: the surfaces.
        sun: (n,) share of the direct sun on each.
        sky_view: (n,) share of the hemisphere that is sky.
        pattern: (n,) factor of the texture.
        weather: the air and the sky.
    """
    kelvin = physics.temperature(here.rows, sun, sky_view, pattern, weather)
    leaving = physics.leaving(kelvin, here.rows[:, COLUMNS["emissivity"]], sky_view, weather)
    return physics.through_air(leaving, here.depth, weather)


def _shadow(scene: Scene, level: Array, polygons: Sequence[Array]) -> Array:
    if not polygons:
        return np.empty(0, np.int32)
    hit = level[ground_mask(scene.camera, polygons)]
    return np.asarray(hit[hit >= 0])

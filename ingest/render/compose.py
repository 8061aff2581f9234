"""Scenes from layouts: days and nights at the kinds of place, the rest drawn by a seed."""

from dataclasses import replace

import numpy as np

from ingest.render import street
from ingest.render.buildings import building
from ingest.render.camera import Camera
from ingest.render.layouts import GROUND, LAYOUTS, Lane, Layout, Row
from ingest.render.mesh import Array, Face, Thing, ground
from ingest.render.people import Look, any_look
from ingest.render.scene import OVERSAMPLING, Mover, Scene
from ingest.render.vehicles import MODELS, PAINTS, Vehicle, vehicle
from ingest.render.weather import Weather

DAYS = (
    Weather("on a sunny day", night=False, cloud=0.15, air=19.0, elevation=46.0),
    Weather("on an overcast day", night=False, cloud=1.0, air=13.0),
    Weather("in low sunlight", night=False, cloud=0.30, air=16.0, elevation=24.0),
)
NIGHTS = (
    Weather("at night", night=True, cloud=0.0, air=11.0),
    Weather("on a cloudy night", night=True, cloud=1.0, air=14.0),
)


def compose(number: int, size: tuple[int, int], seed: int) -> Scene:
    """Scene `number` (from 0): days and nights alternate, kinds of place take turns, the rest is drawn by `seed`.

    Args:
        number: of the scene.
        size: (width, height) of the final picture.
        seed: equal seeds give equal scenes.
    """
    rng = np.random.Generator(np.random.PCG64([seed, number]))
    # Shifting by one after each round lets every kind of place be seen by day and by night.
    layout = LAYOUTS[(number + number // len(LAYOUTS)) % len(LAYOUTS)]
    if number % 2:
        weather = NIGHTS[(number // 2 + 1) % 3 == 0]
    else:
        weather = replace(DAYS[number // 2 % len(DAYS)], azimuth=float(rng.uniform(0, 360)))
    weather = replace(weather, air=weather.air + float(rng.uniform(-1.5, 1.5)))
    camera = _camera(layout, size, rng)
    composer = _Composer(layout, weather, camera, rng)
    return Scene(
        layout.place, weather, camera, composer.terrain(), composer.standing(), composer.movers(), (seed, number)
    )


def _camera(layout: Layout, size: tuple[int, int], rng: np.random.Generator) -> Camera:
    x, height, yaw, horizon, focal = (float(rng.uniform(*bounds)) for bounds in layout.camera)
    width, rows = size[0] * OVERSAMPLING, size[1] * OVERSAMPLING
    pixels = focal * width
    pitch = float(np.arctan((0.5 - horizon) * rows / pixels))
    return Camera(np.array([x, 0.0, height]), float(np.radians(yaw)), pitch, pixels, width, rows)


class _Composer:
    """Turns a layout into things, one kind after the other."""

    def __init__(self, layout: Layout, weather: Weather, camera: Camera, rng: np.random.Generator) -> None:
        self.layout, self.weather, self.camera, self.rng = layout, weather, camera, rng
        self.eye = camera.position

    def terrain(self) -> Thing:
        """The ground with its paint."""
        layout = self.layout
        faces: list[Face] = []

        def lay(x0: float, x1: float, y0: float, y1: float, kind: str) -> None:
            part = list(GROUND).index(kind)
            faces.append(ground(x0, x1, y0, y1, GROUND[kind], part))

        lay(-500, 500, -500, 500, layout.base)
        for x0, x1, kind in layout.strips:
            lay(x0, x1, -400, 400, kind)
        for patch in layout.patches:
            lay(*patch)
        y0, y1 = layout.span
        for x, width, dash, gap in layout.lines:
            starts = np.arange(y0, y1, dash + gap) if gap else [-400.0]
            for y in starts:
                lay(x - width / 2, x + width / 2, float(y), float(y) + (dash if gap else 800.0), "marking")
        for x0, x1, width in layout.bays:
            for y in np.arange(y0, y1, width):
                lay(x0, x1, float(y) - 0.06, float(y) + 0.06, "marking")
        if layout.zebra:
            x0, x1, y = layout.zebra
            for x in np.arange(x0 + 0.3, x1 - 0.3, 1.0):
                lay(float(x), float(x) + 0.5, y - 1.6, y + 1.6, "marking")
        return Thing("", np.zeros(3), faces)

    def standing(self) -> tuple[Thing, ...]:
        """Buildings, hedges and rows of things."""
        things = [*self._skyline(), *self._buildings(), *self._hedges()]
        for row in self.layout.rows:
            things += self._row(row)
        return tuple(things)

    def movers(self) -> tuple[Mover, ...]:
        """Traffic and walkers of all lanes."""
        return tuple(mover for lane in self.layout.lanes for mover in self._lane(lane))

    def _skyline(self) -> list[Thing]:
        """Trees far away, where the ground ends."""
        things = []
        for angle in np.arange(-40.0, 41.0, 3.4):
            bearing = self.camera.yaw + np.radians(angle)
            away = float(self.rng.uniform(130, 190))
            foot = self.eye * np.array([1, 1, 0]) + away * np.array([np.sin(bearing), np.cos(bearing), 0.0])
            crown = street.tree(foot, float(self.rng.uniform(8, 15)), self.eye, self.rng, clumps=24)
            things.append(replace(crown, casters=()))
        return things

    def _buildings(self) -> list[Thing]:
        things = []
        rng = self.rng
        for row in self.layout.buildings:
            y, limit = self.layout.span
            while y < limit:
                width, deep = float(rng.uniform(9, 15)), float(rng.uniform(8, 11))
                wall = row.walls[int(rng.integers(len(row.walls)))]
                top = float(rng.uniform(*row.heights))
                x0, x1 = (row.x, row.x + deep) if row.x > 0 else (row.x - deep, row.x)
                low, high = np.array([x0, y, 0.0]), np.array([x1, y + width, top])
                things.append(building(low, high, wall, self.eye, rng, night=self.weather.night, pitched=row.pitched))
                y += width + float(rng.uniform(*row.gap))
        return things

    def _hedges(self) -> list[Thing]:
        y0, y1 = self.layout.span
        things = []
        for x0, x1, height in self.layout.hedges:
            for y in np.arange(y0, y1, 9.0):
                things.append(street.hedge(np.array([x0, y, 0.0]), np.array([x1, y + 7.4, height])))
        return things

    def _row(self, row: Row) -> list[Thing]:
        things = []
        rng, night = self.rng, self.weather.night
        colour = street.LAMPLIGHT[int(rng.integers(2))]
        shift = float(rng.uniform(0, row.spacing)) if row.kind != "vehicles" else row.spacing / 2
        for y in np.arange(self.layout.span[0] + shift, self.layout.span[1], row.spacing):
            taken, nudge = rng.random() < row.share, float(rng.uniform(-0.3, 0.3))
            foot = np.array([row.x, float(y), 0.0])
            away, room = float(np.hypot(*(foot - self.eye)[:2])), 9.0 if row.kind == "trees" else 5.5
            if not taken or away < room or not self.camera.sees(foot[None], 0.8 * self.camera.width)[0]:
                continue
            if row.kind == "trees":
                height = float(rng.uniform(4.5, 7.5)) * (1.25 if row.slim else 1.0)
                clumps = 320 if away < 16.0 else 150
                things.append(street.tree(foot, height, self.eye, rng, slim=row.slim, clumps=clumps))
            elif row.kind == "lamps":
                reach = np.array([-1.3 * np.sign(row.x) if row.x else 1.3, 0.0, 0.0])
                things.append(street.street_lamp(foot, reach, colour, self.eye, night=night))
            elif row.kind == "benches":
                things.append(street.bench(foot))
            elif row.kind == "bollards":
                things.append(street.bollard(foot))
            else:
                turn = row.turn if row.turn % 180 else row.turn + 180.0 * float(rng.random() < 0.4)
                item = Vehicle(self._model(), self._paint(), running=bool(rng.random() < 0.22), moving=False)
                place = foot + np.array([0.0, nudge, 0.0])
                things.append(vehicle(item, place, float(np.radians(turn)), night=night))
        return things

    def _lane(self, lane: Lane) -> list[Mover]:
        rng = self.rng
        count = int(rng.integers(lane.count[0], lane.count[1] + 1))
        way = lane.way or int(rng.choice([-1, 1]))
        movers: list[Mover] = []
        for index in range(count):
            offset = float(rng.uniform(*lane.at))
            if lane.way == 0:
                way = -way
            axis = np.array([1.0, 0.0, 0.0]) if lane.across else np.array([0.0, 1.0, 0.0])
            middle = np.array([0.0, offset, 0.0]) if lane.across else np.array([offset, 0.0, 0.0])
            near, far = self._seen(middle, axis, 3.2 if lane.kind == "people" else 7.0)
            item: Vehicle | Look
            if lane.kind == "people":
                item, margin = any_look(rng), 0.8
                speed = 0.0 if rng.random() < 0.12 else float(rng.uniform(0.9, 1.6))
            else:
                item, margin = Vehicle(self._model(), self._paint(), running=True, moving=True), 4.0
                speed = movers[0].speed if movers else float(rng.uniform(3.5, 6.0))
            if far - near < 3.0:
                continue
            origin = middle + axis * (near - margin if way > 0 else far + margin)
            length = far - near + 2 * margin
            start = float(rng.uniform(0.1, 0.9)) * length
            if lane.kind == "vehicles" and movers:  # one behind the other, as fast as the first
                start = (movers[0].start + index * length / count) % length
            movers.append(Mover(origin, way * axis, length, start, speed, item))
        return movers

    def _seen(self, middle: Array, axis: Array, nearest: float) -> tuple[float, float]:
        """The stretch of a line that the camera sees, no nearer than `nearest` and no farther than 45 m."""
        along = np.arange(-60.0, 100.0, 0.5)
        points = middle + along[:, None] * axis + np.array([0.0, 0.0, 0.9])
        away = np.hypot(*(points - self.eye)[:, :2].T)
        seen = along[self.camera.sees(points) & (away > nearest) & (away < 45.0)]
        return (float(seen[0]), float(seen[-1])) if seen.size else (0.0, 0.0)

    def _model(self) -> str:
        return str(self.rng.choice(list(MODELS), p=[0.42, 0.38, 0.20]))

    def _paint(self) -> str:
        return str(self.rng.choice(list(PAINTS)))

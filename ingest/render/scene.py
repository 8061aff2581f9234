"""A scene: what stands where, what moves how, under which sky, seen by which camera."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ingest.render.camera import Camera
from ingest.render.mesh import Array, Thing
from ingest.render.noise import Noise
from ingest.render.people import Look, person
from ingest.render.vehicles import Vehicle, vehicle
from ingest.render.weather import Weather

SECONDS_PER_FRAME = 0.5
OVERSAMPLING = 2  # rendered pixels per pixel and axis


@dataclass(frozen=True, eq=False)
class Mover:
    """Someone or something on a straight path, seen again and again.

    Attributes:
        origin: (3,), where the path begins.
        direction: (3,), unit.
        length: m, after which it begins anew.
        start: m along the path at time 0.
        speed: m/s; 0 for who stands.
        item: what moves.
    """

    origin: Array
    direction: Array
    length: float
    start: float
    speed: float
    item: Vehicle | Look

    def at(self, seconds: float, eye: Array, *, night: bool) -> Thing:
        """The thing as it is at a moment."""
        gone = self.start + self.speed * seconds
        foot = self.origin + self.direction * (gone % self.length)
        heading = float(np.arctan2(self.direction[1], self.direction[0]))
        if isinstance(self.item, Vehicle):
            return vehicle(self.item, foot, heading, night=night)
        stride = gone / (0.42 * self.item.height) * np.pi if self.speed else np.nan
        return person(self.item, foot, heading, stride, eye)


@dataclass(frozen=True, eq=False)
class Scene:
    """One static camera and what it sees.

    Attributes:
        place: how a caption says where it is.
        camera: of the oversampled picture.
        things: what stands still.
        movers: what moves.
        seed: of all that is random in its pictures.
    """

    place: str
    weather: Weather
    camera: Camera
    terrain: Thing
    things: tuple[Thing, ...]
    movers: tuple[Mover, ...]
    seed: tuple[int, ...]

    @cached_property
    def noise(self) -> Noise:
        """The scene's dirt and clouds."""
        return Noise(self.random(1))

    def moving(self, frame: int) -> list[Thing]:
        """The movers at a frame."""
        seconds = frame * SECONDS_PER_FRAME
        return [m.at(seconds, self.camera.position, night=self.weather.night) for m in self.movers]

    def random(self, *purpose: int) -> np.random.Generator:
        """Random numbers of their own for each purpose."""
        return np.random.Generator(np.random.PCG64([*self.seed, *purpose]))

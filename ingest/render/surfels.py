"""What the pixels of a picture show: where, turned how, of what."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ingest.render.camera import Camera
from ingest.render.materials import COLUMNS
from ingest.render.mesh import Array
from ingest.render.noise import Noise
from ingest.render.raster import Canvas


@dataclass(frozen=True, eq=False)
class Surfels:
    """The surfaces that n pixels show; all arrays are float32.

    Attributes:
        points: (n, 3), m.
        planes: (n, 3), unit normals of the flat faces.
        normals: (n, 3), unit normals that light meets.
        rows: (n, columns), surface numbers, see `materials.COLUMNS`.
        depth: (n,), metres ahead of the camera.
        camera: that looks at them.
    """

    points: Array
    planes: Array
    normals: Array
    rows: Array
    depth: Array
    camera: Camera

    @cached_property
    def sky_view(self) -> Array:
        """(n,) share of the hemisphere over each surface that is sky; the foot of a wall sees little."""
        rise = np.clip(0.5 * self.points[:, 2], 0.0, 1.0)
        upright = np.abs(self.planes[:, 2]) < 0.5
        return np.asarray((0.5 + 0.5 * self.normals[:, 2]) * np.where(upright, 0.7 + 0.3 * rise, np.float32(1.0)))

    def at(self, index: Array) -> "Surfels":
        """Some of them."""
        s = self
        return Surfels(s.points[index], s.planes[index], s.normals[index], s.rows[index], s.depth[index], s.camera)


def surfels(canvas: Canvas) -> Surfels:
    """What the drawn pixels of a canvas show, in the order of `canvas.face[canvas.face >= 0]`."""
    seen = canvas.face >= 0
    index, depth = canvas.face[seen], canvas.depth[seen]
    return Surfels(
        points=canvas.camera.rays[seen] * depth[:, None] + canvas.camera.position.astype(np.float32),
        planes=np.array([f.normal for f in canvas.faces], np.float32)[index],
        normals=np.array([f.shading for f in canvas.faces], np.float32)[index],
        rows=np.array([f.surface.row for f in canvas.faces], np.float32)[index],
        depth=depth,
        camera=canvas.camera,
    )


def texture(s: Surfels, noise: Noise) -> Array:
    """(n,) factor about 1 on the reflectance: dirt and joints, which fade where they are too fine for a pixel."""
    level = np.abs(s.planes[:, 2]) > 0.7
    sideways = np.abs(s.planes[:, 0]) > np.abs(s.planes[:, 1])
    u = np.where(level | ~sideways, s.points[:, 0], s.points[:, 1])
    v = np.where(level, s.points[:, 1], s.points[:, 2])
    pixel = s.depth / np.float32(s.camera.focal)
    grain, mottle = s.rows[:, COLUMNS["grain"]], s.rows[:, COLUMNS["mottle"]]
    fade = np.clip(2.0 - pixel * 8.0 / grain, 0.0, 1.0)
    factor = (1.0 + mottle * fade * noise.at(u, v, grain)) * (1.0 + 0.5 * mottle * noise.at(v, u, 12.0))
    width, height = s.rows[:, COLUMNS["joint_width"]], s.rows[:, COLUMNS["joint_height"]]
    jointed = np.flatnonzero(width > 0)
    if jointed.size:
        factor[jointed] *= _joints(u[jointed], v[jointed], width[jointed], height[jointed], pixel[jointed])
    return np.maximum(factor, 0.0)


def _joints(u: Array, v: Array, width: Array, height: Array, pixel: Array) -> Array:
    """(n,) factor below one on the joints of stones that are laid in bond, each second row moved by half."""
    row = np.floor(v / height)
    along = np.abs((u / width + 0.5 * (row % 2)) % 1.0 - 0.5) * width
    across = np.abs(v / height - row - 0.5) * height
    thick = 0.012 + 0.6 * pixel
    edge = np.maximum(along - (width / 2 - thick), across - (height / 2 - thick)) > 0
    strength = 0.30 * np.clip(1.5 - 5.0 * pixel / np.minimum(width, height), 0.0, 1.0) * (0.024 / (thick + 0.012))
    return np.asarray(1.0 - strength * edge)

"""A pinhole camera: where a point falls, and what each pixel looks along."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ingest.render.mesh import Array

NEAR = 0.3  # m; what is nearer is cut off


@dataclass(frozen=True, eq=False)
class Camera:
    """A level camera that looks ahead and down.

    Attributes:
        position: (3,), m.
        yaw: radians to the right of +y.
        pitch: radians below the horizon.
        focal: focal length in pixels.
        width: of the image in pixels.
        height: of the image in pixels.
    """

    position: Array
    yaw: float
    pitch: float
    focal: float
    width: int
    height: int

    @cached_property
    def axes(self) -> Array:
        """(3, 3): rows are right, down, ahead in world coordinates."""
        cy, sy, cp, sp = np.cos(self.yaw), np.sin(self.yaw), np.cos(self.pitch), np.sin(self.pitch)
        return np.array([[cy, -sy, 0.0], [-sy * sp, -cy * sp, -cp], [sy * cp, cy * cp, -sp]])

    @cached_property
    def rays(self) -> Array:
        """(height, width, 3) float32: from the camera through each pixel, one metre ahead."""
        u = (np.arange(self.width) - (self.width - 1) / 2) / self.focal
        v = (np.arange(self.height) - (self.height - 1) / 2) / self.focal
        right, down, ahead = self.axes
        rays = u[None, :, None] * right + v[:, None, None] * down + ahead
        return np.asarray(rays, np.float32)

    def view(self, points: Array) -> Array:
        """(n, 3) world points as right, down, ahead of the camera."""
        return (points - self.position) @ self.axes.T

    def pixels(self, view: Array) -> Array:
        """(n, 2) pixel coordinates x, y of points ahead of the camera; pixel centres are integers."""
        centre = np.array([(self.width - 1) / 2, (self.height - 1) / 2])
        return np.asarray(view[:, :2] / view[:, 2:] * self.focal + centre)

    def sees(self, points: Array, margin: float = 0.0) -> Array:
        """(n,) bool, which of the points (n, 3) fall into the image widened by `margin` pixels on each side."""
        view = self.view(points)
        ahead = view[:, 2] >= NEAR
        x, y = self.pixels(np.where(ahead[:, None], view, 1.0)).T
        inside = (x >= -margin) & (x < self.width + margin) & (y >= -margin) & (y < self.height + margin)
        return np.asarray(ahead & inside)


def clipped(view: Array) -> Array:
    """The part of a convex polygon (n, 3 in view coordinates) ahead of the near plane (Sutherland-Hodgman)."""
    kept = []
    for here, there in zip(view, np.roll(view, -1, axis=0), strict=True):
        if here[2] >= NEAR:
            kept.append(here)
        if (here[2] >= NEAR) != (there[2] >= NEAR):
            kept.append(here + (there - here) * (NEAR - here[2]) / (there[2] - here[2]))
    return np.array(kept).reshape(-1, 3)

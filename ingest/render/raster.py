"""Which face each pixel shows: polygons filled thing by thing, the nearest thing kept."""

from collections.abc import Iterable, Iterator, Sequence

import cv2
import numpy as np

from ingest.render.camera import NEAR, Camera, clipped
from ingest.render.mesh import Array, Face, Thing

_FRACTION = 4  # bits below the pixel in OpenCV's fixed-point coordinates


class Canvas:
    """The faces drawn so far.

    Attributes:
        face: (height, width) int32, index into `faces`; -1 where nothing was drawn.
        depth: (height, width) float32, metres ahead of the camera; infinite where nothing was drawn.
        faces: all faces offered, in order.
        owner: for each face, the number of its thing.
    """

    def __init__(self, camera: Camera, depth: Array | None = None) -> None:
        shape = (camera.height, camera.width)
        self.camera = camera
        self.face = np.full(shape, -1, np.int32)
        self.depth = np.full(shape, np.inf, np.float32) if depth is None else depth.copy()
        self.faces: list[Face] = []
        self.owner: list[int] = []
        self._scratch = np.zeros(shape, np.int32)

    def draw(self, thing: Thing, number: int) -> None:
        """Draws a thing where it is nearer than what is there.

        Within a thing later faces cover earlier ones (its hidden sides are dropped); between things the depth of
        each pixel decides, found by meeting its ray with the face's plane.
        """
        eye = self.camera.position
        faces = [f for f in thing.faces if f.normal @ (eye - f.points[0]) > 0]
        drawn: list[Face] = []
        low, high = np.array([np.inf, np.inf]), np.array([-np.inf, -np.inf])
        for index, outline in outlines(self.camera, [f.points for f in faces]):
            drawn.append(faces[index])
            _fill(self._scratch, outline, len(drawn))
            low, high = np.minimum(low, outline.min(0)), np.maximum(high, outline.max(0))
        if not drawn:
            return
        # The box of all pixels that may have been filled: edges count, and what lies outside the image does not.
        x0, y0 = np.clip(low - 1, 0, (self.camera.width, self.camera.height)).astype(int)
        x1, y1 = np.clip(high + 3, 0, (self.camera.width, self.camera.height)).astype(int)
        self._keep_nearest(drawn, (slice(y0, y1), slice(x0, x1)), number)

    def _keep_nearest(self, faces: Sequence[Face], region: tuple[slice, slice], number: int) -> None:
        scratch = self._scratch[region]
        rows, columns = np.nonzero(scratch)
        local = scratch[rows, columns] - 1
        scratch[:] = 0
        normals = np.array([f.normal for f in faces], np.float32)
        corners = np.array([f.points[0] - self.camera.position for f in faces])
        distance = np.einsum("ij,ij->i", normals, corners).astype(np.float32)
        ahead = [(f.points - self.camera.position) @ self.camera.axes[2] for f in faces]
        nearest = np.array([max(a.min(), NEAR) for a in ahead], np.float32)
        farthest = np.array([a.max() for a in ahead], np.float32)
        rays = self.camera.rays[region][rows, columns]
        slope = np.einsum("ij,ij->i", normals[local], rays)
        # Pixels on an edge may lie just off the face, where a slanted plane runs away: its corners bound the depth.
        with np.errstate(divide="ignore", invalid="ignore"):
            depth = np.clip(np.nan_to_num(distance[local] / slope), nearest[local], farthest[local])
        wins = depth < self.depth[region][rows, columns]
        rows, columns = rows[wins], columns[wins]
        self.depth[region][rows, columns] = depth[wins]
        self.face[region][rows, columns] = local[wins] + len(self.faces)
        self.faces.extend(faces)
        self.owner.extend([number] * len(faces))


def outlines(camera: Camera, polygons: Sequence[Array]) -> Iterator[tuple[int, Array]]:
    """Index and pixel outline (m, 2) of each convex polygon (n, 3) that reaches into the image."""
    if not polygons:
        return
    ends = np.cumsum([len(polygon) for polygon in polygons])
    starts = ends - [len(polygon) for polygon in polygons]
    view = camera.view(np.concatenate(polygons))
    near = np.minimum.reduceat(view[:, 2], starts) < NEAR
    with np.errstate(divide="ignore", invalid="ignore"):  # points beside the camera; their polygons are clipped below
        pixels = camera.pixels(view)
        low, high = np.minimum.reduceat(pixels, starts), np.maximum.reduceat(pixels, starts)
    outside = (high < 0).any(1) | (low > (camera.width - 1, camera.height - 1)).any(1)
    for index in np.flatnonzero(near | ~outside):
        corners = slice(starts[index], ends[index])
        if not near[index]:
            yield int(index), pixels[corners]
        elif len(kept := clipped(view[corners])) >= 3:
            yield int(index), camera.pixels(kept)


def _fill(image: Array, outline: Array, value: int) -> None:
    fixed = np.round(outline * (1 << _FRACTION)).astype(np.int32)
    cv2.fillConvexPoly(image, fixed, value, cv2.LINE_8, _FRACTION)


def ground_mask(camera: Camera, polygons: Iterable[Array]) -> Array:
    """(height, width) bool: pixels whose ray meets the ground within one of the convex polygons (n, 2)."""
    mask = np.zeros((camera.height, camera.width), np.uint8)
    for _, outline in outlines(camera, [np.column_stack([polygon, np.zeros(len(polygon))]) for polygon in polygons]):
        _fill(mask, outline, 1)
    return mask.astype(bool)

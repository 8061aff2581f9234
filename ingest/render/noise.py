"""Smooth random fields that repeat without a seam: dirt, leaves, clouds."""

import numpy as np

from ingest.render.mesh import Array

_SIZE = 256


class Noise:
    """One random field over the plane, of mean 0 and standard deviation about 1, within ±2.5.

    Its power falls with frequency as 1/f^2, which looks natural at any scale.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        spectrum = np.fft.rfft2(rng.standard_normal((_SIZE, _SIZE)))
        frequency = np.hypot(np.fft.fftfreq(_SIZE)[:, None], np.fft.rfftfreq(_SIZE)[None, :])
        frequency[0, 0] = np.inf
        field = np.fft.irfft2(spectrum / (frequency + 4.0 / _SIZE), s=(_SIZE, _SIZE))
        self._field = np.clip(field / field.std(), -2.5, 2.5).astype(np.float32)

    def at(self, u: Array, v: Array, grain: Array | float) -> Array:
        """Values at the points (u, v), where features are about `grain` in size; bilinear.

        Args:
            u: (n,), in the unit of `grain`.
            v: (n,).
            grain: one number or (n,).
        """
        x, y = u / grain * 16.0, v / grain * 16.0
        left, low = np.floor(x), np.floor(y)
        fx, fy = (x - left).astype(np.float32), (y - low).astype(np.float32)
        i, j = left.astype(np.int64) % _SIZE, low.astype(np.int64) % _SIZE
        right, high = (i + 1) % _SIZE, (j + 1) % _SIZE
        f = self._field
        near = f[j, i] * (1 - fx) + f[j, right] * fx
        far = f[high, i] * (1 - fx) + f[high, right] * fx
        return np.asarray(near * (1 - fy) + far * fy)

"""Images and features made by integer formulas: the inputs behind evaluation.json.

Tests share no package, so they take this file by path: `runpy.run_path(".../golden/formulas.py")`.
"""

import numpy as np
import numpy.typing as npt


def image(name: str, height: int, width: int) -> npt.NDArray[np.uint8]:
    """The H x W uint8 image of a formula, with x the column and y the row."""
    y, x = np.mgrid[:height, :width]
    triangle = 4 * abs(x % 64 - 32) + 3 * abs(y % 48 - 24) + 20
    if name.startswith("const"):
        values = np.full((height, width), int(name.removeprefix("const")))
    else:
        values = {
            "tri": lambda: triangle,
            "tri_n": lambda: (triangle + (7 * x + 13 * y) % 31 - 15).clip(0, 255),
            "weave": lambda: (x * x + 3 * y * y + x * y) % 256,
            "ramp": lambda: 255 * x // (width - 1),
            "checker": lambda: 255 * ((x // 8 + y // 8) % 2),
            "inv_tri": lambda: 255 - triangle,
            "tri_roll3": lambda: np.roll(triangle, 3, axis=1),
        }[name]()
    return values.astype(np.uint8)


def features(name: str, rows: int, columns: int) -> npt.NDArray[np.float64]:
    """The rows x columns features FX, FY or FZ, in [0, 1)."""
    i, j = np.mgrid[:rows, :columns]
    return {
        "FX": lambda: (i * i + 3 * i * j + 7 * j) % 101 / 101,
        "FY": lambda: (2 * i * i + 5 * i * j + 3 * j + 11) % 97 / 97,
        "FZ": lambda: (i * i + 2 * i * j + 5 * j + 3) % 89 / 89,
    }[name]()

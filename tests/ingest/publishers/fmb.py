"""FMB as its authors pack it: thermal with three equal channels, labels and painted labels beside the pictures."""

from pathlib import Path

import numpy as np
from publisher import Expected, colour, grey, save


def tree(root: Path) -> Expected:
    for side, ids in {"train": ["00000", "00002"], "test": ["00043"]}.items():
        for i in ids:
            folder = root / "FMB" / side
            save(folder / f"Visible/{i}.png", colour(int(i)))
            save(folder / f"Infrared/{i}.png", np.dstack([grey(int(i) + 500)] * 3))
            save(folder / f"Label/{i}.png", np.full((48, 64), 3, np.uint8))
            save(folder / f"color/{i}.png", colour(int(i) + 7))
    return Expected(
        pairs=3,
        subsets={"train": 2, "test": 1},
        scenes={"00000": 1, "00002": 1, "00043": 1},
        keys=["fmb-00043"],
    )

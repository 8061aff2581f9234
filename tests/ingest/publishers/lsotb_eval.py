"""LSOTB-TIR, the evaluation archive: rows of boxes, the camera's letter in the name."""

from pathlib import Path

from publisher import Expected, grey, put, save


def tree(root: Path) -> Expected:
    for seed, (name, frames) in enumerate({"airplane_H_001": 2, "cat_D_001": 3}.items()):
        folder = root / "LSOTB-TIR/sequences" / name
        for frame in range(1, frames + 1):
            save(folder / f"img/{frame:04d}.jpg", grey(10 * seed + frame))
        put(folder / "groundtruth_rect.txt", "3,4,10,10\n" * (frames - 1) + "0,0,0,0\n")
    return Expected(
        pairs=5,
        subsets={"test": 5},
        scenes={"airplane_H_001": 2, "cat_D_001": 3},
        boxes=3,
        keys=["lsotb_eval-cat_d_001-00000003"],
    )

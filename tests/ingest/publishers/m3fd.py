"""Both archives of M3FD in one folder, names used twice; smaller pictures among large ones, labels that are not all."""

from pathlib import Path

import numpy as np
from publisher import Expected, colour, grey, pair, put, save, voc_xml

IDS = ["00000", "00001", "00388", "01301", "04199"]


def tree(root: Path) -> Expected:
    folder = root / "M3FD_Detection"
    for i in IDS:
        width, height = (48, 36) if i == "01301" else (64, 48)
        thermal = grey(int(i) + 500, width, height)
        save(folder / f"Vis/{i}.png", colour(int(i), width, height))
        save(folder / f"Ir/{i}.png", np.dstack([thermal] * 3))
        put(folder / f"Annotation/{i}.xml", voc_xml("People", "Lamp", "Car"))
    (folder / "Annotation/00001.xml").unlink()
    put(folder / "labels_yolo_derived/00000.txt", "1 0.5 0.5 0.1 0.1\n")
    pair(root / "M3FD_Fusion/Vis/00000.png", root / "M3FD_Fusion/Ir/00000.png", 9)
    return Expected(
        pairs=5,
        subsets={"all": 5},
        scenes={"block00": 2, "block04": 1, "block20": 1, "block72": 1},
        boxes=12,
        keys=["m3fd-00000", "m3fd-04199"],
    )


def tree_tardal(root: Path) -> Expected:
    """The form that TarDAL's loader reads."""
    for i in IDS:
        pair(root / f"m3fd/vi/{i}.png", root / f"m3fd/ir/{i}.png", int(i))
    put(root / "m3fd/meta/train.txt", "00000.png\n00388.png\n")
    return Expected(
        pairs=5,
        subsets={"all": 5},
        scenes={"block00": 2, "block04": 1, "block20": 1, "block72": 1},
        keys=["m3fd-00388"],
    )

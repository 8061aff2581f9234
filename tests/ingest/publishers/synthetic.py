"""What the renderer writes: LLVIP's layout with captions and maps of the truth."""

import json
from pathlib import Path

from publisher import Expected, grey, pair, put, save, voc_xml


def tree(root: Path) -> Expected:
    names = {"train": ["010001", "010002", "020001"], "test": ["410001"]}
    for subset, ids in names.items():
        for i in ids:
            pair(root / f"visible/{subset}/{i}.png", root / f"infrared/{subset}/{i}.png", int(i))
            put(root / f"Annotations/{i}.xml", voc_xml("car"))
            save(root / f"truth/maps/{i}.png", grey(int(i)) // 64)
    captions = {i: f"a street at night, number {i}" for ids in names.values() for i in ids}
    put(root / "truth/captions.json", json.dumps(captions))
    return Expected(
        pairs=4,
        subsets={"train": 3, "test": 1},
        scenes={"01": 2, "02": 1, "41": 1},
        boxes=4,
        keys=["synthetic-010001"],
    )

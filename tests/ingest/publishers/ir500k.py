"""The released pairs: all sources in one folder, their names in front, maps beside them, and the list of names."""

import json
from pathlib import Path

from publisher import Expected, grey, pair, put, save

NAMES = {
    "kaist_set00_V000_I00005.jpg": "kaist/set00/V000",
    "kaist_set00_V000_I00010.jpg": "kaist/set00/V000",
    "LLVIP_200249.jpg": "llvip/20",
    "visdrone_train_00007.jpg": "dronevehicle/train/00007",
    "visdrone_train_00008.jpg": "dronevehicle/train/00007",
    "visdrone_test_00008.jpg": "dronevehicle/test/00008",
    "DUTUAV_c-vehicle_003_000101.jpg": "vtuav/c-vehicle_003",
    "FLIR_08865.jpg": "flir_aligned/block",
    "MSRS_00001D.png": "msrs/block",
    "AVIID1_0.png": "AVIID1_0",
    "AVIID1_1.png": "AVIID1_1",
}


def tree(root: Path) -> Expected:
    from ingest.sources import flir_aligned, msrs

    blocks = {
        "flir_aligned/block": "flir_aligned/" + flir_aligned.SOURCE.scenes([{"number": 8_865}])[0],
        "msrs/block": "msrs/" + msrs.SOURCE.scenes([{"number": 1, "light": "D"}])[0],
    }
    for seed, name in enumerate(NAMES):
        pair(root / f"IR-500K/rgb/{name}", root / f"IR-500K/ir/{name}", seed)
        save(root / f"IR-500K/seg/{name.partition('.')[0]}.png", grey(seed) // 128 * 255)
    put(root / "IR-500K/seeds.json", json.dumps([[name] for name in NAMES]))
    scenes = [blocks.get(scene, scene) for scene in NAMES.values()]
    return Expected(
        pairs=len(NAMES),
        subsets={"all": len(NAMES)},
        scenes={scene: scenes.count(scene) for scene in scenes},
        keys=["ir500k-kaist_set00_v000_i00005", "ir500k-flir_08865", "ir500k-msrs_00001d", "ir500k-aviid1_0"],
    )

"""The Raytron platform: collections of infrared images, whatever their folders."""

from pathlib import Path

from publisher import Expected, grey, save


def tree(root: Path) -> Expected:
    for seed, name in enumerate(("Infrared_city/clearday/00001", "Infrared_city/clearday/00002", "noise/raw_1")):
        save(root / f"{name}.png", grey(seed))
    return Expected(
        pairs=3,
        subsets={"all": 3},
        scenes={"Infrared_city/clearday": 2, "noise": 1},
        keys=["raytron-infrared_city-clearday-00001"],
    )

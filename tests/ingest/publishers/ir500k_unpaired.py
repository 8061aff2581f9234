"""The infrared images of phase 1: no visible sides; some are named as the released pairs are."""

from pathlib import Path

from publisher import Expected, grey, save


def tree(root: Path) -> Expected:
    for seed, name in enumerate(("LLVIP_010001", "LLVIP_010002", "more/web_17")):
        save(root / f"IR-500K/unpaired/{name}.jpg", grey(seed))
    return Expected(
        pairs=3,
        subsets={"all": 3},
        scenes={"llvip/01": 2, "web_17": 1},
        keys=["ir500k_unpaired-llvip_010001", "ir500k_unpaired-more-web_17"],
    )

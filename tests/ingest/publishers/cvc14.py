"""CVC-14: grey TIFF on both sides, names that are times, boxes of each side or of one, and frames without a person."""

from pathlib import Path

from publisher import Expected, grey, put, save

ROW = "20 24 12 30 1 0 0 0 0 {} 0\n"
TIMES = {
    "Day/Train/FramesPos": ["2013_06_02_18_05_52_024500", "2013_06_02_18_05_53_924500", "2013_06_02_18_05_56_000000"],
    "Day/NewTest/FramesPos": ["2013_06_02_18_05_54_000001"],
    "Night/Train/FramesNeg": ["2014_05_01_23_00_22_345678"],
}


def tree(root: Path) -> Expected:
    for group, times in TIMES.items():
        light, split, kind = group.split("/")
        for seed, time in enumerate(times):
            for side in ("Visible", "FIR"):
                folder = root / f"CVC14/{light}/{side}/{split}"
                save(folder / f"{kind}/{time}.tif", grey(seed + 20 * len(group) + len(side)))
                if kind == "FramesPos":
                    put(folder / f"Annotations/{time}.txt", ROW.format(1) + (ROW.format(2) if side == "FIR" else ""))
    put(root / "CVC14/Day/Visible/Train/Annotations/2013_06_02_18_05_52_024500.txt")  # seen by the thermal side only
    return Expected(
        pairs=5,
        subsets={"train": 4, "test": 1},
        scenes={
            "Day/Train/2013_06_02_18_05_52_024500": 2,
            "Day/Train/2013_06_02_18_05_56_000000": 1,
            "Day/NewTest/2013_06_02_18_05_54_000001": 1,
            "Night/Train/2014_05_01_23_00_22_345678": 1,
        },
        boxes=11,
        keys=["cvc14-day-framespos-2013_06_02_18_05_52_024500"],
    )

"""GTOT: corners instead of sizes, some sequences as BMP, visible sides in grey."""

from pathlib import Path

from publisher import Expected, grey, put, save


def tree(root: Path) -> Expected:
    for seed, (sequence, suffix) in enumerate({"BlackCar": "png", "Crossing": "bmp"}.items()):
        folder = root / "GTOT" / sequence
        for frame in (1, 2):
            save(folder / f"v/{frame:05d}v.{suffix}", grey(10 * seed + frame))
            save(folder / f"i/{frame:05d}i.{suffix}", grey(100 + 10 * seed + frame))
        for side in "vi":
            put(folder / f"groundTruth_{side}.txt", "3.5 4 23 24\n0 0 0 0\n")
        put(folder / "init.txt", "3.5 4 23 24\n")
    return Expected(
        pairs=4,
        subsets={"all": 4},
        scenes={"BlackCar": 2, "Crossing": 2},
        boxes=4,
        keys=["gtot-blackcar-000001", "gtot-crossing-000002"],
    )


def tree_as_documented(root: Path) -> Expected:
    for frame in (1, 2):
        save(root / f"BlackCar/v/{frame:05d}_v.jpg", grey(frame))
        save(root / f"BlackCar/i/{frame:05d}_i.jpg", grey(100 + frame))
    return Expected(pairs=2, subsets={"all": 2}, scenes={"BlackCar": 2})


def tree_of_equal_names(root: Path) -> Expected:
    for frame in (1, 2):
        save(root / f"BlackCar/v/{frame:05d}.png", grey(frame))
        save(root / f"BlackCar/i/{frame:05d}.png", grey(100 + frame))
    return Expected(pairs=2, subsets={"all": 2}, scenes={"BlackCar": 2}, keys=["gtot-blackcar-000001"])

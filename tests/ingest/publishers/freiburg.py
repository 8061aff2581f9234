"""Freiburg Thermal: drives with both cameras and both thermal versions, fractions of ten digits, labels beside them."""

from pathlib import Path

from publisher import Expected, colour, deep, save

DRIVES = {
    "seq_00_day/00": ["1570722156_952177040", "1570722157_102177040"],
    "seq_00_day/01": ["1570729614_4316866600"],
    "seq_01_night/00": ["1570800000_1"],
}


EXPECTED = Expected(
    pairs=4,
    subsets={"train": 4},
    scenes={"seq_00_day/00": 2, "seq_00_day/01": 1, "seq_01_night/00": 1},
    bits=16,
    keys=["freiburg-seq_00_day-00-1570722156_952177040", "freiburg-seq_00_day-01-1570729614_4316866600"],
)


def tree(root: Path) -> Expected:
    return tree_of_bare_drives(root / "train")


def tree_of_bare_drives(root: Path) -> Expected:
    """Without the folder above them: the same samples."""
    for drive, times in DRIVES.items():
        for seed, time in enumerate(times):
            folder = root / drive
            save(folder / f"fl_rgb/fl_rgb_{time}.png", colour(seed + len(time)))
            save(folder / f"fl_ir_aligned/fl_ir_aligned_{time}.png", deep(seed + len(time)))
            save(folder / f"fl_ir/fl_ir_{time}.png", deep(seed))  # not warped: no partner
            save(folder / f"fl_rgb_labels/fl_rgb_labels_{time}.png", colour(seed))
            save(folder / f"fr_rgb/fr_rgb_{time}.png", colour(seed))  # the right camera
    return EXPECTED


def tree_of_the_test_side(root: Path) -> Expected:
    """The labelled test images alone: thermal names lack the last digit of the fraction."""
    for seed, (visible, infrared) in enumerate({"fl_1570_9521": "fl_1570_952", "fl_1571_08": "fl_1571_0"}.items()):
        save(root / f"test/day/ImagesRGB/{visible}_rgb.png", colour(seed))
        save(root / f"test/day/ImagesIR/{infrared}_ir.png", deep(seed))
        save(root / f"test/day/SegmentationClass/{visible}_rgb.png", colour(seed + 9))
    return Expected(pairs=2, subsets={"test": 2}, scenes={"day": 2}, bits=16, keys=["freiburg-day-fl_1570_952"])

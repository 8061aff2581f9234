"""Infrared images of a user's own, some in folders, some not, of several formats."""

from pathlib import Path

from publisher import Expected, grey, put, save


def tree(root: Path) -> Expected:
    save(root / "flight 1/0001.png", grey(1))
    save(root / "flight 1/0002.png", grey(2))
    save(root / "flight 2/inner/0001.bmp", grey(3))
    save(root / "alone.JPG", grey(4))
    put(root / "flight 1/notes.txt", "windy")
    put(root / ".DS_Store")
    return Expected(
        pairs=4,
        subsets={"all": 4},
        scenes={"flight 1": 2, "flight 2/inner": 1, "alone": 1},
        keys=["ir_folder-flight-1-0001", "ir_folder-flight-2-inner-0001", "ir_folder-alone"],
        junk=1,
    )

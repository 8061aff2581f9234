"""SMOD: both sides in one folder, the same numbers by day and by night."""

from pathlib import Path

from publisher import Expected, pair, put


def tree(root: Path) -> Expected:
    for light, numbers in {"day": (0, 2, 40), "night": (0, 2)}.items():
        for number in numbers:
            name = f"{number:06d}"
            folder = root / "SMOD" / light
            pair(folder / f"{name}_rgb.jpg", folder / f"{name}_tir.jpg", number + len(light))
    put(root / "SMOD/day.json", "{}")
    return Expected(
        pairs=5,
        subsets={"all": 5},
        scenes={"day/000000": 2, "day/000040": 1, "night/000000": 2},
        keys=["smod-day-000000", "smod-night-000002"],
    )

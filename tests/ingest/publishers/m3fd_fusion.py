"""Both archives of M3FD in one folder: only the fusion set is taken, under keys of its own."""

from pathlib import Path

from publisher import Expected, pair


def tree(root: Path) -> Expected:
    for i in ("00000", "00388", "01012"):
        pair(root / f"M3FD_Fusion/Vis/{i}.png", root / f"M3FD_Fusion/Ir/{i}.png", int(i))
        pair(root / f"M3FD_Detection/Vis/{i}.png", root / f"M3FD_Detection/Ir/{i}.png", int(i) + 1)
    return Expected(
        pairs=3,
        subsets={"all": 3},
        scenes={"00000": 1, "00388": 1, "01012": 1},
        keys=["m3fd_fusion-00388"],
    )


def tree_alone(root: Path) -> Expected:
    """The folder itself is RAW, its sides renamed."""
    for i in ("00000", "00001"):
        pair(root / f"vi/{i}.png", root / f"ir/{i}.png", int(i))
    return Expected(pairs=2, subsets={"all": 2}, scenes={"00000": 1, "00001": 1}, keys=["m3fd_fusion-00001"])

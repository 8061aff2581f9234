"""Two folders of a user's own, with maps, spaces and other alphabets in names, and a pair of unequal sizes."""

from pathlib import Path

from publisher import Expected, colour, grey, pair, put, save


def tree(root: Path) -> Expected:
    for seed, name in enumerate(("a picture", "Straße", "003")):
        pair(root / f"my data/rgb/{name}.png", root / f"my data/ir/{name}.png", seed)
        save(root / f"my data/seg/{name}.png", grey(seed) // 64)
    save(root / "my data/rgb/wide.JPG", colour(7, 90, 60))
    save(root / "my data/ir/wide.jpeg", grey(8))
    put(root / "my data/Thumbs.db")
    return Expected(
        pairs=4,
        subsets={"all": 4},
        scenes={"a picture": 1, "Straße": 1, "003": 1, "wide": 1},
        keys=["folder-a-picture", "folder-stra-e-58a3778c", "folder-wide"],
        junk=1,
    )


def tree_with_subsets(root: Path) -> Expected:
    for subset, count in {"train": 2, "test": 1}.items():
        for i in range(count):
            pair(root / f"{subset}/rgb/{subset}{i}.png", root / f"{subset}/ir/{subset}{i}.png", i + len(subset))
    return Expected(
        pairs=3, subsets={"train": 2, "test": 1}, scenes={"train0": 1, "train1": 1, "test0": 1}, keys=["folder-train0"]
    )

"""aligned.zip, unpacked: both sides and boxes under `align/`, lists, and copies with boxes drawn in."""

from pathlib import Path

from publisher import Expected, colour, grey, pair, put, save, voc_xml

EXPECTED = Expected(
    pairs=5,
    subsets={"train": 3, "validation": 2},
    scenes={"block00": 2, "block01": 1, "block60": 2},
    boxes=8,
    keys=["flir_aligned-flir_00002", "flir_aligned-flir_08864"],
    failed={"missing_pair": 1},
)


def tree(root: Path) -> Expected:
    folder = root / "align"
    for number in (2, 137, 139, 8864, 8983):
        name = f"FLIR_{number:05d}"
        thermal = "jpg" if number == 137 else "jpeg"
        pair(folder / f"JPEGImages/{name}_RGB.jpg", folder / f"JPEGImages/{name}_PreviewData.{thermal}", number)
        put(folder / f"Annotations/{name}_PreviewData.xml", voc_xml("person", "car"))
        save(folder / f"AnnotatedImages/{name}_PreviewData.jpeg", grey(number))
    (folder / "Annotations/FLIR_08983_PreviewData.xml").unlink()
    save(folder / "JPEGImages/FLIR_04680_RGB.jpg", colour(1))  # one list has it, one has not
    put(folder / "align_train.txt", "FLIR_00002_PreviewData\nFLIR_00137_PreviewData\nFLIR_00139_PreviewData\n")
    put(folder / "align_validation.txt", "FLIR_08864_PreviewData\nFLIR_08983_PreviewData\nFLIR_10227_PreviewData\n")
    return EXPECTED


def tree_repacked(root: Path) -> Expected:
    """FLIR-align-3class, as detectors pack it: its `test` is the publisher's validation side."""
    for number, side in {2: "train", 139: "train", 8864: "test"}.items():
        names = [root / f"FLIR-align-3class/{s}/{side}/FLIR_{number:05d}.jpg" for s in ("visible", "infrared")]
        pair(*names, number)
    return Expected(
        pairs=3,
        subsets={"train": 2, "validation": 1},
        scenes={"block00": 1, "block01": 1, "block60": 1},
        keys=["flir_aligned-flir_00139"],
    )


def tree_of_two_folders(root: Path) -> Expected:
    """The sides apart, as some copies have them."""
    for number in (2, 8864):
        name = f"FLIR_{number:05d}"
        pair(root / f"RGB/{name}_RGB.jpg", root / f"IR/{name}_PreviewData.jpeg", number)
    return Expected(
        pairs=2,
        subsets={"train": 1, "validation": 1},
        scenes={"block00": 1, "block60": 1},
        keys=["flir_aligned-flir_08864"],
    )


def tree_of_one_ending(root: Path) -> Expected:
    """Likewise, the visible names ending as the thermal ones do."""
    for number in (2, 8864):
        name = f"FLIR_{number:05d}_PreviewData.jpeg"
        pair(root / f"RGB/{name}", root / f"IR/{name}", number)
    return Expected(pairs=2, subsets={"train": 1, "validation": 1}, scenes={"block00": 1, "block60": 1})


def tree_of_bare_visible_names(root: Path) -> Expected:
    """Likewise, with nothing behind their numbers."""
    for number in (2, 8864):
        pair(root / f"RGB/FLIR_{number:05d}.jpg", root / f"IR/FLIR_{number:05d}_PreviewData.jpeg", number)
    return Expected(
        pairs=2,
        subsets={"train": 1, "validation": 1},
        scenes={"block00": 1, "block60": 1},
        keys=["flir_aligned-flir_08864"],
    )

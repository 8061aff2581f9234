"""LLVIP.zip, unpacked: the test folder's names, a system's leftovers, and an image without annotation."""

from pathlib import Path

from publisher import Expected, grey, pair, put, save, voc_xml


def tree(root: Path) -> Expected:
    folder = root / "LLVIP"
    names = {"train": ["010001", "010002", "260536"], "test": ["190001", "190003"]}
    for subset, ids in names.items():
        for i in ids:
            pair(folder / f"visible/{subset}/{i}.jpg", folder / f"infrared/{subset}/{i}.jpg", int(i))
            put(folder / f"Annotations/{i}.xml", voc_xml("person", "person"))
    (folder / "Annotations/010002.xml").unlink()
    put(folder / "Annotations/019999.xml", voc_xml("person"))  # of an image that was removed
    save(folder / "infrared/test/190004.jpg", grey(1))  # its visible side did not come
    put(folder / ".DS_Store")
    put(root / "__MACOSX/LLVIP/._visible")
    return Expected(
        pairs=5,
        subsets={"train": 3, "test": 2},
        scenes={"01": 2, "26": 1, "19": 2},
        failed={"missing_pair": 1},
        boxes=8,
        keys=["llvip-010001", "llvip-190001"],
        junk=1,
    )

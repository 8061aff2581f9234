"""The collection's six families of folders, and a flat copy as fusion repositories have it."""

from pathlib import Path

from publisher import Expected, colour, grey, put, save

GREY_PAIRS = {
    "Athena_images/soldier_in_trench_1/VIS_meting003_r.bmp": "Athena_images/soldier_in_trench_1/IR_meting003_g.bmp",
    "Athena_images/helicopter/view_1/VIS_helib_011.bmp": "Athena_images/helicopter/view_1/IR_helib_011.bmp",
    "Athena_images/helicopter/view_1/VIS_helib_012.bmp": "Athena_images/helicopter/view_1/IR_helib_012.bmp",
    "Athena_images/bunker/EO_Bunker.bmp": "Athena_images/bunker/IR_meting011.bmp",
    "DHV_images/wall/VIS_163dhvR.bmp": "DHV_images/wall/IR_163rad.bmp",
    "DHV_images/Fire_sequence/part_1/dhv/DHV10.bmp": "DHV_images/Fire_sequence/part_1/thermal/RAD10.bmp",
    "DHV_images/Fire_sequence/part_1/dhv/DHV11.bmp": "DHV_images/Fire_sequence/part_1/thermal/RAD11.bmp",
    "FEL_images/Nato_camp_sequence/visual/1800v.bmp": "FEL_images/Nato_camp_sequence/thermal/1800i.bmp",
    "FEL_images/Nato_camp_sequence/visual/1801v.bmp": "FEL_images/Nato_camp_sequence/thermal/1801i.bmp",
    "tank/Vis.tif": "tank/LWIR.tif",
}


def tree(root: Path) -> Expected:
    folder = root / "TNO_Image_Fusion_Dataset"
    for seed, (visible, infrared) in enumerate(GREY_PAIRS.items()):
        save(folder / visible, grey(seed))
        save(folder / infrared, grey(seed + 500))
    save(folder / "Triclobs_images/Bosnia/Vis.bmp", colour(30))
    save(folder / "Triclobs_images/Bosnia/IR.bmp", grey(31))
    save(folder / "Triclobs_images/Bosnia/NIR.bmp", grey(32))  # a second band: never the partner
    put(folder / "DHV_images/wall/readme.txt", "IR")
    return Expected(
        pairs=11,
        subsets={"all": 11},
        scenes={
            "Athena_images/soldier_in_trench_1": 1,
            "Athena_images/helicopter/view_1": 2,
            "Athena_images/bunker": 1,
            "DHV_images/wall": 1,
            "DHV_images/Fire_sequence/part_1": 2,
            "FEL_images/Nato_camp_sequence": 2,
            "tank": 1,
            "Triclobs_images/Bosnia": 1,
        },
        keys=["tno-athena_images-bunker", "tno-fel_images-nato_camp_sequence-1800"],
    )


def tree_flat(root: Path) -> Expected:
    """CoCoNet's copy: numbers of its own, and a picture of another dataset among them."""
    for seed, name in enumerate(["TNO_001", "TNO_002", "00"]):
        save(root / f"TNO/VIS/{name}.png", grey(seed))
        save(root / f"TNO/IR/{name}.png", grey(seed + 500))
    return Expected(pairs=3, subsets={"all": 3}, scenes={"TNO_001": 1, "TNO_002": 1, "00": 1}, keys=["tno-tno_001"])

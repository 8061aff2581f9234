"""FLIR-aligned: frames of FLIR ADAS v1 whose visible side was warped into the thermal frame.

Accepted: the archive as published (`align/`), `RGB/` beside `IR/` with `_RGB`, `_PreviewData` or nothing behind the
visible names, and the re-packed `visible/` beside `infrared/`. The publisher's lists align_train.txt and
align_validation.txt part the ids at 8862, as FLIR ADAS v1 does, so the sides are known without them. Black borders are
at ids 5511 to 8862, where the visible camera saw less than the thermal one. Redistribution is taken as forbidden; the
wording of the terms is unverified.
"""

from ingest.annotations.voc import voc
from ingest.scenes import BlockTable
from ingest.source import Layout, Source
from ingest.subsets import ByNumber

SOURCE = Source(
    name="flir_aligned",
    title="FLIR-aligned",
    pairs=5_142,
    band="lwir",
    view="driving",
    page="https://github.com/CalayZhou/Multispectral-Pedestrian-Detection-Resource",
    licence="FLIR ADAS terms: research use",
    redistribute=False,
    citation="Zhang et al., Multispectral Fusion for Object Detection with Cyclic Fuse-and-Refine Blocks, ICIP 2020",
    layouts=[
        Layout(
            visible="JPEGImages/FLIR_{number:d}_RGB",
            infrared="JPEGImages/FLIR_{number:d}_PreviewData",
            boxes=[voc("Annotations/FLIR_{number:d}_PreviewData.xml", side="infrared")],
        ),
        Layout(visible="RGB/FLIR_{number:d}{:_RGB|_PreviewData}", infrared="IR/FLIR_{number:d}_PreviewData"),
        Layout(visible="RGB/FLIR_{number:d}", infrared="IR/FLIR_{number:d}_PreviewData"),
        Layout(
            visible="visible/{:train|test|validation}/FLIR_{number:d}",
            infrared="infrared/{:train|test|validation}/FLIR_{number:d}",
        ),
    ],
    key="FLIR_{number:05d}",
    subset=ByNumber("number", {"train": (1, 8_862), "validation": (8_863, 10_228)}),
    scene=BlockTable("number", "flir_v1_blocks.json"),
    valid_area=True,
    files=["aligned.zip"],
)

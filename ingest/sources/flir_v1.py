"""FLIR ADAS v1 (1.3): thermal and visible cameras on a car around Santa Barbara, not aligned with each other.

Accepted: FLIR_ADAS_1_3 as published, nested once or twice, and the folders of early copies (`training`, `PreviewData`
and, where that is absent, `Data`, with `_PreviewData` behind the names or without; unverified). Part of the frames lack
their visible side. Thermal is the 8-bit version; `Annotated_thermal_8_bit` has boxes drawn in and is left out. The
visible frames of the video part run ahead of or behind the thermal ones as SamVadidar/RGBT@786fe50 (FLIR_PP) found out;
at the ends of its ranges it contradicts itself by a frame, and what is in doubt has no partner. The names of categories
are MS COCO's where they stand in catids.json alone (unverified).
"""

from ingest.annotations.coco import coco
from ingest.matching import Shifts
from ingest.scenes import BlockTable
from ingest.source import Layout, Source
from ingest.subsets import ByField

_SHIFTS = Shifts(
    visible="visible",
    infrared="infrared",
    series="FLIR_video_",
    shifts=[(1, 1_944, 0), (1_945, 2_772, 28), (2_800, 3_151, 1), (3_154, 4_224, -1)],
    alone=frozenset([*range(1_945, 1_973), 2_800, 3_153, 4_224]),
)

_EARLY = "{subset:training|validation|video}"

SOURCE = Source(
    name="flir_v1",
    title="FLIR ADAS v1",
    pairs=0,  # the publisher counts 14,452 thermal frames; how many have a visible partner is not stated
    band="lwir",
    view="driving",
    page="https://www.flir.com/oem/adas/adas-dataset-form/",
    licence="FLIR ADAS terms: research use",
    redistribute=False,
    citation="FLIR Systems, FREE FLIR Thermal Dataset for Algorithm Training, version 1.3, 2018",
    layouts=[
        Layout(
            visible="{subset:train|val|video}/RGB/{visible}",
            infrared="{subset:train|val|video}/thermal_8_bit/{infrared}",
            match=_SHIFTS,
            boxes=[
                coco(
                    "{subset:train|val|video}/thermal_annotations.json",
                    side="infrared",
                    labels={"1": "person", "2": "bicycle", "3": "car", "18": "dog"},
                )
            ],
        ),
        *(
            Layout(f"{_EARLY}/RGB/{{visible}}", f"{_EARLY}/{infrared}", match=_SHIFTS)
            for infrared in ("PreviewData/{infrared}", "PreviewData/{infrared}_PreviewData", "Data/{infrared}")
        ),
    ],
    subset=ByField(
        "subset", {"train": "train", "training": "train", "val": "val", "validation": "val", "video": "video"}
    ),
    scene=BlockTable("id", "flir_v1_blocks.json", prefix="FLIR_", outside="video"),
    same_size=False,
    files=["FLIR_ADAS_1_3.zip"],
)

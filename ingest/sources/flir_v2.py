"""FLIR ADAS v2: the video test set, the one part whose two cameras are synchronised; they are not aligned.

The training and validation images of the two cameras were sampled apart: no pairs, so they are not taken. Names never
match; rgb_to_thermal_vid_map.json says which go together. Folders hold other numbers of files than the readme says.
"""

from ingest.annotations.coco import coco
from ingest.matching import NameTable
from ingest.scenes import NamePart
from ingest.source import Layout, Source

SOURCE = Source(
    name="flir_v2",
    title="FLIR ADAS v2",
    pairs=3_749,
    band="lwir",
    view="driving",
    page="https://adas-dataset-v2.flirconservator.com/",
    licence="FLIR ADAS terms: research use",
    redistribute=False,
    citation="Teledyne FLIR, Free ADAS Thermal Dataset v2, version 2.0.0, 2022",
    layouts=[
        Layout(
            visible="video_rgb_test/data/{visible}",
            infrared="video_thermal_test/data/{infrared}",
            match=NameTable("rgb_to_thermal_vid_map.json", "visible", "infrared"),
            boxes=[
                coco("video_rgb_test/coco.json", "{visible}", side="visible"),
                coco("video_thermal_test/coco.json", side="infrared"),
            ],
        )
    ],
    subset="test",
    scene=NamePart("id", r"(video-\w+)-frame-\d+-\w+"),
    same_size=False,
    files=["FLIR_ADAS_v2.zip"],
)

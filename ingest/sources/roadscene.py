"""RoadScene: aligned road scenes made from FLIR ADAS v1 frames, whose names they keep.

Accepted: the low-resolution visible side as published, or the high-resolution one alone, which is then resampled to
the infrared size (unequally: the cameras' frames were squeezed to 640x512 first). `infrared/` is the uncropped frame
of the thermal camera: never a pair with a visible image.
"""

from ingest.scenes import IdRuns
from ingest.source import Git, Layout, Source

SOURCE = Source(
    name="roadscene",
    title="RoadScene",
    pairs=221,
    band="lwir",
    view="driving",
    page="https://github.com/hanna-xu/RoadScene",
    licence="none stated; images from FLIR ADAS, whose terms allow research use",
    redistribute=False,
    citation="Xu et al., FusionDN: A Unified Densely Connected Network for Image Fusion, AAAI 2020",
    layouts=[
        Layout(visible="crop_LR_visible/{id}", infrared="cropinfrared/{id}"),
        Layout(visible="crop_HR_visible/{id}", infrared="cropinfrared/{id}"),
    ],
    scene=IdRuns("id", gap=20),
    resize="visible",
    fetch=[Git("https://github.com/hanna-xu/RoadScene", "ab71420", ["crop_LR_visible", "cropinfrared"])],
)

"""RoadScene: aligned road scenes made from FLIR ADAS frames."""

from ingest.scenes import IdRuns
from ingest.source import Layout, Source

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
    # `infrared/` is the uncropped camera frame: never a pair with a visible image.
    layouts=[Layout(visible="crop_LR_visible/{id}", infrared="cropinfrared/{id}")],
    scene=IdRuns("id", gap=20),
)

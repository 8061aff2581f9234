"""FMB: full-time road scenes for segmentation, 1,220 to train and 280 to test.

Names tell no sequence: each picture is a scene, until content says more.
"""

from ingest.source import Layout, Source

SOURCE = Source(
    name="fmb",
    title="FMB",
    pairs=1_500,
    band="lwir",
    view="driving",
    page="https://github.com/JinyuanLiu-CV/SegMiF",
    licence="academic use",
    redistribute=False,
    citation="Liu et al., Multi-interactive Feature Learning and a Full-time Multi-modality Benchmark for Image Fusion "
    "and Segmentation, ICCV 2023",
    layouts=[Layout(visible="{subset:train|test}/Visible/{id}", infrared="{subset:train|test}/Infrared/{id}")],
    scene="{id}",
)

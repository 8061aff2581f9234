"""SMOD (SJTU): a car on a campus by day and by night, sampled from video at a low rate.

Both sides lie in one folder, told apart by `_rgb` and `_tir`. The names of the COCO files are unverified, so boxes are
not read; nor are drives published: a scene is a run of numbers without a gap above 20.
"""

from ingest.scenes import IdRuns
from ingest.source import Layout, Source

SOURCE = Source(
    name="smod",
    title="SMOD",
    pairs=8_676,
    band="lwir",
    view="driving",
    page="https://www.kaggle.com/datasets/zizhaochen6/sjtu-multispectral-object-detection-smod-dataset",
    licence="none stated; research use",
    redistribute=False,
    citation="Chen et al., AMFD: Distillation via Adaptive Multimodal Fusion for Multispectral Pedestrian Detection, "
    "arXiv 2405.12944, 2024",
    layouts=[Layout(visible="{light:day|night}/{id}_rgb", infrared="{light:day|night}/{id}_tir")],
    key="{light}/{id}",
    scene=IdRuns("id", gap=20, series="{light}"),
)

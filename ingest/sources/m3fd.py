"""M3FD, the detection set: a binocular rig on a campus, a beach resort and main roads."""

from ingest.boxes import voc
from ingest.scenes import BlockTable
from ingest.source import Layout, Source

_BOXES = voc("{:Annotation|Annotations|labels}/{id}.xml")

SOURCE = Source(
    name="m3fd",
    title="M3FD Detection",
    pairs=4_200,
    band="lwir",
    view="driving",
    page="https://github.com/JinyuanLiu-CV/TarDAL",
    licence="none stated for the data; academic use",
    redistribute=False,
    citation="Liu et al., Target-aware Dual Adversarial Learning and a Multi-scenario Multi-Modality Benchmark to "
    "Fuse Infrared and Visible for Object Detection, CVPR 2022",
    layouts=[Layout(visible="{:Vis|vi|visible}/{id}", infrared="{:Ir|infrared}/{id}", boxes=_BOXES)],
    scene=BlockTable("id", "m3fd_blocks.json"),
)

"""M3FD, the detection set: a binocular rig on a campus, a beach resort and main roads.

Accepted: the archive as published, alone or beside M3FD_Fusion, and the renamed folders of TarDAL (`vi`, `ir`). The
infrared side was warped into the visible frame and has black wedges. 274 pairs are smaller than 1024x768.
"""

from ingest.annotations.voc import voc
from ingest.scenes import BlockTable
from ingest.source import Layout, Source

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
    layouts=[
        Layout(
            visible="M3FD_Detection/{:Vis|vi|visible}/{id}",
            infrared="M3FD_Detection/{:Ir|infrared}/{id}",
            boxes=[voc("M3FD_Detection/{:Annotation|Annotations|labels}/{id}.xml")],
        ),
        Layout(
            visible="{:Vis|vi|visible}/{id}",
            infrared="{:Ir|infrared}/{id}",
            boxes=[voc("{:Annotation|Annotations|labels}/{id}.xml")],
        ),
    ],
    scene=BlockTable("id", "m3fd_blocks.json"),
    valid_area=True,
    others=["M3FD_Fusion"],
    files=["M3FD_Detection.zip"],
)

"""M3FD, the fusion set: 300 pairs of scenes of their own, without labels.

Names come from the same five digits as the detection set's, but are other pictures. They tell no scene: each picture is
one, until content says more.
"""

from ingest.source import Layout, Source

SOURCE = Source(
    name="m3fd_fusion",
    title="M3FD Fusion",
    pairs=300,
    band="lwir",
    view="driving",
    page="https://github.com/JinyuanLiu-CV/TarDAL",
    licence="none stated for the data; academic use",
    redistribute=False,
    citation="Liu et al., Target-aware Dual Adversarial Learning and a Multi-scenario Multi-Modality Benchmark to "
    "Fuse Infrared and Visible for Object Detection, CVPR 2022",
    layouts=[
        Layout(visible="M3FD_Fusion/{:Vis|vi|visible}/{id}", infrared="M3FD_Fusion/{:Ir|infrared}/{id}"),
        Layout(visible="{:Vis|vi|visible}/{id}", infrared="{:Ir|infrared}/{id}"),
    ],
    scene="{id}",
    valid_area=True,
    others=["M3FD_Detection"],
    files=["M3FD_Fusion.zip"],
)

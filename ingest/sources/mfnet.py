"""MFNet (Tokyo multi-spectral segmentation): thermal lies in the alpha channel of the visible PNG.

Accepted: `images/` with RGBA files, and derived packs with `RGB/` beside `Thermal/` or `THE/`. Copies that RTFNet's
pack mirrored (`_flip`) are left out. The borders of drives are not published: a scene is a stretch of numbers by day
(D) or by night (N). MSRS has the same pictures under the same numbers.
"""

from ingest.readers import ALPHA
from ingest.scenes import Runs
from ingest.source import Layout, Source
from ingest.subsets import IndexFiles

_NAME = "{number:d}{light:D|N}"

SOURCE = Source(
    name="mfnet",
    title="MFNet",
    pairs=1_569,
    band="lwir",
    view="driving",
    page="https://www.mi.t.u-tokyo.ac.jp/static/projects/mil_multispectral/",
    licence="none stated; research use",
    redistribute=False,
    citation="Ha et al., MFNet: Towards Real-Time Semantic Segmentation for Autonomous Vehicles with Multi-Spectral "
    "Scenes, IROS 2017",
    layouts=[
        Layout(visible=f"images/{_NAME}", infrared=f"images/{_NAME}", read=ALPHA),
        Layout(visible=f"RGB/{_NAME}", infrared=f"{{:Thermal|THE}}/{_NAME}"),
    ],
    key="{number:05d}{light}",
    subset=IndexFiles({"train": "train.txt", "val": "val.txt", "test": "test.txt"}, "{number:05d}{light}"),
    scene=Runs("{number}", label="{light}"),
    valid_area=True,
    files=["ir_seg_dataset.zip"],
)

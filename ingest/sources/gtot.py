"""GTOT: 50 short sequences of one tracked target each; the visible side is grey.

Accepted: `00001v.png` beside `00001i.png`, in some sequences `.bmp`, `00001_v.jpg` as documented, or equal numbers.
Unverified: whether numbers begin at 0 or 1; the first row of boxes is for the smallest number of the sequence.
"""

from ingest.annotations.text import FirstFrame, tracker
from ingest.source import Layout, Source

_BOXES = [
    tracker("{sequence}/groundTruth_v.txt", label="target", first="{first}", corners=True, side="visible"),
    tracker("{sequence}/groundTruth_i.txt", label="target", first="{first}", corners=True, side="infrared"),
]


def _layout(visible: str, infrared: str) -> Layout:
    return Layout(visible, infrared, _BOXES, match=FirstFrame((visible, infrared)))


SOURCE = Source(
    name="gtot",
    title="GTOT",
    pairs=0,  # about 7,800; the publisher counts sequences, 50
    band="lwir",
    view="surveillance",
    page="https://chenglongli.cn/Datasets-and-benchmark-code/",
    licence="none stated",
    redistribute=False,
    citation="Li et al., Learning Collaborative Sparse Representation for Grayscale-Thermal Tracking, "
    "IEEE Transactions on Image Processing 2016",
    layouts=[
        _layout("{sequence}/v/{frame:d}{:v|_v}", "{sequence}/i/{frame:d}{:i|_i}"),
        _layout("{sequence}/v/{frame:d}", "{sequence}/i/{frame:d}"),
    ],
    scene="{sequence}",
    key="{sequence}-{frame:06d}",
    sequence="{sequence}",
)

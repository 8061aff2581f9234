"""RGBT234: 234 sequences of one tracked target each; RGBT210 is a part of it under the same names.

Accepted: `00001v.jpg` beside `00001i.jpg` as documented, with five or six digits, or equal numbers on both sides.
Numbers begin at 0 or at 1: the first row of boxes is for the smallest number of the sequence.
"""

from ingest.annotations.text import FirstFrame, tracker
from ingest.source import Layout, Source

_BOXES = [
    tracker("{sequence}/visible.txt", label="target", first="{first}", side="visible"),
    tracker("{sequence}/infrared.txt", label="target", first="{first}", side="infrared"),
]


def _layout(visible: str, infrared: str) -> Layout:
    return Layout(visible, infrared, _BOXES, match=FirstFrame((visible, infrared)))


SOURCE = Source(
    name="rgbt234",
    title="RGBT234",
    pairs=0,  # about 117,000; the publisher counts frames of both sides
    band="lwir",
    view="mixed",
    page="https://sites.google.com/view/ahutracking001/",
    licence="none stated",
    redistribute=False,
    citation="Li et al., RGB-T Object Tracking: Benchmark and Baseline, Pattern Recognition 2019",
    layouts=[
        _layout("{sequence}/visible/{frame:d}v", "{sequence}/infrared/{frame:d}i"),
        _layout("{sequence}/visible/{frame:d}", "{sequence}/infrared/{frame:d}"),
    ],
    scene="{sequence}",
    key="{sequence}-{frame:06d}",
    sequence="{sequence}",
)

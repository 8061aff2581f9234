"""RGBT234: 234 sequences of one tracked target each; RGBT210 is a part of it under the same names.

Accepted: `00001v.jpg` beside `00001i.jpg` as documented, with five or six digits, or equal numbers on both sides.
Unverified: whether numbers begin at 0 or 1; rows of boxes are taken to begin at 1, as documented.
"""

from ingest.annotations.text import tracker
from ingest.source import Layout, Source

_BOXES = [
    tracker("{sequence}/visible.txt", label="target", first=1, side="visible"),
    tracker("{sequence}/infrared.txt", label="target", first=1, side="infrared"),
]

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
        Layout("{sequence}/visible/{frame:d}v", "{sequence}/infrared/{frame:d}i", _BOXES),
        Layout("{sequence}/visible/{frame:d}", "{sequence}/infrared/{frame:d}", _BOXES),
    ],
    scene="{sequence}",
    key="{sequence}-{frame:06d}",
    sequence="{sequence}",
)

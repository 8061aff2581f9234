"""LSOTB-TIR, the evaluation sequences: infrared only; what trackers are tested on.

The letter in a sequence's name tells who held the camera: H hand, D drone, V vehicle, S surveillance. The first row of
`groundtruth_rect.txt` is taken to be for the smallest number of the sequence. Unverified: that, and whether there are
100 sequences or 120.
"""

from ingest.annotations.text import FirstFrame, tracker
from ingest.source import Layout, Source

_SEQUENCE = "{label}_{camera:H|D|V|S}_{number:d}/"
_IMAGE = _SEQUENCE + "img/{frame:d}"
_NAME = "{label}_{camera}_{number:03d}"

SOURCE = Source(
    name="lsotb_eval",
    title="LSOTB-TIR, evaluation sequences",
    pairs=0,
    band="mixed",
    view="mixed",
    page="https://github.com/QiaoLiuHit/LSOTB-TIR",
    licence="academic, non-commercial",
    redistribute=False,
    citation="Liu et al., LSOTB-TIR: A Large-Scale High-Diversity Thermal Infrared Object Tracking Benchmark, "
    "ACM Multimedia 2020",
    layouts=[
        Layout(
            visible=None,
            infrared=_IMAGE,
            boxes=[tracker(_SEQUENCE + "groundtruth_rect.txt", label="{label}", first="{first}")],
            match=FirstFrame((_IMAGE,)),
        )
    ],
    scene=_NAME,
    key=_NAME + "-{frame:08d}",
    sequence=_NAME,
    subset="test",
    files=["the evaluation archive with sequences/"],
)

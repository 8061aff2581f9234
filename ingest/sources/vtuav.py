"""VTUAV: a drone over two cities, long sequences of one target each.

Accepted: the archives' folders (`train_ST_001/`, `test_LT_part2/`) with the sequences in them, or sequences side by
side. Only the former tell the subset; `splits` knows the official training sequences by name. Box files have a row
for every tenth frame, which was verified for `train_ST_001` alone.
"""

from ingest.annotations.text import tracker
from ingest.source import Layout, Source

_ARCHIVE = "{subset:train|test}_{term:ST|LT}_{part}/"
_SEQUENCE = "{label}_{number}/"


def _layout(above: str) -> Layout:
    return Layout(
        visible=f"{above}{_SEQUENCE}rgb/{{frame:d}}",
        infrared=f"{above}{_SEQUENCE}ir/{{frame:d}}",
        boxes=[
            tracker(f"{above}{_SEQUENCE}rgb.txt", label="{label}", every=10, side="visible"),
            tracker(f"{above}{_SEQUENCE}ir.txt", label="{label}", every=10, side="infrared"),
        ],
    )


SOURCE = Source(
    name="vtuav",
    title="VTUAV",
    pairs=0,  # "1.7 million"; the publisher counts sequences, 500
    band="lwir",
    view="aerial",
    page="https://zhang-pengyu.github.io/DUT-VTUAV/",
    licence="none stated",
    redistribute=False,
    citation="Zhang et al., Visible-Thermal UAV Tracking: A Large-Scale Benchmark and New Baseline, CVPR 2022",
    layouts=[_layout(_ARCHIVE), _layout("")],
    scene="{label}_{number}",
    key="{label}_{number}-{frame:06d}",
    sequence="{label}_{number}",
    files=["train_ST_001.zip to 011", "train_LT_001.zip to 004", "test_ST_001.zip to 013", "test_LT_001.zip to 010"],
)

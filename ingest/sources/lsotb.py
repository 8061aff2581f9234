"""LSOTB-TIR, the training sequences: infrared only, hand-held, from vehicles, drones and fixed cameras.

Accepted: the archives' folders `TIR_training_001/` to 005 with the sequences in them, or sequences side by side.
"""

from ingest.annotations.voc import voc
from ingest.source import Layout, Source

_FRAME = "{label}_{number:d}/{frame:d}"


def _layout(above: str) -> Layout:
    return Layout(visible=None, infrared=above + _FRAME, boxes=[voc(f"{above}{_FRAME}.xml")])


SOURCE = Source(
    name="lsotb",
    title="LSOTB-TIR, training sequences",
    pairs=0,  # "more than 600,000 frames"
    band="mixed",
    view="mixed",
    page="https://github.com/QiaoLiuHit/LSOTB-TIR",
    licence="academic, non-commercial",
    redistribute=False,
    citation="Liu et al., LSOTB-TIR: A Large-Scale High-Diversity Thermal Infrared Object Tracking Benchmark, "
    "ACM Multimedia 2020",
    layouts=[_layout("TIR_training_{part}/"), _layout("")],
    scene="{label}_{number:03d}",
    key="{label}_{number:03d}-{frame:08d}",
    sequence="{label}_{number:03d}",
    subset="train",
    files=["TrainingData parts 1 to 5"],
)

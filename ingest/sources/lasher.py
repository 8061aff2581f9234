"""LasHeR: 1,224 sequences of one tracked target each; many show one place with different targets.

Accepted: training and testing folders under the names in use, or sequences side by side. Files are documented as
`v000.jpg` and `i000.jpg`, and found with six digits: numbers pair them, with the letters or without. The first row of
boxes is for the smallest number of the sequence on either side. Sequences named `*_quezhen` lack frames on one side,
which become failed rows. Unverified: that both sides of every sequence have one size.
"""

from ingest.annotations.text import FirstFrame, tracker
from ingest.source import Layout, Source
from ingest.subsets import ByField

_SUBSETS = {"train": "train", "trainingset": "train", "test": "test", "testingset": "test"}
_PARTED = f"{{side:{'|'.join(_SUBSETS)}}}/{{sequence}}"


def _layout(sequence: str, letters: tuple[str, str]) -> Layout:
    visible = f"{sequence}/visible/{letters[0]}{{frame:d}}"
    infrared = f"{sequence}/infrared/{letters[1]}{{frame:d}}"
    return Layout(
        visible=visible,
        infrared=infrared,
        boxes=[
            tracker(f"{sequence}/visible.txt", label="target", first="{first}", side="visible"),
            tracker(f"{sequence}/infrared.txt", label="target", first="{first}", side="infrared"),
        ],
        match=FirstFrame((visible, infrared)),
    )


SOURCE = Source(
    name="lasher",
    title="LasHeR",
    pairs=0,  # "more than 730,000"; the publisher counts sequences
    band="lwir",
    view="mixed",
    page="https://github.com/BUGPLEASEOUT/LasHeR",
    licence="none stated; research",
    redistribute=False,
    citation="Li et al., LasHeR: A Large-Scale High-Diversity Benchmark for RGBT Tracking, "
    "IEEE Transactions on Image Processing 2021",
    layouts=[
        _layout(_PARTED, ("v", "i")),
        _layout("{sequence}", ("v", "i")),
        _layout(_PARTED, ("", "")),
        _layout("{sequence}", ("", "")),
    ],
    scene="{sequence}",
    key="{sequence}-{frame:06d}",
    sequence="{sequence}",
    subset=ByField("side", _SUBSETS),
)

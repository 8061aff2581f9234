"""Freiburg Thermal: drives by day and by night, thermal with 16 bits, warped onto the left visible camera.

Accepted: the training drives, below `train/` or not, and the small labelled test set alone, whose thermal names lack
the last digit before `_ir`. Raw levels of 0 lie outside of the warped area. The window is the one that ThermalGen uses.
How many there are is unverified: about 20.6 thousand to train and 64 to test.
"""

from ingest.matching import Told
from ingest.source import Layout, Source

_DRIVE = "{subset:train}/{drive:**}"
_BARE_DRIVE = "seq_{number}_{light:day|night}/{part}"
_DIGIT = "{:0|1|2|3|4|5|6|7|8|9}"

SOURCE = Source(
    name="freiburg",
    title="Freiburg Thermal",
    pairs=0,
    band="lwir",
    view="driving",
    page="http://thermal.cs.uni-freiburg.de/",
    licence="research use",
    redistribute=False,
    citation="Vertens et al., HeatNet: Bridging the Day-Night Domain Gap in Semantic Segmentation with Thermal Images, "
    "IROS 2020",
    layouts=[
        Layout(visible=f"{_DRIVE}/fl_rgb/fl_rgb_{{time}}", infrared=f"{_DRIVE}/fl_ir_aligned/fl_ir_aligned_{{time}}"),
        Layout(
            visible=f"{_BARE_DRIVE}/fl_rgb/fl_rgb_{{time}}",
            infrared=f"{_BARE_DRIVE}/fl_ir_aligned/fl_ir_aligned_{{time}}",
            match=Told({"subset": "train", "drive": "seq_{number}_{light}/{part}"}),
        ),
        Layout(
            visible=f"{{subset:test}}/{{drive}}/ImagesRGB/{{time}}{_DIGIT}_rgb",
            infrared="{subset:test}/{drive}/ImagesIR/{time}_ir",
        ),
    ],
    key="{drive}/{time}",
    sequence="{drive}",
    scene="{drive}",
    valid_area=True,
    window=("thermalgen", 21_800, 25_000),
)

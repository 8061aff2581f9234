"""CVC-14: pedestrians by day and by night; the visible side is grey, and the two cameras are not synchronised.

Names are times of capture, equal on both sides for listed frames. The fields of view differ, so the thermal side is
strongly shifted: a stress set, which `--min-registration` mostly leaves out. Each side has boxes of its own, counted
from 1, with `x y` the centre; some frames have them on one side only.
"""

from ingest.annotations.text import cvc14
from ingest.scenes import Pauses
from ingest.source import Layout, Source
from ingest.subsets import ByField

_PATH = "{light:Day|Night}/%s/{split:Train|NewTest}/{kind:FramesPos|FramesNeg}/{time}"
_BOXES = "{light:Day|Night}/%s/{split:Train|NewTest}/Annotations/{time}.txt"

SOURCE = Source(
    name="cvc14",
    title="CVC-14",
    pairs=8_518,
    band="lwir",
    view="driving",
    page="http://adas.cvc.uab.es/elektra/enigma-portfolio/cvc-14-visible-fir-day-night-pedestrian-sequence-dataset/",
    licence="research use",
    redistribute=False,
    citation="González et al., Pedestrian Detection at Day/Night Time with Visible and FIR Cameras: A Comparison, "
    "Sensors 2016",
    layouts=[
        Layout(
            visible=_PATH % "Visible",
            infrared=_PATH % "FIR",
            boxes=[cvc14(_BOXES % "Visible", side="visible"), cvc14(_BOXES % "FIR", side="infrared")],
        )
    ],
    key="{light}-{kind}-{time}",
    sequence="{light}/{split}",
    subset=ByField("split", {"Train": "train", "NewTest": "test"}),
    scene=Pauses("time", "%Y_%m_%d_%H_%M_%S_%f", seconds=2, series="{light}/{split}"),
)

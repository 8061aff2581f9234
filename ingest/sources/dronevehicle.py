"""DroneVehicle: vehicles from a drone at 80 to 120 m, day to night, registered.

Published with a white border of 100 px on all sides, 840x712 for 640x512; images that are 640x512 already are taken as
they are. Boxes count from the border's corner in both. An eighth of the annotation files names the flight; the others
say nothing, and numbers run on from flight to flight. So a scene is a run of neighbouring numbers: in a whole download,
one for each subset. Unverified: that no number is absent.
"""

from ingest.annotations.voc import voc
from ingest.scenes import IdRuns
from ingest.source import Layout, Source

_SUBSET = "{subset:train|val|test}/{:train|val|test}"
_WINDOW = (100.0, 100.0, 740.0, 612.0)
_LABELS = {
    "feright_car": "freight car",
    "feright car": "freight car",
    "feright": "freight car",
    "truvk": "truck",
    "*": "unknown",
}

SOURCE = Source(
    name="dronevehicle",
    title="DroneVehicle",
    pairs=28_439,
    band="lwir",
    view="aerial",
    page="https://github.com/VisDrone/DroneVehicle",
    licence="none stated by the publisher",
    redistribute=False,
    citation="Sun et al., Drone-Based RGB-Infrared Cross-Modality Vehicle Detection via Uncertainty-Aware Learning, "
    "IEEE TCSVT 2022",
    layouts=[
        Layout(
            visible=_SUBSET + "img/{id}",
            infrared=_SUBSET + "imgr/{id}",
            boxes=[
                voc(_SUBSET + "label/{id}.xml", side="visible", labels=_LABELS, window=_WINDOW),
                voc(_SUBSET + "labelr/{id}.xml", side="infrared", labels=_LABELS, window=_WINDOW),
            ],
        )
    ],
    scene=IdRuns("id", gap=1, series="{subset}"),
    key="{subset}_{id}",  # numbers begin anew in each subset
    border=100,
    framed=(840, 712),
    files=["train.zip", "val.zip", "test.zip"],
)

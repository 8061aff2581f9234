"""NII-CU MAPD: people seen from a drone at 20 to 50 m, the camera turned 45 degrees down.

Accepted: `4-channel/`, where thermal was warped onto the undistorted visible image, and `rgb-t/`, where both show one
field of view at 3840x2160 and 995x560. The visible side is resampled to the thermal size where they differ. Boxes are
in pixels of the visible image as published; that the sides of `4-channel/` have one size is unverified. Flights are
not named: a scene is a run of numbers without a gap above 20 (unverified).
"""

from ingest.annotations.text import nii_cu
from ingest.scenes import IdRuns
from ingest.source import Layout, Source

_PATH = "images/%s/{subset:train|val}/{id}"
_BOXES = "labels/{subset:train|val}/{id}.txt"

SOURCE = Source(
    name="nii_cu",
    title="NII-CU MAPD",
    pairs=5_880,
    band="lwir",
    view="aerial",
    page="https://www.nii-cu-multispectral.org/",
    licence="CC BY-NC-SA 3.0, as others quote it",
    redistribute=False,
    citation="Speth et al., Deep learning with RGB and thermal images onboard a drone for monitoring operations, "
    "Journal of Field Robotics, 2022",
    layouts=[
        Layout(
            visible="4-channel/" + _PATH % "rgb",
            infrared="4-channel/" + _PATH % "thermal",
            boxes=[nii_cu("4-channel/" + _BOXES)],
        ),
        Layout(
            visible="rgb-t/" + _PATH % "rgb",
            infrared="rgb-t/" + _PATH % "thermal",
            boxes=[nii_cu("rgb-t/" + _BOXES, window=(0, 0, 3840, 2160))],
        ),
    ],
    scene=IdRuns("id", gap=20),
    valid_area=True,
    resize="visible",
)

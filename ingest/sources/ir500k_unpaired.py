"""IR-500K, the infrared images of DiffV2IR's first phase, without visible sides.

Accepted: whatever lies below a folder `unpaired`. Unverified: that folder's name and inner layout, and the count; the
list of the 500,000 images is not public. Names like those of the released pairs have their scenes too.
"""

from dataclasses import replace

from ingest.source import Layout
from ingest.sources import ir500k

SOURCE = replace(
    ir500k.SOURCE,
    name="ir500k_unpaired",
    title="IR-500K, infrared images of phase 1",
    pairs=500_000,
    licence="none stated; the terms of its sources",
    layouts=[Layout(visible=None, infrared="unpaired/{path:**}")],
    scene=ir500k.TrueScenes("{path}"),
    key="{path}",
    files=["IR-500k/ (the infrared images)"],
)

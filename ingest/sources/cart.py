"""CART (Caltech): drones over rivers, lakes, coasts and deserts; the labelled pairs.

Accepted: `labeled_rgbt_pairs/` with the 16-bit thermal side, or where that is absent with the 8-bit one. The
publisher's window is the 1st and 99th percentile of each image. Of its 31 flights, 25 stand on more than one official
side, so those sides are not taken over: split by scene, which is the flight.
"""

from ingest.source import Layout, Source

_FRAME = "{flight}_thermal-{frame:d}"

SOURCE = Source(
    name="cart",
    title="CART",
    pairs=2_282,
    band="lwir",
    view="aerial",
    page="https://data.caltech.edu/records/cks6g-ps927",
    licence="CC BY-NC-SA 4.0",
    redistribute=True,
    citation="Lee et al., Caltech Aerial RGB-Thermal Dataset in the Wild, ECCV 2024",
    layouts=[
        Layout(visible="color/{flight}_eo-{frame:d}", infrared=f"thermal16/{_FRAME}"),
        Layout(visible="color/{flight}_eo-{frame:d}", infrared=f"thermal8/{_FRAME}"),
    ],
    key="{flight}-{frame:05d}",
    sequence="{flight}",
    scene="{flight}",
    window=("percentile-1-99", 0, 0),
)

"""AVIID: roads from a drone, by day (AVIID-1), in low light (AVIID-2), and larger (AVIID-3).

Accepted: the pix2pix folders in which it is used, A being visible, below AVIID-1, AVIID-2 or AVIID-3, or all of them;
or those of one set alone, which is then set 0, since nothing below RAW tells which it is. Unverified: the publisher's
own folders, the band, and which of the three the 1,280 `AVIID1_*` of IR-500K are. Frames are neighbours in videos of
which no list tells the borders: groups must be found by content.
"""

from ingest.matching import Told
from ingest.source import Layout, Source

_SET = "{:AVIID-|AVIID_|AVIID}{set:1|2|3}/"
_VISIBLE, _INFRARED = "{subset:train|val|test}A/{id}", "{subset:train|val|test}B/{id}"

SOURCE = Source(
    name="aviid",
    title="AVIID",
    pairs=3_363,
    band="unknown",
    view="aerial",
    page="https://github.com/silver-hzh/Averial-visible-to-infrared-image-translation",
    licence="none stated",
    redistribute=False,
    citation="Han et al., Aerial Visible-to-Infrared Image Translation: Dataset, Evaluation, and Baseline, "
    "Journal of Remote Sensing 2023",
    layouts=[
        Layout(visible=_SET + _VISIBLE, infrared=_SET + _INFRARED),
        Layout(visible=_VISIBLE, infrared=_INFRARED, match=Told({"set": "0"})),
    ],
    scene="{set}/{subset}/{id}",
    key="aviid-{set}-{subset}-{id}",  # whether numbers begin anew in each folder is unverified
    files=["AVIID-1", "AVIID-2", "AVIID-3"],
)

"""LLVIP: static surveillance cameras, mostly at night."""

from ingest.annotations.voc import voc
from ingest.source import Layout, Source

SOURCE = Source(
    name="llvip",
    title="LLVIP",
    pairs=15_488,
    band="lwir",
    view="surveillance",
    page="https://bupt-ai-cz.github.io/LLVIP",
    licence="LLVIP terms: non-commercial academic use, with citation; no right to pass it on",
    redistribute=False,
    citation="Jia et al., LLVIP: A Visible-infrared Paired Dataset for Low-light Vision, ICCV Workshops 2021",
    layouts=[
        Layout(
            visible="visible/{subset:train|test}/{id}",
            infrared="infrared/{subset:train|test}/{id}",
            boxes=[voc("Annotations/{id}.xml")],
        )
    ],
    scene="{id[:2]}",  # the camera; the last four digits count its frames
    files=["LLVIP.zip"],
)

"""Raytron (InfiRay) open platform: infrared images behind a registration, in collections of their own.

Accepted: any folder of infrared images, all of it. Unverified: layout, counts and terms; there is no stable list of
files. Each folder is taken for a scene; an image in no folder for one of its own.
"""

from ingest.scenes import Folders
from ingest.source import Layout, Source

SOURCE = Source(
    name="raytron",
    title="Raytron open platform",
    pairs=0,
    band="lwir",
    view="mixed",
    page="http://openai.raytrontek.com/",
    licence="the platform's terms, accepted at registration",
    redistribute=False,
    citation="Raytron Technology, infrared open platform, http://openai.raytrontek.com/",
    layouts=[Layout(visible=None, infrared="{path:**}")],
    scene=Folders("path"),
    key="{path}",
)

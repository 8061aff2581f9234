"""Any folder of infrared images without visible ones, or the template that the user gives by --infrared.

Each folder is taken for a scene; an image in no folder for one of its own.
"""

from ingest.scenes import Folders
from ingest.source import Layout, Source

SOURCE = Source(
    name="ir_folder",
    title="Any folder of infrared images",
    pairs=0,
    band="unknown",
    view="unknown",
    page="",
    licence="unknown: the owner's terms hold",
    redistribute=False,
    citation="",
    layouts=[Layout(visible=None, infrared="{path:**}")],
    scene=Folders("path"),
    key="{path}",
)

"""TNO image fusion: military scenes from several cameras, many grey on the visible side too, some mid-wave infrared.

Accepted: the collection as published, six families of folders whose names tell the sides in five ways, and the flat
copies (`VIS/`, `IR/`) of fusion repositories, which number it each in its own way; there a picture is a scene. Near
infrared (`NIR`, `NII`) is a second reflected-light band and never the partner. The families are known from public
loaders, the collection itself is unverified.
"""

from ingest.matching import SceneFolders
from ingest.scenes import NamePart
from ingest.source import Layout, Source

_FAMILY = "{family:Athena_images|DHV_images|FEL_images|Triclobs_images|tank}"
_FOLDERS = SceneFolders(
    ("{family}/{visible}", "{family}/{infrared}"),
    visible=frozenset({"vis", "eo", "dhv", "dhvr", "visual"}),
    infrared=frozenset({"ir", "rad", "lwir", "thermal"}),
)

SOURCE = Source(
    name="tno",
    title="TNO Image Fusion",
    pairs=0,
    band="mixed",
    view="mixed",
    page="https://figshare.com/articles/dataset/TNO_Image_Fusion_Dataset/1008029",
    licence="CC BY 4.0",
    redistribute=True,
    citation="Toet, The TNO Multiband Image Data Collection, Data in Brief, 2017",
    layouts=[
        Layout(visible=f"{_FAMILY}/{{visible:**}}", infrared=f"{_FAMILY}/{{infrared:**}}", match=_FOLDERS),
        Layout(visible="{:VIS|vi|visible}/{id}", infrared="{:IR|infrared}/{id}"),
    ],
    scene=NamePart("id", r"(.+)/\d+"),
    valid_area=True,
    files=["TNO_Image_Fusion_Dataset.zip"],
)

"""HIT-UAV: infrared only, a drone at 60 to 130 m over schools, streets and car parks.

Names tell day or night, altitude, pitch, weather, and a running number: `1_60_30_0_00000`. The publisher ships the
images four times; they are taken from `normal_xml/`, else from `normal_json/`. The official split is random over
frames: of 906 pairs of consecutive numbers of one flight 414 lie on different sides.
"""

from collections.abc import Sequence

from ingest.annotations.coco import coco
from ingest.annotations.voc import voc
from ingest.scenes import Runs
from ingest.source import Git, Layout, Source
from ingest.subsets import IndexFiles
from ingest.template import Fields
from ingest.tree import Folder

_NAME = "{flight}_{frame:05d}"
_LISTS = IndexFiles({side: f"normal_xml/ImageSets/Main/{side}.txt" for side in ("train", "val", "test")}, _NAME)


def _subsets(samples: Sequence[Fields], folder: Folder) -> list[str]:
    """The folder where folders tell it, the index files where they do not."""
    by_folder = [str(fields["subset"]) for fields in samples if "subset" in fields]
    return by_folder or _LISTS(samples, folder)


SOURCE = Source(
    name="hit_uav",
    title="HIT-UAV",
    pairs=2_898,
    band="lwir",
    view="aerial",
    page="https://github.com/suojiashun/HIT-UAV-Infrared-Thermal-Dataset",
    licence="CC BY 4.0",
    redistribute=True,
    citation="Suo et al., HIT-UAV: A high-altitude infrared thermal dataset for Unmanned Aerial Vehicle-based object "
    "detection, Scientific Data 2023",
    layouts=[
        Layout(
            visible=None,
            infrared="normal_xml/JPEGImages/{flight}_{frame:d}",
            boxes=[voc("normal_xml/Annotations/{flight}_{frame:d}.xml", first=0)],
        ),
        Layout(
            visible=None,
            infrared="normal_json/{subset:train|val|test}/{flight}_{frame:d}",
            boxes=[coco("normal_json/annotations/{subset:train|val|test}.json", _NAME)],
        ),
    ],
    scene=Runs("{frame}", gap=10, label="{flight}"),
    key=_NAME,
    subset=_subsets,
    fetch=[
        Git("https://github.com/suojiashun/HIT-UAV-Infrared-Thermal-Dataset", "f8100db", ["normal_xml", "LICENSE"]),
    ],
)

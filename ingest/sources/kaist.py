"""KAIST multispectral pedestrians: a beam splitter on a car, 41 videos of 20 frames a second, by day and by night.

Accepted: kaist-cvpr15.tar.gz unpacked (`images/`), the zips of the sets (`set00/`) or of the videos (`set00_V000`, with
more folders in them or fewer, packed or unpacked), and flat re-packs whose names hold set, video and frame; images as
JPEG or PNG. Boxes are those of `annotations/`, where the two sides share one list, and of `annotations_paired/`, where
each has its own. Side by side they are sometimes apart by some pixels.
"""

from ingest.annotations.text import bbgt
from ingest.source import Layout, Source
from ingest.subsets import ByField

_FLAT = "set{set:d}_V{video:d}_I{frame:d}"
_VIDEOS = (  # below a set's folder, or below one that is named after the zip of a single video
    "set{set:d}/V{video:d}",
    "set{:d}_V{:d}/set{set:d}/V{video:d}",
    "set{set:d}_V{:d}/V{video:d}",
    "set{set:d}_V{video:d}",
)
_BOXES = [
    bbgt("annotations/set{set:d}/V{video:d}/I{frame:d}.txt"),
    bbgt("annotations_paired/set{set:d}/V{video:d}/visible/I{frame:d}.txt", side="visible"),
    bbgt("annotations_paired/set{set:d}/V{video:d}/lwir/I{frame:d}.txt", side="infrared"),
]

SOURCE = Source(
    name="kaist",
    title="KAIST Multispectral Pedestrian",
    pairs=95_328,
    band="lwir",
    view="driving",
    page="https://soonminhwang.github.io/rgbt-ped-detection/",
    licence="CC BY-NC-SA 4.0",
    redistribute=True,
    citation="Hwang et al., Multispectral Pedestrian Detection: Benchmark Dataset and Baseline, CVPR 2015",
    layouts=[
        Layout(
            visible="images/set{set:d}/V{video:d}/visible/I{frame:d}",
            infrared="images/set{set:d}/V{video:d}/lwir/I{frame:d}",
            boxes=_BOXES,
        ),
        *(Layout(f"{video}/visible/I{{frame:d}}", f"{video}/lwir/I{{frame:d}}", _BOXES) for video in _VIDEOS),
        Layout(visible=f"{_FLAT}_visible", infrared=f"{_FLAT}_lwir"),
        Layout(visible=f"visible/{_FLAT}", infrared=f"{{:lwir|infrared}}/{_FLAT}"),
        Layout(visible=f"visible/{{:train|test}}/{_FLAT}", infrared=f"{{:lwir|infrared}}/{{:train|test}}/{_FLAT}"),
    ],
    key="set{set:02d}/V{video:03d}/I{frame:05d}",
    sequence="set{set:02d}/V{video:03d}",
    subset=ByField("set", {str(number): "train" if number < 6 else "test" for number in range(12)}),
    scene="set{set:02d}/V{video:03d}",
    files=["kaist-cvpr15.tar.gz"],
)

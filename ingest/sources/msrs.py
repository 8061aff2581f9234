"""MSRS: 1,444 aligned pairs of MFNet, their infrared side with more contrast, by day (D) and by night (N).

Accepted: the repository as it is, and `vi/` beside `ir/` without the official sides. `detection/` shows 80 of the same
pictures again and is left out. The official test side is every fourth name: it leaks into train.
"""

from ingest.scenes import BlockTable
from ingest.source import Git, Layout, Source

_NAME = "{number:d}{light:D|N}"

SOURCE = Source(
    name="msrs",
    title="MSRS",
    pairs=1_444,
    band="lwir",
    view="driving",
    page="https://github.com/Linfeng-Tang/MSRS",
    licence="none stated; made from MFNet, research use",
    redistribute=False,
    citation="Tang et al., PIAFusion: A Progressive Infrared and Visible Image Fusion Network Based on Illumination "
    "Aware, Information Fusion, 2022",
    layouts=[
        Layout(visible=f"{{subset:train|test}}/vi/{_NAME}", infrared=f"{{subset:train|test}}/ir/{_NAME}"),
        Layout(visible=f"{{:vi|visible}}/{_NAME}", infrared=f"{{:ir|infrared}}/{_NAME}"),
    ],
    key="{number:05d}{light}",
    scene=BlockTable("number", "msrs_blocks.json"),
    fetch=[Git("https://github.com/Linfeng-Tang/MSRS", "09f1581", ["train", "test"])],
)

"""PST900: a robot in caves and tunnels; thermal warped onto the visible camera with holes filled at the borders.

Accepted: the archive's `thermal/` (8 bits, gain control of the camera), and where that is absent `thermal_raw/` (16
bits). The same name stands in every folder although it contains `rgb`. Readme and paper count the sides differently
(606/288 and 597/297), and the readme calls test what the folder calls train: the folders hold. Bags are taken to be
scenes and to recur on both sides (unverified).
"""

from ingest.source import Layout, Source

_NAME = "{bag}_rect_rgb_frame{frame:d}"

SOURCE = Source(
    name="pst900",
    title="PST900",
    pairs=894,
    band="lwir",
    view="mixed",
    page="https://github.com/ShreyasSkandanS/pst900_thermal_rgb",
    licence="none stated for the data (code GPL-3.0); research use",
    redistribute=False,
    citation="Shivakumar et al., PST900: RGB-Thermal Calibration, Dataset and Segmentation Network, ICRA 2020",
    layouts=[
        Layout(visible=f"{{subset:train|test}}/rgb/{_NAME}", infrared=f"{{subset:train|test}}/thermal/{_NAME}"),
        Layout(visible=f"{{subset:train|test}}/rgb/{_NAME}", infrared=f"{{subset:train|test}}/thermal_raw/{_NAME}"),
    ],
    key="{bag}_{frame:010d}",
    sequence="{bag}",
    scene="{bag}",
    window=("percentile-1-99", 0, 0),
    files=["PST900_RGBT_Dataset.zip"],
)

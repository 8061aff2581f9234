"""Rendered scenes in LLVIP's layout: for the demo, for tests, and for work without a download."""

from pathlib import Path

from ingest.annotations.voc import voc
from ingest.layers import caption_table, map_images
from ingest.source import Layout, Source


def _render(folder: Path) -> None:
    from ingest.render.dataset import render

    render(folder)


SOURCE = Source(
    name="synthetic",
    title="Rendered scenes",
    pairs=240,
    band="rendered",
    view="surveillance",
    page="rendered by `python -m ingest synthetic DIR`",
    licence="CC0-1.0",
    redistribute=True,
    citation="rendered by ir500k; nothing to cite",
    layouts=[
        Layout(
            visible="visible/{subset:train|test}/{id}",
            infrared="infrared/{subset:train|test}/{id}",
            boxes=[voc("Annotations/{id}.xml")],
            layers={
                "truth-maps": map_images("truth/maps/{id}"),
                "truth-captions": caption_table("truth/captions.json", "{id}"),
            },
        )
    ],
    scene="{id[:2]}",
    prepare=_render,
)

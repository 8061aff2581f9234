"""VEDAI: orthophotos from the air with their NEAR-infrared, reflected light and not heat.

`Vehicules512` is `Vehicules1024` reduced: one of the two is taken, the larger where both are whole. Numbers of classes
9 to 11 mean other things in other places; these are the most common names. Unverified: whether neighbouring numbers
are neighbouring tiles; each image is taken for a scene.
"""

from ingest.annotations.text import vedai
from ingest.source import Layout, Source

_CLASSES = {
    "1": "car",
    "2": "truck",
    "4": "tractor",
    "5": "camping car",
    "7": "motorcycle",
    "8": "bus",
    "9": "van",
    "10": "other",
    "11": "pickup",
    "23": "boat",
    "31": "plane",
}


def _layout(size: int) -> Layout:
    return Layout(
        visible=f"Vehicules{size}/{{id}}_co",
        infrared=f"Vehicules{size}/{{id}}_ir",
        boxes=[vedai(f"Annotations{size}/{{id}}.txt", labels=_CLASSES)],
    )


SOURCE = Source(
    name="vedai",
    title="VEDAI (near-infrared)",
    pairs=1_268,
    band="nir",
    view="aerial",
    page="https://downloads.greyc.fr/vedai/",
    licence="own terms, research only",
    redistribute=False,
    citation="Razakarivony and Jurie, Vehicle Detection in Aerial Imagery: A small target detection benchmark, "
    "Journal of Visual Communication and Image Representation 2016",
    layouts=[_layout(1024), _layout(512)],
    scene="{id}",
    files=["Vehicules1024.tar.001 to .005 (cat them into one tar)", "Annotations1024.tar"],
)

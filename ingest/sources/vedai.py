"""VEDAI: orthophotos from the air with their NEAR-infrared, reflected light and not heat.

`Vehicules512` is `Vehicules1024` reduced: one of the two is taken, the larger where both are whole. One of these
folders alone is accepted too, with the rows of boxes beside the images or none. Numbers of classes 9 to 11 mean other
things in other places; these are the most common names. Unverified: whether neighbouring numbers are neighbouring
tiles; each image is taken for a scene.
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


def _layout(images: str, annotations: str) -> Layout:
    return Layout(
        visible=f"{images}{{id}}_co",
        infrared=f"{images}{{id}}_ir",
        boxes=[vedai(f"{annotations}{{id}}.txt", labels=_CLASSES)],
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
    layouts=[
        _layout("Vehicules1024/", "Annotations1024/"),
        _layout("Vehicules512/", "Annotations512/"),
        _layout("", ""),
    ],
    scene="{id}",
    files=["Vehicules1024.tar.001 to .005 (cat them into one tar)", "Annotations1024.tar"],
)

"""IR-500K, the pairs that were released with DiffV2IR: 66,023 of seven sources, with segmentation maps.

Names begin with their source, and are those that the released `seeds.json` lists; M3FD is not among them. A scene is
what the true source takes for one. Unverified: whether DroneVehicle's images still have their white border, and the
set of AVIID that `AVIID1` stands for.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.layers import map_images
from ingest.source import Layout, Source, sources
from ingest.template import Fields, Template, fill

ORIGINS: Mapping[str, tuple[str, str]] = {
    "kaist": ("kaist", "kaist_set{set:d}_V{video:d}_I{frame:d}"),
    "LLVIP": ("llvip", "LLVIP_{id}"),
    "visdrone": ("dronevehicle", "visdrone_{subset:train|val|test}_{id}"),
    "DUTUAV": ("vtuav", "DUTUAV_{label}_{number}_{frame:d}"),
    "FLIR": ("flir_aligned", "FLIR_{number:d}"),
    "MSRS": ("msrs", "MSRS_{number:d}{light:D|N}"),
}
"""By the first word of a released name: the true source, and the form of the whole name in that source's fields."""


@dataclass(frozen=True)
class TrueScenes:
    """Scenes as the true sources make them; a name that tells no source is a scene of its own.

    Attributes:
        name: template of the released name; folders before it are left out.
    """

    name: str

    def __call__(self, samples: Sequence[Fields]) -> list[str]:
        """Scenes in the order of the samples."""
        scenes = [fill(self.name, fields).rpartition("/")[2] for fields in samples]
        members: dict[str, list[tuple[int, Fields]]] = defaultdict(list)
        forms = {word: Template(form, image=False) for word, (_, form) in ORIGINS.items()}
        matchers = {word: form.matcher() for word, form in forms.items()}
        for index, name in enumerate(scenes):
            word = name.partition("_")[0]
            if word in matchers and (found := matchers[word](name)):
                members[ORIGINS[word][0]].append((index, dict(zip(forms[word].names, found[1], strict=True))))
        known = sources()
        for source, numbered in members.items():
            found_scenes = known[source].scenes([fields for _, fields in numbered])
            for (index, _), scene in zip(numbered, found_scenes, strict=True):
                scenes[index] = f"{source}/{scene}"
        return scenes


_NAME = f"{{origin:{'|'.join([*ORIGINS, 'AVIID1'])}}}_{{id}}"

SOURCE = Source(
    name="ir500k",
    title="IR-500K, released pairs",
    pairs=66_023,
    band="mixed",
    view="mixed",
    page="https://huggingface.co/datasets/Lidong26/IR-500K",
    licence="none stated; the terms of the seven sources",
    redistribute=False,
    citation="Ran et al., DiffV2IR: Visible-to-Infrared Diffusion Model via Vision-Language Understanding, 2025",
    layouts=[
        Layout(visible=f"rgb/{_NAME}", infrared=f"ir/{_NAME}", layers={"raw-maps": map_images(f"seg/{_NAME}")}),
    ],
    scene=TrueScenes("{origin}_{id}"),
    key="{origin}_{id}",
    valid_area=True,
    files=["IR-500k/ (rgb, ir, seg and seeds.json)"],
)

"""Any folder with `rgb/` and `ir/` (and maybe `seg/`), or with the templates that the user gives."""

from dataclasses import replace

from ingest.layers import map_images
from ingest.source import Layout, Source
from shards.errors import UserError

_MAPS = {"raw-maps": map_images("seg/{id}")}
_MAPS_BY_SUBSET = {"raw-maps": map_images("{subset:train|val|test}/seg/{id}")}

SOURCE = Source(
    name="folder",
    title="Any paired folders",
    pairs=0,
    band="unknown",
    view="unknown",
    page="",
    licence="unknown: the owner's terms hold",
    redistribute=False,
    citation="",
    layouts=[
        Layout(visible="rgb/{id}", infrared="ir/{id}", layers=_MAPS),
        Layout(
            visible="{subset:train|val|test}/rgb/{id}",
            infrared="{subset:train|val|test}/ir/{id}",
            layers=_MAPS_BY_SUBSET,
        ),
    ],
    scene="{id}",
    same_size=False,
)


def from_templates(name: str, visible: str | None, infrared: str) -> Source:
    """A source of the user's own.

    Raises:
        UserError: the templates share no field, or none is called `id`.
    """
    layout = Layout(visible, infrared)
    left, right = layout.templates()
    shared = right.fields if left is None else left.fields & right.fields
    if not shared:
        raise UserError(
            f"templates {visible!r} and {infrared!r} share no field", "name the common part, e.g. {id}, in both", code=2
        )
    key = "-".join(f"{{{field}}}" for field in sorted(shared - {"subset"}) or sorted(shared))
    return replace(SOURCE, name=name, title=name, layouts=[layout], key=key, scene=key)

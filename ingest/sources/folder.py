"""Any folder with `rgb/` and `ir/` (and maybe `seg/`), or as the user says: by templates, by order, or by a table."""

from collections.abc import Set
from dataclasses import replace

from ingest.layers import map_images
from ingest.pairing import in_order, in_table
from ingest.source import Layout, Source
from ingest.template import Template
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


def by_templates(name: str, visible: str | None, infrared: str) -> Source:
    """A source of the user's own, whose files pair by the fields that two templates share.

    Args:
        visible: None for infrared alone.

    Raises:
        UserError: the templates share no field.
    """
    layout = Layout(visible, infrared)
    left, right = layout.templates()
    shared = right.fields if left is None else left.fields & right.fields
    if not shared:
        raise UserError(
            f"templates {visible!r} and {infrared!r} share no field",
            "name the common part, e.g. {id}, in both; or --pairs order, or --pairs FILE.csv",
            code=2,
        )
    return _named_by(shared, name, layout)


def by_order(name: str, visible: str, infrared: str) -> Source:
    """Likewise, the n-th file with the n-th, named after the visible one."""
    rule = in_order(visible, infrared)
    return _named_by(Template(visible).fields, name, Layout(rule.visible, rule.infrared, match=rule))


def by_table(name: str, file: str) -> Source:
    """Likewise, by a CSV file with two columns of paths."""
    return _named_by({"id"}, name, Layout("{visible:**}", "{infrared:**}", match=in_table(file)))


def _named_by(fields: Set[str], name: str, layout: Layout) -> Source:
    """Keys and scenes hold all fields but the subset, unless that is all there is."""
    key = "-".join(f"{{{field}}}" for field in sorted(fields - {"subset"}) or sorted(fields))
    return replace(SOURCE, name=name, title=name, layouts=[layout], key=key, scene=key)

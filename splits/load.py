"""`load`: a subset of a dataset as a torch dataset of samples."""

from pathlib import Path
from typing import TYPE_CHECKING

from shards.console import say
from shards.errors import UserError
from shards.home import Home
from shards.layer import Kind, LayerReader
from shards.manifest import Manifest
from splits.build import build, require_sources
from splits.definition import Definition, get
from splits.pinned import Pinned, pinned, require_unchanged

if TYPE_CHECKING:
    from shards.dataset import SampleDataset


def load(
    name: str,
    subset: str,
    *,
    home: str | Path | Home | None = None,
    captions: str = "auto",
    maps: str = "auto",
    partial: bool = False,
) -> "SampleDataset":
    """A subset as a map-style torch dataset of `shards.sample.Sample`, in key order.

    Args:
        name: a dataset, `name@fingerprint` for an older build, or the path of a TOML file.
        subset: train, val or test.
        home: default $IR500K_HOME, else ~/ir500k.
        captions: a layer's name, `none`, or `auto`: the one caption layer that covers every sample.
        maps: likewise for maps.
        partial: take a dataset whose images are not all there.

    Raises:
        UserError: unknown names, a source that is not ingested, data that are no longer what was pinned.
    """
    from shards.dataset import SampleDataset
    from shards.reader import Reader

    place = home if isinstance(home, Home) else Home.find(home)
    name, _, version = name.partition("@")
    definition = get(name)
    with Manifest.open(place) as manifest:
        built = resolve(definition, place, manifest, version, partial=partial)
        require_unchanged(built, manifest, subset)
        members = built.members(subset)
        table = manifest.table(
            "select * exclude (part) from samples where key in (select unnest($1)) order by key", [list(members)]
        )
        texts = layer_for("captions", captions, definition, place, manifest, list(members))
        regions = layer_for("maps", maps, definition, place, manifest, list(members))
    reader = Reader(place, captions=texts, maps=regions)
    return SampleDataset(
        reader,
        table,
        title=definition.name,
        fingerprint=built.subsets[subset],
        groups=members,
        partial=built.partial,
        captions=texts.name if texts else "",
        maps=regions.name if regions else "",
    )


def resolve(
    definition: Definition, home: Home, manifest: Manifest, version: str = "", *, partial: bool = False
) -> Pinned:
    """The build to use: the pinned one, or a new one where there is none or the definition has changed.

    Raises:
        UserError: a source is not ingested, no build begins with `version`, or images are missing.
    """
    require_sources(definition, home, manifest, partial=partial)
    found = pinned(definition, home, version)
    if found is not None and (version or found.definition == definition.digest):
        if found.partial and not partial:
            raise UserError(f"{definition.name} was built with --partial", "give --partial, or ingest the whole source")
        return found
    if found is not None:
        say(f"{definition.name}: its definition has changed, built anew (the old one: @{found.fingerprint[:8]})")
    return build(definition, home, manifest, partial=partial)


def layer_for(
    kind: Kind, asked: str, definition: Definition, home: Home, manifest: Manifest, keys: list[str]
) -> LayerReader | None:
    """The reader of the layer to join, or None.

    Raises:
        UserError: the named layer does not cover the dataset, or `auto` finds more than one that does.
    """
    if asked == "none":
        return None
    known = manifest.rows(
        "select distinct name from layers where kind = $1 and list_contains($2, source) order by name",
        [kind, list(definition.sources)],
    )
    names = [row["name"] for row in known] if asked == "auto" else [asked]
    covering = {
        name: reader
        for name in names
        if (reader := LayerReader(home, name, definition.sources)).covers(keys) and reader.kind == kind
    }
    if len(covering) > 1:
        raise UserError(
            f"{definition.name} has several layers of {kind}: {', '.join(covering)}", f"choose one with --{kind} NAME"
        )
    if not covering and asked != "auto":
        raise UserError(
            f"layer {asked!r} does not cover {definition.name} with {kind}", "`python -m shards stats` lists the layers"
        )
    return next(iter(covering.values()), None)

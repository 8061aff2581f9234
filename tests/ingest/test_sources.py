"""What every source promises: a whole declaration, and a tree made of its own templates that ingests cleanly."""

import json
import os
import re
from dataclasses import replace

import pytest

from ingest.source import get, sources
from ingest.template import fill
from shards import part
from shards.errors import UserError
from shards.home import Home
from shards.manifest import Manifest
from shards.verify import verify

SOURCES = sources()
BOX = "<annotation><object><name>car</name><bndbox>{}</bndbox></object></annotation>".format(
    "".join(
        f"<{tag}>{value}</{tag}>" for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), (1, 1, 9, 9), strict=True)
    )
)
every_source = pytest.mark.parametrize("name", SOURCES)
every_layout = pytest.mark.parametrize(
    ("name", "number"), [(name, number) for name, source in SOURCES.items() for number in range(len(source.layouts))]
)


def fields(template, number):
    """Values for the fields of a template: the number itself, and of words the first and last by turns."""
    values = {}
    for name, kind in re.findall(r"\{([a-z_]*)(?::([^{}]*))?\}", template):
        words = kind.split("|")
        values[name] = number if kind == "d" else words[-(number % 2)] if kind else f"{number:06d}"
    return values


def path(template, values):
    """A path of that template; of unnamed words the first."""
    plain = re.sub(r"\{:([^|}]*)[^}]*\}", r"\1", template)
    return fill(re.sub(r"\{([a-z_]+):[^}]*\}", r"{\1}", plain), values)


@pytest.fixture
def tree(tmp_path, save):
    """`tree(source, layout)`: a raw folder of four pairs with every annotation that the layout knows."""

    def make(source, layout):
        raw = tmp_path / "RAW"
        captions = {}
        for number in range(4):
            values = fields(layout.infrared, number) | fields(layout.visible or "", number)
            if layout.visible:
                save(raw / f"{path(layout.visible, values)}.png", 10 + number, channels=3)
            save(raw / f"{path(layout.infrared, values)}.png", 20 + number)
            if layout.boxes:
                place = raw / path(layout.boxes.template.text, values)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(BOX)
            for files in layout.layers.values():
                if files.kind == "maps":
                    save(raw / f"{path(files.template.text, values)}.png", 30 + number)
                else:
                    captions[values["id"]] = f"caption {number}"
                    place = raw / files.template.text
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_text(json.dumps(captions))
        return raw

    return make


@every_source
def test_a_source_says_who_made_it_and_what_may_be_done_with_it(name):
    source = SOURCES[name]
    assert source.name == name
    assert re.fullmatch("[a-z0-9]+(_[a-z0-9]+)*", name)
    assert source.title
    assert source.licence
    assert len(source.layouts) >= 1
    if source.pairs and source.prepare is None:
        assert source.page.startswith("https://")
        assert re.search(r"\b(19|20)\d\d$", source.citation), "the citation ends with the year"
    if source.redistribute:
        assert re.match(r"CC0|CC BY|MIT|Apache", source.licence), "only a licence that says so lets shards be passed on"


@every_layout
def test_the_fields_of_annotations_are_fields_of_the_images(name, number):
    layout = SOURCES[name].layouts[number]
    visible, infrared = layout.templates()
    known = infrared.fields | (visible.fields if visible else frozenset())
    for template in [f.template for f in layout.layers.values()] + ([layout.boxes.template] if layout.boxes else []):
        assert template.fields <= known
    assert visible is None or visible.fields & infrared.fields


@every_layout
def test_a_tree_of_its_own_templates_ingests_cleanly_and_touches_nothing_in_raw(name, number, tree, home, take, capsys):
    source = SOURCES[name]
    layout = source.layouts[number]
    raw = tree(source, layout)
    before = {p: (p.stat().st_mtime_ns, p.is_file() and p.read_bytes()) for p in raw.rglob("*")}
    assert take(name, raw, home, "--json", "--strict") == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert (data["ok"], data["failed"], data["ignored"]) == (4, {}, {"junk": 0, "other": 0})
    assert {p: (p.stat().st_mtime_ns, p.is_file() and p.read_bytes()) for p in raw.rglob("*")} == before
    with Manifest.open(home) as manifest:
        rows = manifest.rows("select * from samples order by key")
        layers = {row["name"] for row in manifest.rows("select * from layers")}
    assert len({row["key"] for row in rows}) == 4
    assert all(row["key"].startswith(f"{name}-") and row["scene"] for row in rows)
    assert {(row["band"], row["licence"]) for row in rows} == {(source.band, source.licence)}
    assert all(len(row["boxes"]) == (layout.boxes is not None) for row in rows)
    assert layers == set(layout.layers)
    assert [found for _, found in verify(home) if found] == []


@every_layout
def test_it_makes_the_same_bytes_again_from_three_folders_above(name, number, tree, home, take, tmp_path, capsys):
    raw = tree(SOURCES[name], SOURCES[name].layouts[number])
    take(name, raw, home)
    above = tmp_path / "download" / "v1" / "data" / name
    above.parent.mkdir(parents=True)
    os.rename(raw, above)
    other = Home(tmp_path / "other")
    assert take(name, tmp_path / "download", other) == 0
    tars = {p.name: p.read_bytes() for p in home.shards.rglob("*.tar")}
    assert {p.name: p.read_bytes() for p in other.shards.rglob("*.tar")} == tars
    rows = [
        [row | {"vis_path": "", "ir_path": ""} for p in part.parts(h) for row in part.read_rows(p)]
        for h in (home, other)
    ]
    assert rows[0] == rows[1]


def test_every_file_beside_the_sources_is_one():
    from importlib import resources

    modules = {
        p.name.removesuffix(".py") for p in resources.files("ingest.sources").iterdir() if p.name.endswith(".py")
    }
    assert modules - {"__init__"} == set(SOURCES)


def test_an_unknown_source_gets_the_nearest_and_a_way_out():
    with pytest.raises(UserError, match=r"did you mean llvip\?; `folder` takes any rgb/ and ir/ folders"):
        get("lvip")


def test_llvip_s_scene_is_the_camera_and_m3fd_s_the_block():
    assert SOURCES["llvip"].scenes([{"id": "190001"}, {"id": "010102"}]) == ["19", "01"]
    assert SOURCES["m3fd"].scenes([{"id": "00388"}]) == ["block04"]


def test_a_declaration_is_frozen():
    with pytest.raises(AttributeError):
        SOURCES["llvip"].band = "mwir"
    assert replace(SOURCES["llvip"], band="mwir").band == "mwir"

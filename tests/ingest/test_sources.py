"""What the declarations of all sources promise together, and what some rules make of published names."""

import re
import zipfile
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from publisher import grey, put, save

from ingest.__main__ import main
from ingest.plan import make_plan
from ingest.source import get, sources
from ingest.sources.ir500k import ORIGINS
from ingest.template import Template
from ingest.tree import open_tree
from shards import part
from shards.errors import UserError
from shards.sample import make_key
from splits import ids, names

SOURCES = sources()
every_source = pytest.mark.parametrize("name", SOURCES)
every_layout = pytest.mark.parametrize(
    ("name", "number"), [(name, number) for name, source in SOURCES.items() for number in range(len(source.layouts))]
)


@every_source
def test_a_source_says_who_made_it_and_what_may_be_done_with_it(name):
    source = SOURCES[name]
    assert source.name == name
    assert re.fullmatch("[a-z0-9]+(_[a-z0-9]+)*", name)
    assert source.title
    assert source.licence
    assert len(source.layouts) >= 1
    if source.pairs and source.prepare is None:
        assert re.match("https?://", source.page)
        assert re.search(r"\b(19|20)\d\d$", source.citation), "the citation ends with the year"
    if source.redistribute:
        assert re.match(r"CC0|CC BY|MIT|Apache", source.licence), "only a licence that says so lets shards be passed on"


@every_source
def test_nothing_is_fetched_but_from_a_host_that_is_named_and_by_a_digest(name):
    for item in SOURCES[name].fetch:
        assert item.url.startswith("https://")
        assert re.fullmatch("[0-9a-f]{7,40}|[0-9a-f]{64}", getattr(item, "commit", None) or item.sha256)


@every_layout
def test_the_fields_of_annotations_are_fields_of_the_images(name, number):
    layout = SOURCES[name].layouts[number]
    visible, infrared = layout.templates()
    known = infrared.fields | (visible.fields if visible else frozenset())
    known |= frozenset(layout.match.fields if layout.match else ())
    for template in [files.template for files in (*layout.layers.values(), *layout.boxes)]:
        assert template.fields <= known
    assert visible is None or visible.fields & infrared.fields or layout.match


def test_every_file_beside_the_sources_is_one():
    modules = {
        p.name.removesuffix(".py") for p in resources.files("ingest.sources").iterdir() if p.name.endswith(".py")
    }
    assert modules - {"__init__"} == set(SOURCES)


def test_an_unknown_source_gets_the_nearest_and_a_way_out():
    with pytest.raises(UserError, match=r"did you mean llvip\?; `folder` takes any rgb/ and ir/ folders"):
        get("lvip")


def test_a_declaration_is_frozen():
    with pytest.raises(AttributeError):
        SOURCES["llvip"].band = "mwir"
    assert replace(SOURCES["llvip"], band="mwir").band == "mwir"


# Keys are what id lists call the samples


def fields_of(source, path):
    """Fields of a visible path (infrared where there is no visible side) in the first layout that knows it."""
    for layout in SOURCES[source].layouts:
        visible, infrared = layout.templates()
        if found := (visible or infrared).match(path):
            return found[1]
    raise AssertionError(f"{source} has no layout for {path}")


@pytest.mark.parametrize(
    ("source", "path", "listed"),
    [
        ("dronevehicle", "train/trainimg/00001.jpg", "train_00001"),
        ("hit_uav", "normal_xml/JPEGImages/1_60_30_0_00000.jpg", "1_60_30_0_00000"),
        ("vtuav", "train_ST_003/c-vehicle_003/rgb/000101.jpg", "c-vehicle_003/000101"),
        ("vtuav", "bus_004/rgb/000000.jpg", "bus_004/000000"),
        ("m3svd", "test/visible_Enhance/0111_1716/000012.png", "0111_1716/000012"),
        ("ir500k", "rgb/kaist_set00_V000_I00005.jpg", "kaist_set00_V000_I00005"),
    ],
)
def test_keys_are_what_id_lists_call_the_samples(source, path, listed):
    from ingest.template import fill

    key = make_key(source, fill(SOURCES[source].key, fields_of(source, path)))
    assert key == make_key(source, listed)
    assert names.place(key) is not None


# Scenes


def test_hit_uav_s_scenes_over_all_its_names_are_the_listed_ones():
    frames = [name for side in ("train", "val", "test") for name in ids.load(f"hit_uav_{side}")]
    listed = [sorted(set(scene) & set(frames)) for scene in ids.lines("hit_uav_scenes")]
    assert len(frames) == sum(map(len, listed)) == 2_898
    made = {}
    match = SOURCES["hit_uav"].layouts[0].templates()[1].match
    fields = [match(f"normal_xml/JPEGImages/{name}.jpg")[1] for name in frames]
    for name, scene in zip(frames, SOURCES["hit_uav"].scenes(fields), strict=True):
        made.setdefault(scene, []).append(name)
    assert sorted(map(sorted, made.values())) == sorted(listed)


def test_a_flight_that_comes_back_to_a_place_is_two_scenes():
    frames = [f"normal_xml/JPEGImages/1_130_50_0_{number}.jpg" for number in ("03889", "03890", "07191")]
    assert SOURCES["hit_uav"].scenes([fields_of("hit_uav", path) for path in frames]) == [
        "1_130_50_0-3889",
        "1_130_50_0-3889",
        "1_130_50_0-7191",
    ]


@pytest.fixture(scope="module")
def released():
    """The 66,023 released names without suffix, with source and scene of each."""
    listed = [name.partition(".")[0] for name in ids.load("ir500k_pairs")]
    match = SOURCES["ir500k"].layouts[0].templates()[1].match
    fields = [match(f"ir/{name}.png")[1] for name in listed]
    return dict(zip(listed, SOURCES["ir500k"].scenes(fields), strict=True))


def test_every_released_name_has_the_scene_of_its_true_source(released):
    assert len(released) == SOURCES["ir500k"].pairs == 66_023
    for name, scene in released.items():
        source, _ = names.decode(name)
        assert scene == name if source == "aviid" else scene.startswith(f"{source}/"), name


@pytest.mark.parametrize(
    ("source", "scenes"),
    # 37 of KAIST's 41 videos, LLVIP's 26 cameras, 351 of VTUAV's sequences; DroneVehicle's selection lies in 1,555 runs
    # of its training side, 123 of val and 713 of test.
    [("kaist", 37), ("llvip", 26), ("vtuav", 351), ("dronevehicle", 1_555 + 123 + 713), ("msrs", 11)],
)
def test_the_released_names_have_as_many_scenes_as_were_counted(released, source, scenes):
    assert len({scene for scene in released.values() if scene.startswith(f"{source}/")}) == scenes


def test_the_forms_of_released_names_are_read_into_the_fields_of_the_true_sources():
    for source, form in ORIGINS.values():
        wanted = {name for layout in SOURCES[source].layouts for t in layout.templates() if t for name in t.names}
        assert Template(form, image=False).fields <= wanted


# Pixels


def test_dronevehicle_s_border_is_cut_where_it_is_and_boxes_count_from_its_corner(tmp_path, home):
    from publishers import dronevehicle

    for made in (dronevehicle.tree, dronevehicle.tree_without_border):
        made(tmp_path / made.__name__)
        words = ["--home", str(home.root / made.__name__), "--workers", "1", "--quiet"]
        assert main(["dronevehicle", str(tmp_path / made.__name__), *words]) == 0
    homes = [type(home)(home.root / made) for made in ("tree", "tree_without_border")]
    framed, bare = ([r for path in part.parts(h) for r in part.read_rows(path)] for h in homes)
    assert {(row["ir_width"], row["ir_height"]) for row in framed + bare} == {(640, 512)}
    assert [row["boxes"] for row in framed] == [row["boxes"] for row in bare]
    (seen, heat) = next(row["boxes"] for row in framed if row["key"] == "dronevehicle-train_00001")
    assert (seen["label"], seen["side"], seen["x0"], seen["y0"], seen["x1"], seen["y1"]) == (
        "freight car",
        "visible",
        3,
        5,
        90,
        60,
    )
    assert (heat["label"], heat["x0"]) == ("car", 4)


# Boxes of trackers


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize(
    ("source", "visible", "infrared", "rows"),
    [
        ("rgbt234", "visible/{:05d}v.jpg", "infrared/{:05d}i.jpg", ("visible.txt", "infrared.txt")),
        ("rgbt234", "visible/{:05d}.jpg", "infrared/{:05d}.jpg", ("visible.txt", "infrared.txt")),
        ("lasher", "visible/v{:06d}.jpg", "infrared/i{:06d}.jpg", ("visible.txt", "infrared.txt")),
        ("gtot", "v/{:05d}v.png", "i/{:05d}i.png", ("groundTruth_v.txt", "groundTruth_i.txt")),
        ("lsotb_eval", None, "img/{:04d}.jpg", ("groundtruth_rect.txt",)),
    ],
)
def test_the_first_row_of_boxes_is_for_the_first_frame_wherever_numbers_begin(
    source, visible, infrared, rows, start, tmp_path, home
):
    folder = tmp_path / "raw/car_H_001"
    for at in range(3):
        save(folder / infrared.format(start + at), grey(at))
        if visible:
            save(folder / visible.format(start + at), grey(100 + at))
    for name in rows:
        put(folder / name, "".join(f"{at},2,30,40\n" for at in (1, 2, 3)))
    assert main([source, str(tmp_path / "raw"), "--home", str(home.root), "--workers", "1", "--quiet"]) == 0
    found = [[box["x0"] for box in row["boxes"]] for path in part.parts(home) for row in part.read_rows(path)]
    assert found == [[at] * len(rows) for at in (1, 2, 3)]


# Folders


def test_aviid_s_set_that_nothing_tells_is_none_of_the_three(tmp_path):
    from publishers import aviid

    keys = []
    for made in (aviid.tree, aviid.tree_of_one_set):
        made(tmp_path / made.__name__)
        plan = make_plan(SOURCES["aviid"], open_tree(tmp_path / made.__name__))
        keys.append({sample.key for shard in plan.shards for sample in shard.samples})
    assert not keys[0] & keys[1]


def test_freiburg_s_drives_are_the_same_samples_without_the_folder_above_them(tmp_path):
    from publishers import freiburg

    found = []
    for made in (freiburg.tree, freiburg.tree_of_bare_drives):
        made(tmp_path / made.__name__)
        plan = make_plan(SOURCES["freiburg"], open_tree(tmp_path / made.__name__))
        found.append([(shard.name, s.key, s.scene, s.sequence) for shard in plan.shards for s in shard.samples])
    assert found[0] == found[1]


@pytest.mark.parametrize("form", ["", "V000/", "set03/V000/"])
def test_kaist_s_zips_of_single_videos_are_read_as_they_are(form, tmp_path):
    for number in ("00", "03"):
        with zipfile.ZipFile(tmp_path / f"set{number}_V000.zip", "w") as file:
            for side in ("visible", "lwir"):
                file.writestr(f"{form.replace('03', number)}{side}/I00001.jpg", b"")
    plan = make_plan(SOURCES["kaist"], open_tree(tmp_path))
    keys = [sample.key for shard in plan.shards for sample in shard.samples if sample.visible and sample.infrared]
    assert keys == ["kaist-set00-v000-i00001", "kaist-set03-v000-i00001"]


# Documentation


def test_the_documentation_s_page_is_up_to_date():
    from ingest.catalogue import as_markdown

    page = Path(__file__).resolve().parents[2] / "docs" / "sources.md"
    assert page.read_text() == as_markdown(SOURCES.values()), "python -m ingest sources --markdown > docs/sources.md"

"""What becomes of each pair: bytes passed through or made PNG, or a failed row that says why."""

import io
import json
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from shards import hashing, image, part, tar
from shards.layer import LayerReader
from shards.manifest import Manifest
from shards.reader import Reader


@pytest.fixture
def raw(tmp_path, save):
    """A paired folder with one good pair; tests add what they need."""
    folder = tmp_path / "raw"
    save(folder / "rgb/good.jpg", 1, channels=3)
    save(folder / "ir/good.jpg", 2)
    return folder


@pytest.fixture
def rows(raw, home, take, capsys):
    """`rows(*options)`: rows by the id of the pair, after ingest of `raw`."""

    def run(*options, source="folder"):
        take(source, raw, home, "--quiet", *options)
        capsys.readouterr()
        found = [row for path in part.parts(home) for row in part.read_rows(path)]
        return {row["key"].split("-", 1)[1]: row for row in found}

    return run


def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return data


def encoded(pixels, kind, **options):
    stream = io.BytesIO()
    (pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)).save(stream, kind, **options)
    return stream.getvalue()


def bomb():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", 12_000, 12_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


# Failed rows: recorded, never fatal


BAD = {
    "empty": (lambda jpg: b"", "empty"),
    "cut": (lambda jpg: jpg[: int(len(jpg) * 0.6)], "truncated"),
    "end-cut": (lambda jpg: jpg[:-2], "truncated"),
    "text": (lambda jpg: b"just a text", "not_an_image"),
    "page": (lambda jpg: b"<!DOCTYPE html><html>", "html_page"),
    "pointer": (lambda jpg: b"version https://git-lfs.github.com/spec/v1\n", "git_lfs_pointer"),
    "bomb": (lambda jpg: bomb(), "too_many_pixels"),
    "no-header": (lambda jpg: jpg[:3] + jpg[-2:], "corrupt"),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", ["rgb", "ir"])
def test_bytes_that_are_no_whole_image_become_failed_rows(raw, save, rows, side):
    other = {"rgb": "ir", "ir": "rgb"}[side]
    for number, (name, (spoil, _)) in enumerate(BAD.items()):
        whole = save(raw / side / f"{name}.jpg", number, channels=1).read_bytes()
        (raw / side / f"{name}.jpg").write_bytes(spoil(whole))
        save(raw / other / f"{name}.jpg", number + 50)
    found = rows()
    assert {name: found[name]["status"] for name in BAD} == {name: status for name, (_, status) in BAD.items()}
    word = {"rgb": "visible", "ir": "infrared"}[side]
    assert all(found[name]["reason"].startswith(f"{word}: {side}/{name}.jpg: ") for name in BAD)
    assert found["good"]["status"] == "ok"


def test_the_name_png_does_not_make_an_image(raw, save, rows):
    put(raw / "rgb/text.png", b"just a text")
    save(raw / "ir/text.png", 3)
    assert rows()["text"]["status"] == "not_an_image"


def test_a_missing_side_is_a_failed_row_on_either_side(raw, save, rows):
    save(raw / "rgb/lonely.jpg", 3, channels=3)
    save(raw / "ir/cold.jpg", 4)
    found = rows()
    assert (found["lonely"]["status"], found["lonely"]["reason"]) == ("missing_pair", "has no infrared side")
    assert (found["cold"]["status"], found["cold"]["reason"]) == ("missing_pair", "has no visible side")


def test_folders_and_dangling_links_where_files_should_be_are_failed_rows(raw, save, rows):
    (raw / "rgb/folder.jpg").mkdir()
    save(raw / "ir/folder.jpg", 3)
    (raw / "rgb/link.jpg").symlink_to(raw / "nowhere.jpg")
    save(raw / "ir/link.jpg", 4)
    found = rows()
    assert found["folder"]["status"] == "not_a_file"
    assert (found["link"]["status"], found["link"]["reason"]) == (
        "unreadable",
        "visible: rgb/link.jpg: No such file or directory",
    )


def test_one_file_on_both_sides_is_no_pair(raw, save, rows):
    save(raw / "rgb/same.jpg", 3)
    save(raw / "ir/same.jpg", 3)
    assert rows()["same"]["status"] == "same_file"


def test_coloured_infrared_is_refused_and_a_codec_s_residue_is_not(raw, save, rows, picture):
    save(raw / "rgb/rainbow.png", 3, channels=3)
    save(raw / "ir/rainbow.png", 4, channels=3)
    save(raw / "rgb/residue.png", 5, channels=3)
    residue = np.repeat((picture(6) // 2)[..., None], 3, axis=2)
    residue[..., 2] += 3
    put(raw / "ir/residue.png", encoded(residue, "PNG"))
    found = rows()
    assert found["rainbow"]["status"] == "pseudocolour"
    assert "differ by up to" in found["rainbow"]["reason"]
    assert found["residue"]["status"] == "ok"


def test_a_colour_copy_of_the_visible_side_is_told_as_one_file_and_not_as_pseudo_colour(raw, save, rows):
    save(raw / "rgb/copy.jpg", 3, channels=3)
    save(raw / "ir/copy.jpg", 3, channels=3)
    save(raw / "rgb/odd.bmp", 3, channels=3)
    save(raw / "ir/odd.bmp", 4, channels=3)  # as many bytes, and others
    found = rows()
    assert (found["copy"]["status"], found["copy"]["reason"]) == ("same_file", "both sides are the same file")
    assert found["odd"]["status"] == "pseudocolour"


def test_sizes_must_agree_where_the_source_says_so(home, tmp_path, save, take, capsys):
    raw = tmp_path / "LLVIP"
    for name, width in (("010001", 32), ("010002", 48)):
        save(raw / f"visible/train/{name}.jpg", int(name), width, channels=3)
        save(raw / f"infrared/train/{name}.jpg", int(name) + 9)
    take("llvip", raw, home)
    rows = {row["key"]: row for row in part.read_rows(home.shards / "llvip/train-00000.parquet")}
    assert rows["llvip-010001"]["status"] == "ok"
    assert rows["llvip-010002"]["status"] == "size_mismatch"
    assert rows["llvip-010002"]["reason"] == "visible is 48 x 24, infrared 32 x 24"


def test_a_failed_row_has_no_place_in_the_tar(raw, save, rows, home):
    save(raw / "rgb/lonely.jpg", 3, channels=3)
    row = rows()["lonely"]
    assert (row["offset"], row["size"], row["ir_size"], row["vis_size"]) == (-1, 0, 0, 0)
    names = [member.name for path in home.shards.rglob("*.tar") for member in tar.scan(path)]
    assert names == ["folder-good.vis.jpg", "folder-good.ir.jpg", "folder-good.json"]


def test_a_shard_without_a_good_sample_is_done_without_a_tar(tmp_path, home, save, take, capsys):
    save(tmp_path / "raw/rgb/1.png", 0, channels=3)
    save(tmp_path / "raw/ir/1.png", 1, channels=3)
    assert take("folder", tmp_path / "raw", home) == 1
    assert sorted(p.name for p in (home.shards / "folder").iterdir()) == ["all-00000.parquet"]
    assert part.is_done(home.shards / "folder" / "all-00000.parquet")
    assert take("folder", tmp_path / "raw", home) == 1
    assert "0 shards written, 1 kept" in capsys.readouterr().out


# Bytes


def test_jpeg_and_png_pass_through_byte_by_byte(raw, save, rows, home):
    save(raw / "rgb/p.png", 5, channels=3)
    save(raw / "ir/p.png", 6)
    found = rows()
    reader = Reader(home)
    for name, suffix in (("good", "jpg"), ("p", "png")):
        sample = reader.read(found[name])
        assert sample.visible_bytes == (raw / f"rgb/{name}.{suffix}").read_bytes()
        assert sample.infrared_bytes == (raw / f"ir/{name}.{suffix}").read_bytes()
        assert (found[name]["vis_passed"], found[name]["ir_passed"]) == (True, True)


@pytest.mark.parametrize(("kind", "suffix"), [("TIFF", "tif"), ("BMP", "bmp"), ("WEBP", "webp"), ("PPM", "ppm")])
def test_other_formats_become_png_with_the_same_pixels(raw, rows, home, picture, kind, suffix):
    colours, heat = picture(5, channels=3), picture(6)
    options = {"lossless": True} if kind == "WEBP" else {}
    put(raw / f"rgb/x.{suffix}", encoded(colours, kind, **options))
    put(raw / f"ir/x.{suffix}", encoded(heat, kind, **options))
    row = rows()["x"]
    sample = Reader(home).read(row)
    assert (row["status"], row["vis_stored"], row["vis_passed"]) == ("ok", "png", False)
    assert image.sniff(sample.visible_bytes) == "png"
    assert np.array_equal(sample.visible, colours)
    assert np.array_equal(sample.infrared, heat)


@pytest.mark.parametrize("kind", ["TIFF", "BMP", "JPEG"])
def test_what_is_named_png_and_is_not_is_stored_as_png(raw, rows, home, picture, kind):
    put(raw / "rgb/x.png", encoded(picture(5, channels=3), kind))
    put(raw / "ir/x.png", encoded(picture(6), "PNG"))
    row = rows()["x"]
    assert (row["status"], row["vis_passed"], row["ir_passed"]) == ("ok", False, True)
    assert image.sniff(Reader(home).read(row).visible_bytes) == "png"


def test_what_is_named_jpg_and_is_not_fails_and_names_the_option_that_helps(raw, rows, home, picture):
    colours = picture(5, channels=3)
    put(raw / "rgb/x.jpg", encoded(colours, "PNG"))
    put(raw / "ir/x.jpg", encoded(picture(6), "JPEG"))
    row = rows()["x"]
    assert row["status"] == "format"
    assert "rgb/x.jpg is png RGB" in row["reason"]
    assert "--store png" in row["reason"]
    row = rows("--store", "png", "--replace")["x"]
    assert (row["status"], row["vis_stored"], row["ir_stored"]) == ("ok", "png", "png")
    assert np.array_equal(Reader(home).read(row).visible, colours)


def test_store_png_keeps_every_pixel_and_the_fingerprint_of_pixels(raw, rows):
    jpeg = rows()["good"]
    png = rows("--store", "png", "--replace")["good"]
    assert (jpeg["vis_sha256"] != png["vis_sha256"], jpeg["vis_pixels"]) == (True, png["vis_pixels"])
    assert (jpeg["ir_pixels"], jpeg["ir_hash256"]) == (png["ir_pixels"], png["ir_hash256"])


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_jpeg_is_not_passed_through_and_stands_upright_as_png(raw, rows, home, picture, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    turned = put(raw / "rgb/x.jpg", encoded(picture(5, channels=3), "JPEG", exif=exif))
    put(raw / "ir/x.jpg", encoded(picture(6), "JPEG"))
    row = rows()["x"]
    assert row["status"] == "format"
    assert f"orientation {orientation}" in row["reason"]
    sample = Reader(home).read(rows("--store", "png", "--replace")["x"])
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(turned)))
    assert np.array_equal(sample.visible, np.asarray(expected))


@pytest.mark.parametrize("mode", ["P", "1", "RGBA", "LA"])
def test_forms_that_readers_disagree_on_are_stored_plain_and_alpha_is_dropped(raw, rows, home, picture, mode):
    colours = picture(5, channels=3)
    odd = {
        "P": lambda: Image.fromarray(colours).quantize(32),
        "1": lambda: Image.fromarray(colours).convert("1"),
        "RGBA": lambda: Image.fromarray(np.dstack([colours, picture(7)])),
        "LA": lambda: Image.fromarray(np.dstack([picture(5), picture(7)]), "LA"),
    }[mode]()
    shown = {"RGBA": colours, "LA": np.repeat(picture(5)[..., None], 3, axis=2)}
    put(raw / "rgb/x.png", encoded(odd, "PNG"))
    put(raw / "ir/x.png", encoded(picture(6), "PNG"))
    row = rows()["x"]
    assert (row["status"], row["vis_mode"], row["vis_passed"]) == ("ok", mode, False)
    with Image.open(io.BytesIO(Reader(home).read(row).visible_bytes)) as stored:
        assert stored.mode in {"L", "RGB"}
        expected = shown.get(mode, np.asarray(odd.convert("RGB")))
        assert np.array_equal(np.asarray(stored.convert("RGB")), expected)


def test_sixteen_bit_infrared_keeps_its_levels(raw, rows, home, save):
    save(raw / "rgb/x.png", 5, channels=3)
    levels = np.random.default_rng(0).integers(7000, 9000, (24, 32)).astype(np.uint16)
    stored = put(raw / "ir/x.png", encoded(levels, "PNG"))
    row = rows()["x"]
    sample = Reader(home).read(row)
    assert (row["status"], row["ir_bits"], row["ir_mode"], row["ir_passed"]) == ("ok", 16, "I;16", True)
    assert sample.infrared_bytes == stored
    assert np.array_equal(sample.infrared, levels)


# Facts


def test_a_row_says_what_is_stored(raw, rows, home):
    row = rows()["good"]
    sample = Reader(home).read(row)
    assert row["vis_sha256"] == hashing.sha256(sample.visible_bytes)
    assert row["ir_sha256"] == hashing.sha256(sample.infrared_bytes)
    assert row["vis_pixels"] == hashing.pixel_digest(sample.visible)
    assert row["ir_pixels"] == hashing.pixel_digest(sample.infrared)
    assert (len(row["vis_hash64"]), len(row["ir_hash256"])) == (8, 32)
    assert (row["vis_path"], row["ir_path"]) == ("rgb/good.jpg", "ir/good.jpg")
    assert (row["vis_width"], row["ir_height"], row["vis_mode"], row["ir_mode"]) == (32, 24, "RGB", "L")
    assert row["registration"] == "uninformative", "32 x 24 pixels are too few to tell"


def test_grey_infrared_has_one_digest_whether_stored_in_one_channel_or_three(raw, rows, picture, save):
    for name, pixels in (("one", picture(6)), ("three", np.repeat(picture(6)[..., None], 3, axis=2))):
        save(raw / f"rgb/{name}.png", 5, channels=3)
        put(raw / f"ir/{name}.png", encoded(pixels, "PNG"))
    found = rows()
    assert found["one"]["ir_pixels"] == found["three"]["ir_pixels"]


def test_names_that_are_no_utf_8_are_ingested_and_stored_as_escapes(raw, rows, save):
    import os

    for side, channels in (("rgb", 3), ("ir", 1)):
        os.link(save(raw / side / "x.png", channels, channels=channels), os.fsencode(raw / side) + b"/caf\xe9.png")
        (raw / side / "x.png").unlink()
    row = next(row for row in rows().values() if "caf" in row["key"])
    assert (row["status"], row["vis_path"], row["scene"]) == ("ok", "rgb/caf\\xe9.png", "caf\\xe9")


# Annotations


def test_boxes_go_into_the_part_and_a_bad_file_fails_its_sample(tmp_path, home, make_llvip, take, capsys):
    raw = make_llvip(tmp_path / "LLVIP")
    box = (
        "<object><name>person</name><bndbox><xmin>2</xmin><ymin>3</ymin><xmax>9</xmax><ymax>8</ymax></bndbox></object>"
    )
    put(raw / "Annotations/010000.xml", f"<annotation>{box}</annotation>".encode())
    put(raw / "Annotations/010001.xml", b"<annotation>")
    take("llvip", raw, home)
    rows = {row["key"]: row for row in part.read_rows(home.shards / "llvip/train-00000.parquet")}
    (found,) = rows["llvip-010000"]["boxes"]
    assert (found["label"], found["x0"], found["y0"], found["x1"], found["y1"]) == ("person", 1, 2, 9, 8)
    assert rows["llvip-010001"]["status"] == "bad_annotation"
    assert rows["llvip-010001"]["reason"].startswith("Annotations/010001.xml: not XML")
    assert (rows["llvip-010002"]["status"], rows["llvip-010002"]["boxes"]) == ("ok", [])


def test_a_wrong_annotation_in_a_file_of_many_fails_its_own_sample_alone(raw, declared, save):
    from ingest.annotations.coco import coco
    from ingest.source import Layout

    for number in range(3):
        save(raw / f"rgb/{number}.jpg", number, channels=3)
        save(raw / f"ir/{number}.jpg", number + 10)
    boxes = {"0": [1, 2, 3, 4], "1": [1, 2, -1, 4], "absent": [1, 2, 3, -1]}
    content = {
        "images": [{"id": name, "file_name": f"{name}.jpg"} for name in boxes],
        "annotations": [{"image_id": name, "category_id": 1, "bbox": box} for name, box in boxes.items()],
    }
    put(raw / "all.json", json.dumps(content).encode())
    found = declared(layout=Layout("rgb/{id}", "ir/{id}", boxes=[coco("all.json")]))
    assert {name: row["status"] for name, row in found.items()} == {
        "good": "ok",
        "0": "ok",
        "1": "bad_annotation",
        "2": "ok",
    }
    assert found["1"]["reason"].startswith("all.json: a box from")


def test_maps_beside_the_images_become_a_layer(raw, rows, home, save):
    save(raw / "rgb/bare.jpg", 7, channels=3)
    save(raw / "ir/bare.jpg", 8)
    whole = save(raw / "seg/good.png", 9).read_bytes()
    rows()
    reader = LayerReader(home, "raw-maps", ["folder"])
    assert reader["folder-good"] == whole
    assert "folder-bare" not in reader
    with Manifest.open(home) as manifest:
        assert manifest.rows("select * from layers") == [{"name": "raw-maps", "kind": "maps", "source": "folder"}]


def test_a_map_that_is_no_image_fails_its_sample(raw, rows):
    put(raw / "seg/good.png", b"no map")
    row = rows()["good"]
    assert (row["status"], row["reason"][:14]) == ("bad_annotation", "seg/good.png: ")


# What a source declares


@pytest.fixture
def declared(raw, home):
    """`declared(registration=None, **facts)`: rows by id of `raw`, taken by a source with these facts."""
    from ingest.plan import make_plan
    from ingest.run import ingest
    from ingest.source import Layout, Source
    from ingest.tree import open_tree

    def run(registration=None, **facts):
        layout = facts.pop("layout", Layout("rgb/{id}", "ir/{id}"))
        names = ("demo", "Demo", 0, "lwir", "driving", "", "", False, "", [layout], "{id}")
        plan = make_plan(Source(*names, **facts), open_tree(raw), registration=registration)
        ingest(plan, home, workers=1, quiet=True, replace=True)
        found = [row for path in part.parts(home) for row in part.read_rows(path)]
        return {row["key"].split("-", 1)[1]: row for row in found}

    return run


def test_a_border_is_cut_off_both_sides_and_boxes_move_with_it(raw, declared, home):
    from ingest.annotations.voc import voc
    from ingest.source import Layout

    box = (
        "<object><name>car</name><bndbox><xmin>{}</xmin><ymin>9</ymin><xmax>{}</xmax><ymax>12</ymax></bndbox></object>"
    )
    put(raw / "box/good.xml", f"<a>{box.format(11, 14)}{box.format(1, 3)}{box.format(2, 9)}</a>".encode())
    row = declared(border=5, layout=Layout("rgb/{id}", "ir/{id}", boxes=[voc("box/{id}.xml")]))["good"]
    sample = Reader(home).read(row)
    assert (row["status"], row["vis_stored"], row["ir_stored"], row["vis_passed"]) == ("ok", "png", "png", False)
    whole = image.decode((raw / "rgb/good.jpg").read_bytes())
    assert np.array_equal(sample.visible, whole[5:-5, 5:-5])
    assert [(b["x0"], b["y0"], b["x1"], b["y1"]) for b in row["boxes"]] == [(5, 3, 9, 7), (0, 3, 4, 7)]


def test_an_image_smaller_than_its_border_is_a_failed_row(declared):
    row = declared(border=12)["good"]
    assert (row["status"], row["reason"][:24]) == ("too_small", "infrared: ir/good.jpg: 3")


def test_one_side_is_resampled_to_the_other_and_boxes_with_it(raw, save, declared, home):
    from ingest.annotations.text import yolo
    from ingest.source import Layout

    save(raw / "rgb/good.jpg", 1, 90, 96, channels=3)
    put(raw / "box/good.txt", b"0 0.5 0.5 0.5 0.25\n")
    boxes = [yolo("box/{id}.txt", ["car"], side="visible")]
    row = declared(resize="visible", layout=Layout("rgb/{id}", "ir/{id}", boxes=boxes))["good"]
    assert (row["status"], row["vis_width"], row["vis_height"]) == ("ok", 32, 24)
    assert (row["vis_stored"], row["ir_stored"], row["ir_passed"]) == ("png", "jpg", True)
    assert Reader(home).read(row).infrared_bytes == (raw / "ir/good.jpg").read_bytes()
    assert [row["boxes"][0][edge] for edge in ("x0", "y0", "x1", "y1")] == [8, 9, 24, 15]


def test_nothing_is_resampled_where_sizes_agree(raw, declared, home):
    row = declared(resize="visible")["good"]
    assert (row["vis_stored"], row["vis_passed"]) == ("jpg", True)
    assert Reader(home).read(row).visible_bytes == (raw / "rgb/good.jpg").read_bytes()


def test_the_display_window_of_16_bits_is_recorded_and_the_levels_stay(raw, declared, save, home):
    save(raw / "rgb/x.png", 5, channels=3)
    levels = np.random.default_rng(0).integers(21_000, 25_000, (24, 32)).astype(np.uint16)
    stored = put(raw / "ir/x.png", encoded(levels, "PNG"))
    found = declared(window=("agc", 21_800, 25_000))
    assert (found["x"]["ir_window"], found["x"]["ir_low"], found["x"]["ir_high"]) == ("agc", 21_800, 25_000)
    assert Reader(home).read(found["x"]).infrared_bytes == stored
    assert (found["good"]["ir_window"], found["good"]["ir_low"]) == ("", 0)
    found = declared(window=("percentile-1-99", 0, 0))["x"]
    assert (found["ir_low"], found["ir_high"]) == tuple(np.percentile(levels, (1, 99)))


def test_the_valid_area_is_recorded_and_the_pixels_stay(raw, declared, picture, home):
    heat = picture(7) // 2 + 40
    heat[:, :6] = 0
    put(raw / "rgb/x.png", encoded(picture(6, channels=3) // 2 + 40, "PNG"))
    stored = put(raw / "ir/x.png", encoded(heat, "PNG"))
    row = declared(valid_area=True)["x"]
    assert [row[f"valid_{edge}"] for edge in ("x0", "y0", "x1", "y1")] == [7, 0, 32, 24]
    assert Reader(home).read(row).infrared_bytes == stored
    assert declared()["x"]["valid_x0"] == -1


def test_pseudo_colour_is_taken_where_it_is_all_there_is(raw, declared, save):
    save(raw / "rgb/x.png", 3, channels=3)
    save(raw / "ir/x.png", 4, channels=3)
    assert declared()["x"]["status"] == "pseudocolour"
    assert declared(grey=False)["x"]["status"] == "ok"


def test_each_side_may_have_boxes_of_its_own(raw, declared):
    from ingest.annotations.text import tracker
    from ingest.source import Layout

    put(raw / "visible.txt", b"1 2 3 4\n")
    put(raw / "infrared.txt", b"5 6 7 8\n")
    sides = [tracker(f"{side}.txt", label="car", frame="0", side=side) for side in ("visible", "infrared")]
    boxes = declared(layout=Layout("rgb/{id}", "ir/{id}", boxes=sides))["good"]["boxes"]
    assert [(box["side"], box["x0"], box["y1"]) for box in boxes] == [("visible", 1, 6), ("infrared", 5, 14)]


def test_a_file_that_serves_many_samples_is_parsed_once(raw, declared, save):
    from ingest.annotations.form import BoxFiles
    from ingest.source import Layout
    from ingest.template import Template

    for number in range(5):
        save(raw / f"rgb/{number}.jpg", number, channels=3)
        save(raw / f"ir/{number}.jpg", number + 10)
    put(raw / "all.txt", b"words")
    seen = []
    files = BoxFiles(Template("all.txt", image=False), lambda data: seen.append(data) or [], lambda *_: [])
    assert len(declared(layout=Layout("rgb/{id}", "ir/{id}", boxes=[files]))) == 6
    assert seen == [b"words"]


# Registration


@pytest.fixture
def scene(raw, picture):
    """`scene(name, dx)`: a pair that shows one thing, the infrared side so far to the right."""
    texture = np.random.default_rng(3).integers(0, 255, (40, 52), np.uint8)
    large = np.asarray(Image.fromarray(texture).resize((416, 320), Image.Resampling.BICUBIC))

    def make(name, dx=0):
        visible, infrared = large[30:270, 40:360], 255 - large[30:270, 40 - dx : 360 - dx]
        put(raw / f"rgb/{name}.png", encoded(np.repeat(visible[..., None], 3, axis=2), "PNG"))
        put(raw / f"ir/{name}.png", encoded(infrared, "PNG"))

    return make


def test_each_pair_is_checked_and_the_verdict_recorded(scene, declared):
    scene("straight")
    scene("off", 9)
    found = declared()
    assert (found["straight"]["registration"], found["off"]["registration"]) == ("aligned", "shifted")
    assert found["off"]["registration_dx"] == pytest.approx(9, abs=1)
    assert found["off"]["registration_score"] >= 1
    assert {row["status"] for row in found.values()} == {"ok"}, "a verdict excludes nothing by itself"


def test_pairs_that_do_not_fit_are_left_out_where_that_is_asked(scene, declared):
    from ingest.plan import Registration

    scene("straight")
    scene("off", 9)
    found = declared(Registration(least=1))
    assert {name: row["status"] for name, row in found.items()} == {
        "straight": "ok",
        "off": "not_registered",
        "good": "not_registered",
    }
    assert "shifted with a score of" in found["off"]["reason"]
    assert found["off"]["registration_dx"] == pytest.approx(9, abs=1), "what was measured is told all the same"


def test_the_check_can_be_turned_off(scene, declared):
    from ingest.plan import Registration

    scene("off", 9)
    assert declared(Registration(check=False))["off"]["registration"] == "unchecked"


# Content


def test_equal_pixels_in_two_formats_are_no_pair(raw, rows, picture):
    put(raw / "rgb/x.png", encoded(picture(3), "PNG"))
    put(raw / "ir/x.bmp", encoded(picture(3), "BMP"))
    row = rows()["x"]
    assert (row["status"], row["reason"]) == ("same_file", "both sides show the same pixels")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_bytes_after_the_end_are_kept_and_told(raw, rows, home, picture, kind):
    suffix = {"JPEG": "jpg", "PNG": "png"}[kind]
    data = put(raw / f"rgb/x.{suffix}", encoded(picture(3, channels=3), kind) + b"PK\x03\x04 tail" + bytes(7))
    put(raw / f"ir/x.{suffix}", encoded(picture(4), kind) + bytes(5))
    row = rows()["x"]
    assert (row["status"], row["warnings"]) == ("ok", ["visible: 9 bytes after the end of the image"])
    assert Reader(home).read(row).visible_bytes == data

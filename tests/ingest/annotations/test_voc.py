"""VOC files, with the shapes and the odd fields that datasets put into them."""

import math

import pytest

from ingest.annotations.coco import coco
from ingest.annotations.voc import voc


def document(*objects):
    return f"<annotation><size><depth>1</depth></size>{''.join(objects)}</annotation>".encode()


def item(shape, name="Person", extra=""):
    return f"<object><name>{name}</name><pose>60</pose>{extra}{shape}</object>"


def tags(name, **values):
    return f"<{name}>{''.join(f'<{k}>{v}</{k}>' for k, v in values.items())}</{name}>"


def bndbox(x0, y0, x1, y1):
    return tags("bndbox", xmin=x0, ymin=y0, xmax=x1, ymax=y1)


def boxes(data, **options):
    files = voc("{id}.xml", **options)
    return files.of(files.parse(data), {"id": "7"}, (640, 512))


def corners(found):
    return [tuple(box[edge] for edge in ("x0", "y0", "x1", "y1")) for box in found]


def test_corners_from_1_inclusive_become_from_0_half_open():
    assert boxes(document(item(bndbox(1, 1, 640, 512), name=" car ", extra="<difficult>1</difficult>"))) == [
        {"label": "car", "x0": 0.0, "y0": 0.0, "x1": 640.0, "y1": 512.0, "side": "both", "occlusion": "1"}
    ]


def test_corners_that_count_from_0_stay():
    assert corners(boxes(document(item(bndbox(0, 10, 640, 34))), first=0)) == [(0, 10, 640, 34)]


def test_a_turned_box_becomes_the_upright_one_around_it():
    shape = tags("robndbox", cx=100, cy=50, w=20, h=10, angle=math.pi / 2)
    assert corners(boxes(document(item(shape)))) == [pytest.approx((95, 40, 105, 60))]


def test_a_polygon_becomes_the_upright_box_around_it():
    shape = tags("polygon", x1=110, y1=120, x2=130, y2=115, x3=135, y3=140, x4=112, y4=150)
    found = boxes(document(item(shape, name="truvk")), window=(100, 100, 740, 612), labels={"truvk": "truck"})
    assert corners(found) == [(10, 15, 35, 50)]
    assert found[0]["label"] == "truck"


def test_a_file_without_objects_has_no_boxes():
    assert boxes(document()) == []


def test_the_template_names_its_file():
    assert voc("Annotations/{id}.xml").template.match("Annotations/7.xml") == ("", {"id": "7"})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"no xml", "not XML"),
        (b"", "not XML"),
        (document(item("")), "without bndbox, robndbox or polygon"),
        (document(item("<bndbox><xmin>1</xmin></bndbox>")), "numbers should be"),
        (document(item(bndbox(1, 2, "x", 4))), "numbers should be"),
        (document(item(bndbox(1, 2, "inf", 4))), "finite numbers should be"),
        (document(item(bndbox(9, 2, 3, 4))), "a box from"),
        (document(item(tags("robndbox", cx=1, cy=2, w=3, h=4))), "numbers should be"),
    ],
)
def test_a_file_that_is_wrong_says_how(data, words):
    with pytest.raises(ValueError, match=words):
        boxes(data)


def test_hit_uav_has_the_same_boxes_in_xml_and_in_json(raw_data):
    folder = raw_data / "HIT-UAV"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    table = coco("val.json")
    content = table.parse((folder / "normal_json/annotations/val.json").read_bytes())
    files = voc("{id}.xml", first=0)
    compared = 0
    for path in sorted((folder / "normal_json/val").glob("*.jpg")):
        fields = {"id": path.stem}
        data = (folder / "normal_xml/Annotations" / f"{path.stem}.xml").read_bytes()
        own = files.of(files.parse(data), fields, (640, 512))
        assert sorted(corners(own)) == sorted(corners(table.of(content, fields, (640, 512))))
        compared += len(own)
    assert compared > 20

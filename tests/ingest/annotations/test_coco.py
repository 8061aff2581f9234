"""COCO files as publishers write them, strict or not."""

import json
import math

import pytest

from ingest.annotations.coco import coco

IMAGES = [{"id": 2029, "file_name": "a.jpg"}, {"id": 2030, "file_name": "b.jpg"}]
CATEGORIES = [{"id": 0, "name": "Person"}, {"id": 1, "name": "Car"}]


def row(image=2029, category=1, bbox=(10, 20, 30, 40), **more):
    return {"image_id": image, "category_id": category, "bbox": list(bbox), **more}


def document(*rows, images=IMAGES, key="annotations", **more):
    return json.dumps({"images": images, key: list(rows), "categories": CATEGORIES, **more}).encode()


def boxes(data, name="a", **options):
    files = coco("{subset}.json", **options)
    return files.of(files.parse(data), {"id": name, "subset": "val"}, (640, 512))


def corners(found):
    return [tuple(box[edge] for edge in ("x0", "y0", "x1", "y1")) for box in found]


def test_a_sample_gets_its_own_boxes_by_file_name():
    data = document(row(), row(2030, 0, (1, 2, 3, 4)), row(bbox=(0, 0, 5, 6)))
    assert boxes(data)[0] == {
        "label": "Car", "x0": 10.0, "y0": 20.0, "x1": 40.0, "y1": 60.0, "side": "both", "occlusion": ""
    }  # fmt: skip
    assert corners(boxes(data)) == [(10, 20, 40, 60), (0, 0, 5, 6)]
    assert [box["label"] for box in boxes(data, "b")] == ["Person"]


def test_an_image_without_annotations_has_no_boxes():
    assert boxes(document(row()), "b") == []
    assert boxes(document(row()), "not listed") == []


def test_hit_uav_writes_annotation_and_filename():
    images = [{"id": 5, "filename": "1_60_30_0_00001.jpg"}]
    assert corners(boxes(document(row(5), images=images, key="annotation"), "1_60_30_0_00001")) == [(10, 20, 40, 60)]


def test_five_numbers_are_a_turned_box():
    found = boxes(document(row(bbox=(100, 50, 20, 10, math.pi / 2), difficult=False)))
    assert corners(found) == [pytest.approx((95, 40, 105, 60))]
    assert found[0]["occlusion"] == "0"


def test_folders_before_a_file_name_do_not_matter():
    images = [{"id": 2029, "file_name": "data\\thermal/a.jpeg"}]
    assert len(boxes(document(row(), images=images))) == 1


def test_names_may_differ_from_the_id():
    images = [{"id": 2029, "file_name": "FLIR_0007.jpg"}]
    files = coco("val.json", "FLIR_{frame:04d}")
    assert len(files.of(files.parse(document(row(), images=images)), {"frame": 7}, (640, 512))) == 1


def test_categories_that_lie_elsewhere_are_named_by_the_declaration():
    data = json.dumps({"images": IMAGES, "annotations": [row(category=3)]}).encode()
    assert [box["label"] for box in boxes(data)] == ["3"]
    assert [box["label"] for box in boxes(data, labels={"3": "car"})] == ["car"]


def test_occlusion_is_taken_as_it_is_graded():
    found = boxes(document(row(occluded=2), row(occlusion="heavy"), row(occluded=True)))
    assert [box["occlusion"] for box in found] == ["2", "heavy", "1"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{", "Expecting"),
        (b"[]", "without images"),
        (json.dumps({"images": IMAGES}).encode(), "without annotations or annotation"),
        (json.dumps({"images": IMAGES, "annotations": {}}).encode(), "annotations is no list"),
        (document(row(category=9)), "category 9, which is not listed"),
        (document({"image_id": 2029, "category_id": 1}), "without bbox"),
        (document(row(image=[1])), "is no number or text"),
        (document(row(bbox=(1, 2, 3))), "a bbox of 3 numbers"),
        (document(row(bbox=(1, 2, -3, 4))), "a box from"),
        (document(row(bbox=(1, 2, None, 4))), "numbers should be"),
        (document(row(bbox=(1, 2, 10**400, 4))), "numbers should be"),
        (document(images=[*IMAGES, {"id": 1, "file_name": "sub/a.png"}]), "two images have one name"),
        (document(images=[*IMAGES, {"id": 2029, "file_name": "c.png"}]), "two images have one name"),
        (document(images=[{"id": 1}]), "without file_name or filename"),
    ],
)
def test_a_file_that_is_wrong_says_how(data, words):
    with pytest.raises(ValueError, match=words):
        boxes(data)


@pytest.mark.parametrize("wrong", [row(category=9), row(bbox=(1, 2, -1, 4)), row(bbox=()), row(category=[1])])
def test_a_wrong_annotation_spoils_its_own_image_alone(wrong):
    data = document(row(), wrong, row(2030, 0, (1, 2, 3, 4)))
    assert corners(boxes(data, "b")) == [(1, 2, 4, 6)]
    with pytest.raises(ValueError, match=r"not listed|a box from|0 numbers|no number or text"):
        boxes(data, "a")


def test_an_annotation_of_an_image_that_is_not_listed_spoils_nothing():
    assert corners(boxes(document(row(1, 9, (1, 2, -1, 4)), row()))) == [(10, 20, 40, 60)]


def test_an_annotation_of_no_image_at_all_spoils_the_file():
    with pytest.raises(ValueError, match="without image_id"):
        boxes(document({"category_id": 1, "bbox": [1, 2, 3, 4]}), "b")


@pytest.mark.parametrize("kind", ["normal", "rotate"])
def test_hit_uav_holds_all_its_published_boxes(raw_data, kind):
    path = raw_data / f"HIT-UAV/{kind}_json/annotations/val.json"
    if not path.is_file():
        pytest.skip(f"no {path}")
    files = coco("val.json")
    content = files.parse(path.read_bytes())
    found = [box for name in content for box in files.of(content, {"id": name}, (640, 512))]
    assert len(found) == 2460
    assert {box["label"] for box in found} == {"Person", "Car", "Bicycle", "OtherVehicle", "DontCare"}

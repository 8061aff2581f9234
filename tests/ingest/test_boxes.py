"""Boxes come out in one form: label and half-open pixel corners from 0."""

import pytest

from ingest.boxes import read_voc, voc

OBJECT = "<object><name>{name}</name><difficult>1</difficult><bndbox>{corners}</bndbox></object>"


def xml(*corners, name="person"):
    tags = ("xmin", "ymin", "xmax", "ymax")
    inner = "".join(f"<{tag}>{value}</{tag}>" for tag, value in zip(tags, corners, strict=False))
    return f"<annotation>{OBJECT.format(name=name, corners=inner)}</annotation>".encode()


def test_corners_from_1_inclusive_become_from_0_half_open():
    assert read_voc(xml(1, 1, 640, 512, name=" car ")) == [
        {"label": "car", "x0": 0.0, "y0": 0.0, "x1": 640.0, "y1": 512.0, "side": "both", "occlusion": "1"}
    ]


def test_a_file_without_objects_has_no_boxes():
    assert read_voc(b"<annotation><size/></annotation>") == []


def test_the_template_names_its_file():
    assert voc("Annotations/{id}.xml").template.match("Annotations/7.xml") == ("", {"id": "7"})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"no xml", "not XML"),
        (b"", "not XML"),
        (b"<annotation><object><name>x</name></object></annotation>", "without a bndbox"),
        (xml(1, 2, 3), "could not convert"),
        (xml(1, 2, "x", 4), "could not convert"),
        (xml(1, 2, "nan", 4), "a box from"),
        (xml(9, 2, 3, 4), "a box from"),
        (xml(1, 2, "inf", 4), "a box from"),
    ],
)
def test_a_file_that_is_wrong_says_how(data, words):
    with pytest.raises(ValueError, match=words):
        read_voc(data)

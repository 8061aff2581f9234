"""Whatever the format, boxes come out in pixels of the stored image, cut to it."""

import math
import pickle

import pytest

from ingest.annotations.coco import coco
from ingest.annotations.form import BoxFiles, around_turned, centred, found, numbers, sized, whole
from ingest.annotations.text import bbgt, cvc14, nii_cu, tracker, vedai, yolo
from ingest.annotations.voc import voc
from ingest.template import Template


def files(**options):
    return BoxFiles(Template("{id}.txt", image=False), list, whole, **options)


def corners(boxes):
    return [tuple(box[edge] for edge in ("x0", "y0", "x1", "y1")) for box in boxes]


def test_a_box_is_a_label_four_edges_a_side_and_an_occlusion():
    boxes = files(side="infrared").of([found("car", (1, 2, 30, 40), "2")], {}, (100, 80))
    assert boxes == [{"label": "car", "x0": 1, "y0": 2, "x1": 30, "y1": 40, "side": "infrared", "occlusion": "2"}]


def test_boxes_are_cut_to_the_picture_and_left_out_where_nothing_remains():
    given = [(-5, -5, 10, 10), (90, 70, 120, 200), (100, 0, 130, 20), (-9, 0, 0, 20), (4, 4, 4, 9)]
    boxes = files().of([found("car", box) for box in given], {}, (100, 80))
    assert corners(boxes) == [(0, 0, 10, 10), (90, 70, 100, 80)]


def test_a_border_that_was_cut_off_moves_the_boxes():
    boxes = files(window=(100, 100, 740, 612)).of([found("car", (90, 150, 140, 190))], {}, (640, 512))
    assert corners(boxes) == [(0, 50, 40, 90)]


def test_boxes_of_an_image_of_another_size_are_scaled():
    boxes = files(window=(0, 0, 3840, 2160)).of([found("person", (384, 216, 768, 432))], {}, (960, 540))
    assert corners(boxes) == [(96, 54, 192, 108)]


def test_labels_are_renamed_where_a_name_is_given():
    boxes = files(labels={"truvk": "truck"}).of([found(name, (0, 0, 9, 9)) for name in ("truvk", "bus")], {}, (10, 10))
    assert [box["label"] for box in boxes] == ["truck", "bus"]


def test_a_box_inside_out_is_an_error():
    with pytest.raises(ValueError, match=r"a box from \(9, 0\) to \(3, 5\)"):
        found("car", (9, 0, 3, 5))


@pytest.mark.parametrize("values", [None, "12", [1, None], [True, 1], ["a"], ["nan"], [float("inf")], [[1]]])
def test_what_is_no_list_of_finite_numbers_is_an_error(values):
    with pytest.raises(ValueError, match="numbers should be"):
        numbers(values)


def test_a_quarter_turn_swaps_width_and_height():
    assert around_turned(10, 20, 8, 2, math.pi / 2) == pytest.approx((9, 16, 11, 24))
    assert around_turned(0, 0, 2, 2, math.pi / 4) == pytest.approx((-(2**0.5), -(2**0.5), 2**0.5, 2**0.5))


def test_corner_and_centre_forms_agree():
    assert sized(3, 4, 10, 20) == centred(8, 14, 10, 20) == (3, 4, 13, 24)


def test_declarations_can_be_sent_to_another_process():
    declared = [
        voc("{id}.xml", first=0, window=(0, 0, 9, 9)),
        coco("{subset}.json"),
        yolo("{id}.txt", ["car"]),
        bbgt("{id}.txt", side="infrared"),
        tracker("{sequence}.txt", label="car", every=10),
        cvc14("{id}.txt"),
        vedai("{id}.txt", labels={"1": "car"}),
        nii_cu("{id}.txt"),
    ]
    for files in declared:
        assert pickle.loads(pickle.dumps(files)) == files

"""Rows of text: per object or per frame, in every publisher's own order."""

import pytest
from publisher import grey, put, save

from ingest.annotations.text import FirstFrame, bbgt, cvc14, nii_cu, tracker, vedai, yolo
from ingest.tree import Folder, open_tree


def boxes(files, text, size=(640, 512), **fields):
    return files.of(files.parse(text.encode()), fields, size)


def corners(found):
    return [tuple(box[edge] for edge in ("x0", "y0", "x1", "y1")) for box in found]


def test_yolo_rows_are_shares_of_the_image():
    found = boxes(yolo("{id}.txt", ["people", "car"]), "1 0.5 0.25 0.1 0.2\n\n0 0.5 0.5 1 1 0.87\n", (100, 200))
    assert [box["label"] for box in found] == ["car", "people"]
    assert corners(found) == [pytest.approx((45, 30, 55, 70)), (0, 0, 100, 200)]


def test_yolo_polygons_become_the_upright_box_around_them():
    assert corners(boxes(yolo("{id}.txt", ["car"]), "0 0.1 0.2 0.3 0.2 0.2 0.4", (100, 100))) == [
        pytest.approx((10, 20, 30, 40))
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2 0.5 0.5 0.1 0.1", "2 classes are named"),
        ("0.5 0.5 0.5 0.1 0.1", "classes are named"),
        ("0 120 80 30 40", "shares of the image"),
        ("0 0.5 0.5", "a row of 3 fields"),
        ("0 0.5 0.5 0.1 -0.005", "a box from"),
        ("car 0.5 0.5 0.1 0.1", "numbers should be"),
    ],
)
def test_a_yolo_row_that_is_wrong_says_how(text, words):
    with pytest.raises(ValueError, match=words):
        boxes(yolo("{id}.txt", ["people", "car"]), text)


def test_bbgt_rows_are_label_box_and_occlusion():
    text = "% bbGt version=3\nperson 505 212 20 50 0 0 0 0 0 0 0\nperson? 10 20 30 40 2 1 2 3 4 1 0\n"
    found = boxes(bbgt("{id}.txt", side="visible"), text)
    assert corners(found) == [(505, 212, 525, 262), (10, 20, 40, 60)]
    assert [(box["label"], box["side"], box["occlusion"]) for box in found] == [
        ("person", "visible", "0"), ("person?", "visible", "2")
    ]  # fmt: skip


def test_a_bbgt_file_with_a_header_alone_has_no_boxes():
    assert boxes(bbgt("{id}.txt"), "% bbGt version=3\r\n") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not with '% bbGt version=3'"),
        ("% bbGt version=2\n", "not with '% bbGt version=3'"),
        ("person 1 2 3 4 0 0 0 0 0 0 0\n", "not with '% bbGt version=3'"),
        ("% bbGt version=3\nperson 1 2 3 4\n", "4 fields, not 11"),
        ("% bbGt version=3\nperson 1 2 -3 4 0 0 0 0 0 0 0\n", "a box from"),
    ],
)
def test_a_bbgt_file_that_is_wrong_says_how(text, words):
    with pytest.raises(ValueError, match=words):
        boxes(bbgt("{id}.txt"), text)


def test_vtuav_has_one_row_for_each_tenth_frame_and_one_too_many():
    files = tracker("{sequence}/ir.txt", label="{kind}", every=10, side="infrared")
    rows = "582 88 67 80\n587 106 67 68\n\n"
    assert corners(boxes(files, rows, frame=0, kind="bus")) == [(582, 88, 640, 168)]
    assert boxes(files, rows, frame=10, kind="bus")[0] | {"x1": 0, "y1": 0} == {
        "label": "bus", "x0": 587, "y0": 106, "x1": 0, "y1": 0, "side": "infrared", "occlusion": ""
    }  # fmt: skip
    for between_or_beyond in (1, 9, 20, 30):
        assert boxes(files, rows, frame=between_or_beyond, kind="bus") == []


@pytest.mark.parametrize("row", ["10,20,30,40", "10 20 30 40", "10.0\t20.0\t30\t40", "10, 20, 30, 40"])
def test_tracker_rows_are_separated_by_anything(row):
    assert corners(boxes(tracker("{sequence}.txt", label="car", first=1), f"1 1 1 1\n{row}\n", frame=2)) == [
        (10, 20, 40, 60)
    ]


@pytest.mark.parametrize("row", ["nan nan nan nan", "NaN,NaN,NaN,NaN", "5 5 0 0", "0 0 -1 -1", "", "0 0 0 0"])
def test_a_target_out_of_sight_has_no_box_and_keeps_its_row(row):
    files = tracker("{sequence}.txt", label="car")
    assert boxes(files, f"{row}\n1 2 3 4\n", frame=0) == []
    assert corners(boxes(files, f"{row}\n1 2 3 4\n", frame=1)) == [(1, 2, 4, 6)]


def test_gtot_rows_are_corners_of_two_or_of_four():
    files = tracker("{sequence}.txt", label="{sequence}", corners=True)
    assert corners(boxes(files, "10 20 30 40", frame=0, sequence="BlackCar")) == [(10, 20, 30, 40)]
    assert corners(boxes(files, "10 20 30 20 30 40 10 40", frame=0, sequence="BlackCar")) == [(10, 20, 30, 40)]


@pytest.mark.parametrize(
    ("row", "words"), [("1 2 3", "row 1 has 3 numbers"), ("1 2 x 4", "numbers"), ("1 2 inf 4", "finite")]
)
def test_a_tracker_row_that_is_wrong_says_how(row, words):
    with pytest.raises(ValueError, match=words):
        boxes(tracker("{sequence}.txt", label="car"), row, frame=0)


def test_the_first_row_is_for_the_smallest_number_of_its_sequence_on_either_side(tmp_path):
    for path in ("a/v/010.png", "a/i/9.png", "b/v/0.png", "b/i/1.png", "other/a/v/3.png", "other/a/i/3.png"):
        save(tmp_path / path, grey(1))
    put(tmp_path / "a/v/000.txt")
    rule = FirstFrame(("{sequence}/v/{frame:d}", "{sequence}/i/{frame:d}"))
    for root, wanted in {"": {"a": 9, "b": 0}, "other/": {"a": 3}}.items():
        match = rule.open(Folder(open_tree(tmp_path), root))
        for sequence, first in wanted.items():
            assert match("visible", {"sequence": sequence, "frame": 10}) == (first,)
    files = tracker("{sequence}.txt", label="car", first="{first}")
    assert corners(boxes(files, "10 20 30 40\n1 1 1 1\n", frame=9, first=9)) == [(10, 20, 40, 60)]
    assert corners(boxes(files, "10 20 30 40\n1 1 1 1\n", frame=10, first=9)) == [(1, 1, 2, 2)]


def test_cvc14_gives_the_centre_counted_from_1():
    assert corners(boxes(cvc14("{id}.txt"), "101 51 20 40 1 0 0 0 0 3 0\n")) == [(90, 30, 110, 70)]


def test_vedai_gives_four_corners_and_a_class_number():
    row = "50 60 0.5 11 1 0 40 60 62 42 50 48 70 72"
    found = boxes(vedai("{id}.txt", labels={"11": "pickup"}), row)
    assert corners(found) == [(40, 48, 62, 72)]
    assert (found[0]["label"], found[0]["occlusion"]) == ("pickup", "0")


def test_nii_cu_tells_the_side_of_each_box_and_leaves_bad_ones_out():
    rows = "0 0 384 216 0 1 0\n0 0 384 216 1 0 0\n0 0 384 216 2 0 0\n0 0 384 216 0 0 1\n"
    found = boxes(nii_cu("{id}.txt", window=(0, 0, 3840, 2160)), rows, (960, 540))
    assert [(box["side"], box["occlusion"]) for box in found] == [("both", "1"), ("infrared", "0"), ("visible", "0")]
    assert corners(found)[0] == (0, 0, 96, 54)


@pytest.mark.parametrize(
    ("files", "row", "words"),
    [
        (cvc14("{id}.txt"), "1 2 3 4", "4 fields, not 11"),
        (vedai("{id}.txt"), "1 2 3 4", "4 fields, not 14"),
        (nii_cu("{id}.txt"), "1 2 3 4", "4 fields, not 7"),
        (nii_cu("{id}.txt"), "1 2 3 4 7 0 0", "type 7"),
    ],
)
def test_a_row_of_another_length_says_so(files, row, words):
    with pytest.raises(ValueError, match=words):
        boxes(files, row)


def test_bytes_that_are_no_text_are_an_error():
    with pytest.raises(ValueError, match="decode"):
        yolo("{id}.txt", ["car"]).parse(b"\xff\xfe0 0 0")


def real(raw_data, path):
    found = raw_data / path
    if not found.exists():
        pytest.skip(f"no {found}")
    return found


def test_kaist_files_are_read_whole(raw_data):
    files = bbgt("{id}.txt")
    paths = sorted(real(raw_data, "KAIST/annotations").rglob("*.txt"))
    found = {path.stem: files.of(files.parse(path.read_bytes()), {}, (640, 512)) for path in paths}
    assert len(found["I00459"]) == 8
    assert [box["occlusion"] for box in found["I01419"]] == ["0", "0", "1"]
    assert {box["label"] for boxes in found.values() for box in boxes} <= {"person", "people", "cyclist", "person?"}


def test_vtuav_sides_have_boxes_of_their_own(raw_data):
    folder = real(raw_data, "VTUAV/bus1_sample")
    numbers = [int(path.stem) for path in sorted((folder / "rgb").glob("*.jpg"))]
    counts = {}
    for name in ("rgb", "ir"):
        files = tracker("{sequence}.txt", label="bus", every=10)
        content = files.parse((folder / f"{name}.txt").read_bytes())
        counts[name] = [corners(files.of(content, {"frame": number}, (1920, 1080))) for number in numbers]
        assert [number for number, found in zip(numbers, counts[name], strict=True) if found] == [
            0,
            20,
            40,
            60,
            80,
            100,
        ]
    assert counts["rgb"] != counts["ir"]


def test_m3fd_labels_of_a_copy_fit_its_images(raw_data):
    folder = real(raw_data, "M3FD_Detection/labels_yolo_derived")
    files = yolo("{id}.txt", ["people", "car", "bus", "light", "moto", "trunk"])
    found = files.of(files.parse((folder / "00000.txt").read_bytes()), {}, (1024, 768))
    assert found[0] | {"y0": 0, "y1": 0} == {
        "label": "people", "x0": 46.0, "y0": 0, "x1": 82.0, "y1": 0, "side": "both", "occlusion": ""
    }  # fmt: skip

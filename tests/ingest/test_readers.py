"""One file with both sides, and videos: what samples they hold, and what is said of those that are not whole."""

from fractions import Fraction

import numpy as np
import pytest

from ingest.plan import make_plan
from ingest.readers import ALPHA, VIDEO, count_packets
from ingest.source import Layout, Source
from ingest.tree import Raw, open_tree
from shards import image, part
from shards.reader import Reader

CLIPS = Layout("{subset:train|test}/visible/{clip}", "{subset:train|test}/infrared/{clip}", read=VIDEO)


def source(layout, **options):
    facts = {"scene": "{clip}", "key": "{clip}-{frame:06d}", "sequence": "{clip}"} | options
    return Source("demo", "Demo", 0, "lwir", "driving", "", "", False, "", [layout], **facts)


@pytest.fixture
def film(picture):
    """`film(path, count, seed, colour)`: a small mpeg4 video of `count` frames, each another picture."""
    av = pytest.importorskip("av")

    def write(path, count, seed=0, colour=True, codec="mpeg4", rate=30):
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=rate)
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
            stream.time_base = Fraction(1, rate)
            for number in range(count):
                frame = picture(seed + number, 96, 64, 3 if colour else 1)
                frame = frame if colour else np.repeat(frame[..., None], 3, axis=2)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            container.mux(stream.encode())
        return path

    return write


@pytest.fixture
def clips(tmp_path, film):
    """`clips(name, visible, infrared)`: a clip with so many frames on each side."""

    def make(name, visible, infrared):
        film(tmp_path / "raw/train/visible" / f"{name}.mp4", visible)
        film(tmp_path / "raw/train/infrared" / f"{name}.mp4", infrared, seed=100, colour=False)
        return tmp_path / "raw"

    return make


@pytest.fixture
def rows(home):
    """`rows(source, raw, per_shard)`: what comes of it."""

    def run(declared, raw, per_shard=1000):
        from ingest.run import ingest

        plan = make_plan(declared, open_tree(raw), per_shard=per_shard)
        ingest(plan, home, workers=1, quiet=True, replace=True)
        return [row for path in part.parts(home) for row in part.read_rows(path)]

    return run


# Alpha


@pytest.fixture
def fused(tmp_path, picture):
    from PIL import Image

    colours, heat = picture(1, channels=3), picture(2)
    (tmp_path / "raw/images").mkdir(parents=True)
    Image.fromarray(np.dstack([colours, heat])).save(tmp_path / "raw/images/00001D.png")
    return tmp_path / "raw", colours, heat


ONE_FILE = Layout("images/{clip}", "images/{clip}", read=ALPHA)


def test_alpha_is_the_infrared_side_and_the_rest_the_visible_one(fused, rows, home):
    raw, colours, heat = fused
    (row,) = rows(source(ONE_FILE, key="{clip}"), raw)
    sample = Reader(home).read(row)
    assert (row["status"], row["vis_stored"], row["ir_stored"], row["vis_mode"]) == ("ok", "png", "png", "RGBA")
    assert np.array_equal(sample.visible, colours)
    assert np.array_equal(sample.infrared, heat)


def test_one_file_for_both_sides_is_used_once(fused):
    plan = make_plan(source(ONE_FILE, key="{clip}"), open_tree(fused[0]))
    assert (plan.samples, plan.unused) == (1, 0)


def test_a_file_without_alpha_is_a_failed_row(fused, rows, save):
    raw = fused[0]
    save(raw / "images/00002D.png", 3, channels=3)
    found = {row["key"]: row for row in rows(source(ONE_FILE, key="{clip}"), raw)}
    assert found["demo-00002d"]["status"] == "no_alpha"
    assert "is RGB, and has no alpha channel" in found["demo-00002d"]["reason"]


# Video


def test_each_frame_is_a_sample_of_its_clip(clips, rows, home):
    raw = clips("a", 7, 7)
    found = rows(source(CLIPS), raw)
    assert [row["status"] for row in found] == ["ok"] * 7
    assert [(row["key"], row["frame"], row["sequence"]) for row in found][3] == ("demo-a-000003", 3, "a")
    assert {row["subset"] for row in found} == {"train"}
    sample = Reader(home).read(found[3])
    assert sample.visible.shape == (64, 96, 3)
    assert image.decode(sample.infrared_bytes).ndim == 2, "grey but for the codec's residue"
    assert not found[3]["ir_passed"]


def test_frames_come_in_the_order_of_the_video_and_whole(clips, rows, home, picture):
    raw = clips("a", 5, 5)
    for row in rows(source(CLIPS), raw):
        seen = Reader(home).read(row).visible.astype(int)
        errors = [np.abs(seen - picture(number, 96, 64, 3)).mean() for number in range(5)]
        assert int(np.argmin(errors)) == row["frame"]


def test_shards_that_begin_within_a_clip_hold_the_same_frames(clips, rows):
    raw = clips("a", 9, 9)
    clips("b", 4, 4)
    pixels = [[(row["key"], row["vis_pixels"]) for row in rows(source(CLIPS), raw, n)] for n in (1000, 4, 1)]
    assert pixels[0] == pixels[1] == pixels[2]
    assert len(pixels[0]) == 13


def test_each_video_is_decoded_once_for_a_shard(clips, rows, monkeypatch):
    raw = clips("a", 6, 6)
    opened = []
    real = Raw.open
    monkeypatch.setattr(Raw, "open", lambda self, path: opened.append(path) or real(self, path))
    rows(source(CLIPS), raw)
    assert sorted(opened) == 2 * ["train/infrared/a.mp4"] + 2 * ["train/visible/a.mp4"], "to count, and to decode"


def test_sides_of_different_counts_are_failed_rows(clips, rows):
    found = rows(source(CLIPS), clips("a", 5, 7))
    assert [row["status"] for row in found] == ["frame_count"] * 7
    assert "visible has 5, infrared has 7 frames" in found[0]["reason"]


def test_a_clip_without_its_partner_is_missing_frame_by_frame(clips, rows):
    raw = clips("a", 3, 3)
    clips("b", 3, 3)
    (raw / "train/visible/b.mp4").unlink()
    found = rows(source(CLIPS), raw)
    assert [row["status"] for row in found] == ["ok"] * 3 + ["missing_pair"] * 3


@pytest.mark.parametrize(
    ("spoil", "status", "words"),
    [
        (lambda data: b"", "empty", "no bytes"),
        (lambda data: data[: len(data) // 2], "bad_video", "cannot be opened"),
        (lambda data: b"no video at all", "bad_video", "cannot be opened"),
        (lambda data: b"<!DOCTYPE html><html>quota", "html_page", "HTML page"),
        (lambda data: b"version https://git-lfs.github.com/spec/v1\n", "git_lfs_pointer", "git lfs pull"),
    ],
)
def test_a_file_that_is_no_whole_video_is_one_failed_row(clips, rows, spoil, status, words):
    raw = clips("a", 3, 3)
    path = raw / "train/visible/a.mp4"
    path.write_bytes(spoil(path.read_bytes()))
    (row,) = rows(source(CLIPS), raw)
    assert row["status"] == status
    assert row["reason"].startswith("visible: train/visible/a.mp4: ")
    assert words in row["reason"]


def test_frames_that_cannot_be_decoded_fail_and_those_before_do_not(clips, rows, monkeypatch):
    raw = clips("a", 6, 6)
    monkeypatch.setattr("ingest.readers.count_packets", lambda raw, path: 8)
    found = rows(source(CLIPS), raw)
    assert [row["status"] for row in found] == ["ok"] * 6 + ["bad_video"] * 2
    assert "ends after 6 of 8 frames" in found[-1]["reason"]


def test_a_video_with_more_frames_than_were_counted_is_told(clips, rows, monkeypatch):
    raw = clips("a", 6, 6)
    monkeypatch.setattr("ingest.readers.count_packets", lambda raw, path: 5)
    found = rows(source(CLIPS), raw)
    assert [row["status"] for row in found] == ["ok"] * 4 + ["bad_video"]
    assert "has more than the 5 frames that were counted" in found[-1]["reason"]


def test_infrared_alone_may_be_a_video(tmp_path, film, rows):
    film(tmp_path / "raw/thermal/a.avi", 4, colour=False)
    found = rows(source(Layout(None, "thermal/{clip}", read=VIDEO)), tmp_path / "raw")
    assert [row["status"] for row in found] == ["ok"] * 4


def test_coloured_infrared_video_is_refused(tmp_path, film, rows):
    film(tmp_path / "raw/train/visible/a.mp4", 2)
    film(tmp_path / "raw/train/infrared/a.mp4", 2, seed=50, colour=True)
    assert {row["status"] for row in rows(source(CLIPS), tmp_path / "raw")} == {"pseudocolour"}


def test_videos_count_without_being_decoded(tmp_path, film):
    for suffix in ("mp4", "avi", "mkv"):
        film(tmp_path / f"a.{suffix}", 25)
        assert count_packets(Raw(tmp_path), f"a.{suffix}") == 25


def test_real_clips_have_the_frames_that_their_publisher_counts(raw_data):
    counts = {
        path.stem: count_packets(Raw(path.parent), path.name)
        for path in (raw_data / "M3SVD/Video/test/infrared").iterdir()
    }
    assert counts == {"0111_1716": 151, "0113_1714": 560, "0117_1605": 407, "1230_1202": 205}

"""On images of public datasets, told by their pictures alone: `tests/perf/audit_quality.py` measures all of them."""

from dataclasses import dataclass, replace
from itertools import combinations, islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from splits import folders, ids
from splits.folders import SIDE
from splits.groups import connect
from splits.leaks import find_leaks
from splits.names import key_of, place

SAME_PLACE = {  # looked at; the last two lie in different series of numbers
    ("FLIR_06099", "FLIR_06128"),
    ("FLIR_07119", "FLIR_07125"),
    ("FLIR_07968", "FLIR_07970"),
    ("FLIR_09437", "FLIR_video_02223"),
    ("FLIR_09465", "FLIR_video_02829"),
}
LOOK_ALIKE = ("FLIR_00455", "FLIR_04929")  # 12 of 64 bits apart, but another place


@dataclass(frozen=True)
class Shown:
    """Samples and the folders of each side, whose files have equal names."""

    samples: object
    subsets: dict
    by_side: dict

    def find(self, keys, side):
        return self.by_side[side].find(keys, SIDE)


@pytest.fixture
def shown():
    """`shown(sides)`: the samples of {side: {name: folder}}."""

    def read(sides):
        by_side = {side: folders.read(named) for side, named in sides.items()}
        first = next(iter(by_side.values()))
        columns = {
            name: {side: getattr(found.samples, name)[SIDE] for side, found in by_side.items()}
            for name in ("files", "pixels", "hashes", "structured")
        }
        return Shown(replace(first.samples, **columns), first.subsets, by_side)

    return read


@pytest.fixture
def roadscene(raw_data, tmp_path):
    """`roadscene(stems)`: folders of those pairs by side; default: all."""

    def link(stems=None):
        found = {}
        for side, name in (("vis", "crop_LR_visible"), ("ir", "cropinfrared")):
            source = raw_data / "RoadScene" / name
            found[side] = tmp_path / side / "train"
            found[side].mkdir(parents=True)
            for path in sorted(source.glob("*.jpg")):
                if stems is None or path.stem in stems:
                    (found[side] / path.name).symlink_to(path)
        return found

    return link


def stems_of(raw_data, step):
    return sorted(path.stem for path in (raw_data / "RoadScene" / "cropinfrared").glob("*.jpg"))[::step]


def test_roadscene_s_same_places_are_linked_and_nothing_else(raw_data, roadscene, shown):
    chosen = {*stems_of(raw_data, 4), *LOOK_ALIKE, *(stem for pair in SAME_PLACE for stem in pair)}
    found = shown({side: {"all": folder} for side, folder in roadscene(chosen).items()})
    groups = connect(found.samples, found)
    names = dict(zip((Path(key).stem for key in groups.keys), groups.names, strict=True))
    together = {tuple(sorted(pair)) for pair in combinations(names, 2) if names[pair[0]] == names[pair[1]]}
    assert together == SAME_PLACE


def jpeg(pixels):
    return cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_UNCHANGED)


def half(pixels):
    return cv2.resize(pixels, (pixels.shape[1] // 2, pixels.shape[0] // 2), interpolation=cv2.INTER_AREA)


def crop(pixels):
    """5 % of width and height."""
    y, x = (round(0.025 * length) for length in pixels.shape[:2])
    return pixels[y : pixels.shape[0] - y, x : pixels.shape[1] - x]


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("near", jpeg),
        ("near", half),
        ("near", crop),
        ("flipped", lambda pixels: 255 - pixels),
        ("flipped", lambda pixels: pixels[:, ::-1]),
    ],
    ids=["JPEG 60", "half size", "crop", "negative", "mirror"],
)
def test_copies_of_real_pairs_are_found_and_named_for_what_they_are(raw_data, roadscene, shown, tmp_path, name, edit):
    sides = roadscene(stems_of(raw_data, 8))
    for side, folder in sides.items():
        copied = tmp_path / side / "test"
        copied.mkdir()
        for path in folder.iterdir():
            pixels = edit(cv2.imread(str(path), cv2.IMREAD_UNCHANGED))
            cv2.imwrite(str(copied / f"{path.stem}.png"), np.ascontiguousarray(pixels))
    found = shown({side: {"train": folder, "test": tmp_path / side / "test"} for side, folder in sides.items()})
    (leaks,) = find_leaks(found.samples, found.subsets, found, frames=0)
    stems = [Path(key).stem for key in leaks.keys]
    pairs = {(stems[a], stems[b]) for a, b in zip(leaks.edges.first, leaks.edges.second, strict=True)}
    assert pairs == {(stem, stem) for stem in stems_of(raw_data, 8)}
    assert set(leaks.edges.kind) == {name}


@pytest.fixture
def clips(raw_data, tmp_path, shown):
    """Ten frames of each of M3SVD's four clips, and the clip of each."""
    for side in ("visible", "infrared"):
        (tmp_path / side).mkdir()
        for path in sorted((raw_data / "M3SVD" / "Video" / "test" / side).glob("*.mp4")):
            with av.open(str(path)) as opened:
                for number, frame in enumerate(islice(opened.decode(video=0), 150)):
                    if number % 15 == 0:
                        target = tmp_path / side / f"{path.stem}-{number:06d}.jpg"
                        cv2.imwrite(str(target), frame.to_ndarray(format="bgr24"), [cv2.IMWRITE_JPEG_QUALITY, 95])
    found = shown({"vis": {"all": tmp_path / "visible"}, "ir": {"all": tmp_path / "infrared"}})
    return found, [Path(key).stem[:9] for key in found.samples.keys]


def test_m3svd_is_four_groups_and_only_whole_clips_do_not_leak(clips):
    found, names = clips
    groups = connect(found.samples, found)
    assert {(clip, group) for clip, group in zip(names, groups.names, strict=True)} == {
        (clip, f"all/{clip}-000000.jpg") for clip in ("0111_1716", "0113_1714", "0117_1605", "1230_1202")
    }
    assert all(names[a] == names[b] for a, b in zip(groups.edges.first, groups.edges.second, strict=True))
    by_chance = np.sort(np.random.default_rng(0).choice(len(names), len(names) // 5, replace=False))
    whole = np.flatnonzero(np.array(names) == "1230_1202")
    rates = []
    for tested in (by_chance, whole):
        rest = np.setdiff1d(np.arange(len(names)), tested)
        rates += [leaks.rate for leaks in find_leaks(found.samples, {"train": rest, "test": tested}, found, frames=0)]
    assert rates[0] > 0.95
    assert rates[1] == 0


def test_the_published_lists_of_hit_uav_and_roadscene_are_those_of_their_publishers(raw_data):
    for subset in ("train", "val", "test"):
        path = raw_data / "HIT-UAV" / "normal_xml" / "ImageSets" / "Main" / f"{subset}.txt"
        assert sorted(path.read_text().split()) == sorted(ids.load(f"hit_uav_{subset}"))
    assert stems_of(raw_data, 1) == sorted(ids.load("roadscene"))


def test_hit_uav_s_flights_lie_on_several_sides(raw_data):
    """Of the images at hand, as of all: runs of one flight are torn apart."""
    sides = {name: side for side in ("train", "val", "test") for name in ids.load(f"hit_uav_{side}")}
    images = [path.stem for path in (raw_data / "HIT-UAV" / "normal_xml" / "JPEGImages").glob("*.jpg")]
    places = {place(key_of("hit_uav", name)): sides[name] for name in images}
    pairs = [(a, b) for a in places for b in places if (a.sequence, a.frame + 1) == (b.sequence, b.frame)]
    torn = sum(places[a] != places[b] for a, b in pairs)
    assert (len(images), len(pairs), torn) == (106, 39, 18)

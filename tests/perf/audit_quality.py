"""What the audit finds, misses and links by mistake on real images, by pictures alone: no name and no scene is given.

    python tests/perf/audit_quality.py [--only copies|links|video] [--source RoadScene]

Real pairs lie in IR500K_TEST_DATA, one folder per public dataset. Every image is copied in the ways that people copy
images, and the copies are audited against the originals; every pair of images that the search links is listed by the
scenes that it lies in; the frames of M3SVD's four clips are grouped, and split at random and by clip.
"""

import argparse
import math
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import av
import cv2
import numpy as np

from splits import folders
from splits.folders import SIDE, Folders
from splits.groups import connect
from splits.leaks import find_leaks
from splits.names import place, scene
from splits.samples import Picture, Samples

ROOT = Path(__file__).resolve().parents[2]
RAW = Path(os.environ.get("IR500K_TEST_DATA", ROOT.parent / "shared" / "data" / "raw"))
# Looked at: the same houses and signs, from the same place or from a few metres further.
SAME_PLACE = [
    {"FLIR_06128", "FLIR_06099"},
    {"FLIR_07125", "FLIR_07119"},
    {"FLIR_video_02223", "FLIR_09437"},
    {"FLIR_video_02829", "FLIR_09465"},
    {"FLIR_07968", "FLIR_07970"},
]

Edit = Callable[[np.ndarray], np.ndarray]


def main() -> int:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", choices=["copies", "links", "video"])
    parser.add_argument("--source", choices=[*SOURCES], action="append", help="may be given again; default: all")
    args = parser.parse_args()
    only, chosen = args.only, args.source or [*SOURCES]
    if not RAW.is_dir():
        print(f"no real images in {RAW}: set IR500K_TEST_DATA", file=sys.stderr)
        return 1
    if only in (None, "copies"):
        print("Copies found, by their original or by another image of its place; wrong: by another place alone")
        for source in chosen:
            copies(source, SOURCES[source])
    if only in (None, "links"):
        for source in chosen:
            links(source, SOURCES[source])
    if only in (None, "video"):
        video()
    return 0


SOURCES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "RoadScene": {"vis": ["crop_LR_visible"], "ir": ["cropinfrared"]},
    "HIT-UAV": {"ir": ["normal_xml/JPEGImages"]},
    "MSRS": {"vis": ["train/vi", "test/vi"], "ir": ["train/ir", "test/ir"]},
    "LLVIP": {"vis": ["visible/train", "visible/test"], "ir": ["infrared/train", "infrared/test"]},
}


@dataclass(frozen=True)
class Shown:
    """Samples of one or two sides and where their pictures are."""

    samples: Samples
    subsets: Mapping[str, np.ndarray]
    by_side: Mapping[str, Folders]

    def find(self, keys: Sequence[str], side: str) -> list[Picture]:
        """The pictures of one side of some samples, in their order."""
        return self.by_side[side].find(keys, SIDE)


def read(sides: Mapping[str, Mapping[str, Path]]) -> Shown:
    """Folders by name and side, whose files have the same names on both sides."""
    by_side = {side: folders.read(named) for side, named in sides.items()}
    first, *others = by_side.values()
    assert all(other.samples.keys == first.samples.keys for other in others)
    columns: dict[str, Any] = {
        name: {side: getattr(found.samples, name)[SIDE] for side, found in by_side.items()}
        for name in ("files", "pixels", "hashes", "structured")
    }
    return Shown(replace(first.samples, **columns), first.subsets, by_side)


def link_images(source: str, parts: Sequence[str], target: Path) -> Path:
    """One folder with all images of a side."""
    target.mkdir(parents=True)
    for part in parts:
        for path in sorted((RAW / source / part).iterdir()):
            if path.suffix.lower() in {".jpg", ".png"}:
                (target / path.name).symlink_to(path)
    return target


def jpeg(pixels: np.ndarray) -> np.ndarray:
    """Saved as JPEG of quality 60."""
    return _image(cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_UNCHANGED))


def half(pixels: np.ndarray) -> np.ndarray:
    """Half as wide and high."""
    size = pixels.shape[1] // 2, pixels.shape[0] // 2
    return _image(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def crop(share: float) -> Edit:
    """Without so much of each edge."""

    def cut(pixels: np.ndarray) -> np.ndarray:
        y, x = (round(share * length) for length in pixels.shape[:2])
        return pixels[y : pixels.shape[0] - y, x : pixels.shape[1] - x]

    return cut


def corner(pixels: np.ndarray) -> np.ndarray:
    """Without 5 % of the height at the bottom and of the width at the right."""
    return pixels[: round(0.95 * pixels.shape[0]), : round(0.95 * pixels.shape[1])]


EDITS: Mapping[str, Edit] = {
    "JPEG 60": jpeg,
    "half size": half,
    "crop 5 %": crop(0.025),
    "crop 5 % at a corner": corner,
    "crop 5 % each side": crop(0.05),
    "negative": lambda pixels: 255 - pixels,
    "mirror": lambda pixels: pixels[:, ::-1],
    "all of these": lambda pixels: jpeg(half(255 - crop(0.025)(pixels)[:, ::-1])),
}


def _image(pixels: np.ndarray | None) -> np.ndarray:
    """What OpenCV gives, which is nothing where it could not."""
    assert pixels is not None
    return pixels


def copies(source: str, sides: Mapping[str, Sequence[str]]) -> None:
    """Recall by way of copying, of pairs and of each side alone."""
    alone = [{side: parts} for side, parts in sides.items()] if len(sides) > 1 else []
    for shown in [dict(sides), *alone]:
        cells = []
        for name, edit in EDITS.items():
            with tempfile.TemporaryDirectory() as scratch:
                both = {side: planted(source, parts, edit, Path(scratch) / side) for side, parts in shown.items()}
                found, wrong, total = recall(source, read(both))
            cells.append(f"{name} {found / total:.1%}" + (f" ({wrong} wrong)" if wrong else ""))
        print(f"  {source:10} {' and '.join(shown):10} of {total:4}: {', '.join(cells)}", flush=True)


def planted(source: str, parts: Sequence[str], edit: Edit, scratch: Path) -> dict[str, Path]:
    """The originals, and a folder of copies beside them."""
    originals, edited = link_images(source, parts, scratch / "train"), scratch / "test"
    edited.mkdir()
    for path in sorted(originals.iterdir()):
        pixels = np.ascontiguousarray(edit(_image(cv2.imread(str(path), cv2.IMREAD_UNCHANGED))))
        cv2.imwrite(str(edited / f"{path.stem}.png"), pixels)
    return {"train": originals, "test": edited}


def recall(source: str, shown: Shown) -> tuple[int, int, int]:
    """Copies of which the original or the same place was found, those of which only another was, and all."""
    (leaks,) = find_leaks(shown.samples, shown.subsets, shown, frames=0)
    stems = [Path(key).stem for key in shown.samples.keys]
    hits: dict[str, list[bool]] = {}
    for copy, original in zip(leaks.edges.first.tolist(), leaks.edges.second.tolist(), strict=True):
        hits.setdefault(stems[copy], []).append(same_place(source, stems[copy], stems[original]))
    return sum(map(any, hits.values())), sum(not any(found) for found in hits.values()), leaks.total


def same_place(source: str, one: str, other: str) -> bool:
    """As far as it is known."""
    return scene_of(source, one) == scene_of(source, other) or {one, other} in SAME_PLACE


def links(source: str, sides: Mapping[str, Sequence[str]]) -> None:
    """What is linked in a dataset as it is, inside scenes and across them."""
    with tempfile.TemporaryDirectory() as scratch:
        shown = read({side: {"all": link_images(source, parts, Path(scratch) / side)} for side, parts in sides.items()})
        start = time.perf_counter()
        groups = connect(shown.samples, shown)
        seconds = time.perf_counter() - start
    stems = [Path(key).stem for key in groups.keys]
    scenes = [scene_of(source, stem) for stem in stems]
    edges = groups.edges
    across = [
        number
        for number, (a, b) in enumerate(zip(edges.first.tolist(), edges.second.tolist(), strict=True))
        if scenes[a] != scenes[b]
    ]
    apart = math.comb(len(scenes), 2) - sum(math.comb(count, 2) for count in Counter(scenes).values())
    print(f"\n{source}: {len(edges)} links in {seconds:.1f} s, {len(across)} of them across {apart:,} pairs of scenes")
    for n in across:
        how = f"{edges.side[n]} {edges.variant[n]}, {edges.distance[n]} bits, {edges.measure[n]} {edges.score[n]:.2f}"
        known = "same place" if same_place(source, stems[edges.first[n]], stems[edges.second[n]]) else "not known: look"
        print(f"  {stems[edges.first[n]]} - {stems[edges.second[n]]}: {how}; {known}", flush=True)


def scene_of(source: str, stem: str) -> str:
    """The flight or camera as names tell it; of RoadScene, chosen to hold no place twice, each image by itself."""
    where = place(f"{source.lower().replace('-', '_')}-{stem.lower()}")
    known = scene(where) if where and source != "RoadScene" else None
    return known or stem


def video() -> None:
    """Groups and leaks of M3SVD's frames, of which nothing is told but the pictures."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        for side in ("visible", "infrared"):
            for clip in sorted((RAW / "M3SVD" / "Video" / "test" / side).glob("*.mp4")):
                decode(clip, root / side)
        sides = {"vis": root / "visible", "ir": root / "infrared"}
        shown = read({side: {"all": folder} for side, folder in sides.items()})
        clips = [Path(key).stem[:9] for key in shown.samples.keys]
        start = time.perf_counter()
        groups = connect(shown.samples, shown)
        print(f"\nM3SVD: {len(clips):,} frames of {len(set(clips))} clips, {time.perf_counter() - start:.1f} s")
        for name, count in Counter(groups.names).most_common():
            inside = Counter(clip for clip, group in zip(clips, groups.names, strict=True) if group == name)
            print(f"  group of {count:,}: {', '.join(f'{n} of {clip}' for clip, n in inside.items())}")
        by_chance = random.Random(0).sample(range(len(clips)), len(clips) // 5)
        last = [number for number, clip in enumerate(clips) if clip == max(clips)]
        for label, tested in (("random fifth", by_chance), ("whole clip", last)):
            rest = np.setdiff1d(np.arange(len(clips)), tested)
            (leaks,) = find_leaks(shown.samples, {"train": rest, "test": np.array(sorted(tested))}, shown, frames=0)
            print(f"  {label}: {leaks.images():,} of {leaks.total:,} test frames leak ({leaks.rate:.1%})")


def decode(clip: Path, folder: Path) -> None:
    """Every frame as a file `CLIP-NUMBER.jpg`."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, pixels in enumerate(frames(clip)):
        cv2.imwrite(str(folder / f"{clip.stem}-{number:06d}.jpg"), pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])


def frames(clip: Path) -> Iterator[np.ndarray]:
    """HW3 uint8, blue first."""
    with av.open(str(clip)) as opened:
        for frame in opened.decode(video=0):
            yield frame.to_ndarray(format="bgr24")


if __name__ == "__main__":
    sys.exit(main())

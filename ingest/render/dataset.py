"""Writes rendered scenes as a raw folder in LLVIP's layout, with its truth beside it."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from ingest.render.backdrop import draw_backdrop
from ingest.render.captions import caption
from ingest.render.compose import compose
from ingest.render.picture import take
from ingest.render.truth import region_map, visible, voc_xml
from shards.errors import UserError

JPEG_QUALITY = 92

_README = """Rendered scenes, visible and thermal
====================================

{pairs} pairs of {width}x{height} pixels in {scenes} scenes, rendered by `ingest.render` of ir500k with seed {seed}.
No camera took these pictures; they say nothing about real ones. Free for any use (CC0-1.0).

visible/{{train,test}}/SSNNNN.jpg   8-bit sRGB; SS is the scene, NNNN its frame
infrared/{{train,test}}/SSNNNN.jpg  8-bit grey, linear in apparent temperature, one gain for each scene
Annotations/SSNNNN.xml            Pascal VOC: what is seen of each person, car and van
truth/captions.json               one sentence for each picture
truth/maps/SSNNNN.png             255 within regions, 0 on the gaps between them

Whole scenes are train or test, the last {tests} are test. The same scenes, pairs, size and seed give the same bytes.
"""


def render(
    directory: Path,
    *,
    scenes: int = 12,
    pairs: int = 240,
    size: tuple[int, int] = (320, 256),
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Renders a raw folder; it appears whole or not at all.

    Days and nights alternate, so that from four scenes on both are in train and in test.

    Args:
        directory: the folder to make; may exist if it is empty.
        scenes: how many places, each with a static camera, 2..99.
        pairs: how many pairs over all scenes, shared out evenly.
        size: (width, height) in pixels.
        seed: equal arguments give equal bytes.
        progress: called with (pairs done, pairs in all) after each pair.

    Returns:
        The number of pairs.

    Raises:
        UserError: the folder exists and is not empty or cannot be made, or a number is out of range.
    """
    _check(directory, scenes, pairs, size, seed)
    aside = directory.parent / f".{directory.name}.{os.getpid()}.tmp"
    try:
        aside.mkdir(parents=True)
        _write(aside, scenes, pairs, size, seed, progress)
        os.rename(aside, directory)
    except OSError as error:
        raise UserError(f"{directory} cannot be written ({error.strerror})", "choose another folder") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return pairs


def count_of_test_scenes(scenes: int) -> int:
    """How many of the scenes are test: a quarter, but a day and a night where that leaves both in train."""
    return max(min(2, scenes // 2), round(0.25 * scenes))


def _check(directory: Path, scenes: int, pairs: int, size: tuple[int, int], seed: int) -> None:
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        what = "is not empty" if directory.is_dir() else "is a file"
        raise UserError(f"{directory} {what}", "name a folder that does not exist yet")
    if not 2 <= scenes <= 99:
        raise UserError(f"{scenes} scenes", "choose 2 to 99", code=2)
    if not scenes <= pairs <= 9999 * scenes:
        raise UserError(f"{pairs} pairs in {scenes} scenes", "choose at least 1 and at most 9,999 per scene", code=2)
    if not all(64 <= side <= 2048 for side in size):
        raise UserError(f"{size[0]}x{size[1]} pixels", "choose sides of 64 to 2048", code=2)
    if seed < 0:
        raise UserError(f"seed {seed}", "choose 0 or more", code=2)


def _write(
    folder: Path,
    scenes: int,
    pairs: int,
    size: tuple[int, int],
    seed: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    tests = count_of_test_scenes(scenes)
    for part in ("visible/train", "visible/test", "infrared/train", "infrared/test", "Annotations", "truth/maps"):
        (folder / part).mkdir(parents=True)
    captions: dict[str, str] = {}
    for number in range(scenes):
        subset = "test" if number >= scenes - tests else "train"
        scene = compose(number, size, seed)
        backdrop = draw_backdrop(scene)
        for frame in range(pairs // scenes + (number < pairs % scenes)):
            name = f"{number + 1:02d}{frame + 1:04d}"
            picture = take(backdrop, frame)
            seen = visible(picture)
            _save_jpeg(picture.visible, folder / "visible" / subset / f"{name}.jpg")
            _save_jpeg(picture.infrared, folder / "infrared" / subset / f"{name}.jpg")
            Image.fromarray(region_map(picture)).save(folder / "truth" / "maps" / f"{name}.png")
            (folder / "Annotations" / f"{name}.xml").write_text(voc_xml(f"{name}.jpg", size, seen), "utf-8")
            captions[name] = caption(scene, picture, seen)
            if progress is not None:
                progress(len(captions), pairs)
    (folder / "truth" / "captions.json").write_text(json.dumps(captions, indent=1) + "\n", "utf-8")
    text = _README.format(pairs=pairs, width=size[0], height=size[1], scenes=scenes, seed=seed, tests=tests)
    (folder / "README.txt").write_text(text, "utf-8")


def _save_jpeg(pixels: np.typing.NDArray[np.uint8], path: Path) -> None:
    Image.fromarray(pixels).save(path, "JPEG", quality=JPEG_QUALITY)

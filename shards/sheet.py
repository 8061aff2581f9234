"""A contact sheet: visible, infrared and the infrared edges drawn over the visible image, sample by sample."""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from shards.atomic import replacing
from shards.image import to_uint8
from shards.sample import Sample

_CELL = (220, 176)
_GAP = 6
_TEXT = 16


def contact_sheet(samples: Iterable[Sample], path: Path, *, columns: int = 2) -> int:
    """Draws a PNG; returns how many samples stand on it.

    Beneath each sample stand its key, scene and registration verdict.
    """
    tiles = [_tile(sample) for sample in samples]
    if not tiles:
        return 0
    width, height = max(tile.width for tile in tiles), tiles[0].height
    rows = -(-len(tiles) // columns)
    sheet = Image.new("RGB", (columns * (width + _GAP) + _GAP, rows * (height + _GAP) + _GAP), (18, 18, 20))
    for i, tile in enumerate(tiles):
        sheet.paste(tile, (_GAP + i % columns * (width + _GAP), _GAP + i // columns * (height + _GAP)))
    with replacing(path) as temporary:
        sheet.save(temporary, format="PNG")
    return len(tiles)


def _tile(sample: Sample) -> Image.Image:
    infrared = to_uint8(sample.infrared)
    grey = np.repeat(infrared[..., None], 3, axis=2)
    panels = [grey] if sample.visible_bytes is None else [sample.visible, grey, _overlay(sample.visible, infrared)]
    if (map_ := sample.map) is not None:
        panels.append(np.repeat(map_[..., None], 3, axis=2))
    tile = Image.new("RGB", (len(panels) * _CELL[0], _CELL[1] + _TEXT), (18, 18, 20))
    for i, panel in enumerate(panels):
        fitted = Image.fromarray(panel)
        fitted.thumbnail(_CELL, Image.Resampling.BICUBIC)
        left = i * _CELL[0] + (_CELL[0] - fitted.width) // 2
        tile.paste(fitted, (left, (_CELL[1] - fitted.height) // 2))
    note = f"{sample.key}  scene {sample.scene}  {sample.facts['registration']}"
    ImageDraw.Draw(tile).text((4, _CELL[1] + 2), note, fill=(200, 200, 204))
    return tile


def _overlay(visible: np.ndarray, infrared: np.ndarray) -> np.ndarray:
    """Infrared edges in orange over the darkened visible image: shifted pairs show double contours."""
    height, width = visible.shape[:2]
    fitted = cv2.resize(infrared, (width, height), interpolation=cv2.INTER_AREA)
    edges = cv2.Canny(cv2.GaussianBlur(fitted, (5, 5), 0), 40, 100)
    drawn = (visible * 0.6).astype(np.uint8)
    drawn[edges > 0] = (255, 140, 0)
    return drawn

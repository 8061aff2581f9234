"""The working size of a latent model is the upstream scripts', in exact arithmetic."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from models.diffusion.resize import keep_aspect

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "diffv2ir.json").read_text())["resize"]

# The scripts' floats fall just below a whole number here and lose 64 pixels.
EXACT: dict[tuple[int, int, int], tuple[int, int]] = {(376, 504, 256): (192, 256), (376, 504, 512): (384, 512)}


@pytest.mark.parametrize("row", GOLDEN, ids=lambda r: f"{r['w']}x{r['h']}@{r['resolution']}")
def test_published_sizes(row: dict[str, Any]) -> None:
    asked = (row["w"], row["h"], row["resolution"])
    assert list(keep_aspect(row["resolution"], row["w"], row["h"]).size) == list(EXACT.get(asked, row["out"]))


def test_the_exact_sizes_are_the_rule_in_fractions() -> None:
    for width, height, resolution in EXACT:
        factor = Fraction(resolution, max(width, height))
        factor = Fraction(-(-min(width, height) * factor // 64) * 64, min(width, height))
        assert EXACT[width, height, resolution] == (width * factor // 64 * 64, height * factor // 64 * 64)


@pytest.mark.parametrize(("width", "height"), [(640, 512), (512, 640), (1920, 1080), (1024, 768), (70, 500)])
@pytest.mark.parametrize("resolution", [256, 512])
def test_the_crop_is_centred_and_has_the_aspect_ratio_of_the_size(width: int, height: int, resolution: int) -> None:
    geometry = keep_aspect(resolution, width, height)
    x0, y0, x1, y1 = geometry.box
    assert x0 + x1 == pytest.approx(width)
    assert y0 + y1 == pytest.approx(height)
    assert (x1 - x0) / (y1 - y0) == pytest.approx(geometry.size[0] / geometry.size[1])
    assert (x1 - x0 == width) or (y1 - y0 == height)
    assert geometry.size[0] % 64 == geometry.size[1] % 64 == 0


def test_the_crop_is_that_of_pillow() -> None:
    """The scripts cut and resize with ImageOps.fit."""
    picture = Image.effect_noise((640, 512), 60)
    geometry = keep_aspect(256, 640, 500)
    picture = picture.crop((0, 0, 640, 500))
    theirs = ImageOps.fit(picture, geometry.size, method=Image.Resampling.LANCZOS)
    ours = picture.resize(geometry.size, Image.Resampling.LANCZOS, box=geometry.box)
    assert geometry.box != (0, 0, 640, 500)
    assert ours.tobytes() == theirs.tobytes()

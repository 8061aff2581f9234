"""On real pairs the whole path, from JPEG files to means, gives the published numbers."""

import hashlib
import json
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from bench.metrics.psnr import psnr
from bench.metrics.ssim import ssim
from bench.protocol import decode_grey, fit

ROOT = Path(__file__).parents[2]
EXPECTED = json.loads((ROOT / "tests/golden/evaluation.json").read_text())["roadscene"]
DATA = Path(os.environ.get("IR500K_TEST_DATA", ROOT / "../shared/data/raw")) / "RoadScene"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"RoadScene is not at {DATA} (set IR500K_TEST_DATA)")


class Images(NamedTuple):
    names: list[str]
    grey: np.ndarray  # N x 256 x 256 uint8
    infrared: np.ndarray


def stored(name):
    visible = decode_grey(DATA / "crop_LR_visible" / name, allow_colour=True)
    return visible, decode_grey(DATA / "cropinfrared" / name)


@pytest.fixture(scope="module")
def images():
    for case in EXPECTED["pairs"][:1]:
        visible, infrared = stored(case["name"])
        prefixes = [hashlib.sha256(side.tobytes()).hexdigest()[:16] for side in (visible, infrared)]
        if prefixes != [case["decoded_grey_sha256_16"], case["decoded_ir_sha256_16"]]:
            pytest.skip("this JPEG decoder gives other grey levels than libjpeg-turbo 3.2.0")
    names = sorted(path.name for path in (DATA / "cropinfrared").glob("*.jpg"))
    pairs = [[fit(side, 256) for side in stored(name)] for name in names]
    return Images(names, np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs]))


def means(predictions, references):
    scores = [(psnr(p, r), ssim(p, r)) for p, r in zip(predictions, references, strict=True)]
    return np.mean(scores, axis=0)


def test_ten_pairs_score_as_published(images):
    rows = []
    for case in EXPECTED["pairs"]:
        index = images.names.index(case["name"])
        visible, infrared = stored(case["name"])
        assert visible.shape == infrared.shape == (case["height"], case["width"])
        assert hashlib.sha256(visible.tobytes()).hexdigest()[:16] == case["decoded_grey_sha256_16"]
        assert hashlib.sha256(infrared.tobytes()).hexdigest()[:16] == case["decoded_ir_sha256_16"]
        rows.append(
            (psnr(images.grey[index], images.infrared[index]), ssim(images.grey[index], images.infrared[index]))
        )
        assert rows[-1][0] == pytest.approx(case["psnr"], abs=1e-6)
        assert rows[-1][1] == pytest.approx(case["ssim"], abs=1e-7)
    assert np.mean(rows, axis=0)[0] == pytest.approx(EXPECTED["ten_pairs_mean"]["psnr_mean"], abs=1e-6)
    assert np.mean(rows, axis=0)[1] == pytest.approx(EXPECTED["ten_pairs_mean"]["ssim_mean"], abs=1e-6)


def test_all_221_pairs_score_as_published(images):
    assert len(images.names) == 221
    value = means(images.grey, images.infrared)
    assert value[0] == pytest.approx(EXPECTED["all_221_mean"]["psnr_mean"], abs=1e-6)
    assert value[1] == pytest.approx(EXPECTED["all_221_mean"]["ssim_mean"], abs=1e-6)


def test_floor_rows_keep_their_order(images):
    even_mean = images.infrared[::2].mean(axis=0)
    odd = images.infrared[1::2]
    floors = {
        "mean_of_even_half_on_odd": means([even_mean.round()] * len(odd), odd),
        "greyscale_on_odd": means(images.grey[1::2], odd),
        "constant_128": means(np.full_like(images.infrared, 128), images.infrared),
        "greyscale": means(images.grey, images.infrared),
    }
    for name, value in floors.items():
        assert value == pytest.approx([EXPECTED["floors"][name][key] for key in ("psnr", "ssim")], abs=1e-3), name
    order = [floors[name][0] for name in ("mean_of_even_half_on_odd", "constant_128", "greyscale")]
    assert order == sorted(order, reverse=True)

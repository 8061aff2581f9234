"""On real pairs the whole path, from JPEG files to means, gives the published numbers, by every protocol."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.decode import decode, read, to_grey
from bench.geometry import SQUARE, fit
from bench.metrics.psnr import psnr
from bench.metrics.ssim import ssim
from bench.protocol import choose
from bench.references import of_folder
from bench.score import match, score_all
from shards.home import Home

ROOT = Path(__file__).parents[2]
GOLDEN = json.loads((ROOT / "tests/golden/evaluation.json").read_text())
EXPECTED = GOLDEN["roadscene"]
DATA = Path(os.environ.get("IR500K_TEST_DATA", ROOT / "../shared/data/raw")) / "RoadScene"
PROTOCOLS = [protocol.id for protocol in choose("all")]
TOLERANCE = {"psnr": 1e-6, "ssim": 1e-7}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"RoadScene is not at {DATA} (set IR500K_TEST_DATA)")


def stored(folder, name):
    return to_grey(decode(read(DATA / folder / name), allow_colour=True).pixels)


@pytest.fixture(scope="module")
def greyscale(tmp_path_factory):
    """The visible images as grey PNGs, as anybody would save them."""
    case = EXPECTED["pairs"][0]
    sides = [stored(folder, case["name"]) for folder in ("crop_LR_visible", "cropinfrared")]
    prefixes = [hashlib.sha256(side.tobytes()).hexdigest()[:16] for side in sides]
    if prefixes != [case["decoded_grey_sha256_16"], case["decoded_ir_sha256_16"]]:
        pytest.skip("this JPEG decoder gives other grey levels than libjpeg-turbo 3.2.0")
    folder = tmp_path_factory.mktemp("greyscale")
    for path in (DATA / "cropinfrared").glob("*.jpg"):
        Image.fromarray(stored("crop_LR_visible", path.name)).save(folder / f"{path.stem}.png", compress_level=1)
    return folder


@pytest.fixture(scope="module")
def all_pairs(greyscale, tmp_path_factory):
    """The scores of all pairs by every protocol, headline metrics only."""
    references = of_folder(DATA / "cropinfrared")
    only = {
        protocol.id: [n for n in ("psnr", "ssim", "psnr_pooled") if n in protocol.metrics] for protocol in choose("all")
    }
    home = Home(tmp_path_factory.mktemp("home"))
    return score_all(match(greyscale, references), references, choose("all"), home, only=only)


@pytest.fixture(scope="module")
def ten_pairs(greyscale, tmp_path_factory):
    """The scores of ten pairs by every protocol, all metrics."""
    folder = tmp_path_factory.mktemp("ten")
    for case in EXPECTED["pairs"]:
        for source, side in ((DATA / "cropinfrared" / case["name"], "infrared"), (greyscale / case["name"], "visible")):
            path = source if side == "infrared" else source.with_suffix(".png")
            (folder / side).mkdir(exist_ok=True)
            shutil.copy(path, folder / side)
    references = of_folder(folder / "infrared")
    return score_all(match(folder / "visible", references), references, choose("all"), Home(folder / "home"))


def test_the_files_are_those_of_the_published_commit():
    for case in EXPECTED["pairs"]:
        for side, folder in (("visible", "crop_LR_visible"), ("infrared", "cropinfrared")):
            data = (DATA / folder / case["name"]).read_bytes()
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
            assert blob == case[f"git_blob_{side}"]


def test_decoding_gives_the_published_pixels():
    for case in EXPECTED["pairs"]:
        for folder, key in (("crop_LR_visible", "decoded_grey_sha256_16"), ("cropinfrared", "decoded_ir_sha256_16")):
            pixels = stored(folder, case["name"])
            assert pixels.shape == (case["height"], case["width"])
            assert hashlib.sha256(pixels.tobytes()).hexdigest()[:16] == case[key]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_ten_pairs_score_as_published(ten_pairs, protocol):
    scores = ten_pairs[protocol]
    for row, case in zip(scores.rows, EXPECTED["pairs"], strict=True):
        assert row["key"] == Path(case["name"]).stem
        for name, value in case["protocols"][protocol].items():
            if name in row:  # the pooled PSNR of torchmetrics has no value of one image
                tolerance = 2e-5 if protocol == "torchmetrics@1" else TOLERANCE[name]
                assert row[name] == pytest.approx(value, abs=tolerance), (row["key"], name)
    expected = EXPECTED["ten_pairs_mean"][protocol]
    assert scores.result["metrics"]["ssim"]["value"] == pytest.approx(expected["ssim"], abs=1e-6)
    pooled = expected.get("psnr_pooled", expected["psnr"])
    assert scores.result["metrics"]["psnr"]["value"] == pytest.approx(pooled, abs=1e-6)


def test_ten_pairs_score_as_published_by_the_further_metrics(ten_pairs):
    rows = ten_pairs["v2ir-256@1"].rows
    for row, case in zip(rows, EXPECTED["pairs"], strict=True):
        extras = case["extras"]
        gaps = {"slope_err": ("slope_pred", "slope_ref"), "hf_ratio_err": ("hf_ratio_pred", "hf_ratio_ref")}
        expected = {name: value for name, value in extras.items() if name in row}
        expected |= {name: abs(extras[ours] - extras[theirs]) for name, (ours, theirs) in gaps.items()}
        assert len(expected) == 15
        for name, value in expected.items():
            assert row[name] == pytest.approx(value, abs=1e-5 if name == "ms_ssim" else 1e-6), (row["key"], name)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_all_221_pairs_score_as_published(all_pairs, protocol):
    result, expected = all_pairs[protocol].result, EXPECTED["all_221_mean"][protocol]
    assert result["n"] == 221
    psnr_value = expected["psnr_pooled"] if protocol == "torchmetrics@1" else expected["psnr"]
    assert result["metrics"]["psnr"]["value"] == pytest.approx(psnr_value, abs=1e-6)
    assert result["metrics"]["ssim"]["value"] == pytest.approx(expected["ssim"], abs=1e-6)
    if protocol == "v2ir-256@1":
        assert result["metrics"]["psnr_pooled"]["value"] == pytest.approx(expected["psnr_pooled"], abs=1e-6)


def test_ssim_moves_with_border_and_size_as_published(greyscale):
    order = {"zero_pad": 0.0, "reflect": 0.0, "base": 0.0, "native": 0.0, "512": 0.0, "128": 0.0}
    for path in sorted(greyscale.iterdir())[::8]:
        sides = np.asarray(Image.open(path)), stored("cropinfrared", f"{path.stem}.jpg")
        square = [fit(side, SQUARE) for side in sides]
        order["base"] += ssim(*square)
        order["reflect"] += ssim(*square, border="reflect")
        order["zero_pad"] += ssim(*(np.pad(side, 5) for side in square))
        order["native"] += ssim(*sides)
        for size in (128, 512):
            order[str(size)] += ssim(*(fit(side, (size, size)) for side in sides))
    expected = EXPECTED["sensitivity"]
    assert sorted(order, key=order.__getitem__) == sorted(order, key=expected.__getitem__)


def test_floor_rows_keep_their_order(greyscale):
    names = sorted(path.stem for path in greyscale.iterdir())
    grey = np.stack([fit(np.asarray(Image.open(greyscale / f"{name}.png")), SQUARE) for name in names])
    infrared = np.stack([fit(stored("cropinfrared", f"{name}.jpg"), SQUARE) for name in names])

    def means(predictions, references):
        return np.mean([(psnr(p, r), ssim(p, r)) for p, r in zip(predictions, references, strict=True)], axis=0)

    odd = infrared[1::2]
    floors = {
        "mean_of_even_half_on_odd": means([infrared[::2].mean(axis=0).round()] * len(odd), odd),
        "greyscale_on_odd": means(grey[1::2], odd),
        "constant_128": means(np.full_like(infrared, 128), infrared),
        "greyscale": means(grey, infrared),
    }
    for name, value in floors.items():
        assert value == pytest.approx([EXPECTED["floors"][name][key] for key in ("psnr", "ssim")], abs=1e-3), name
    order = [floors[name][0] for name in ("mean_of_even_half_on_odd", "constant_128", "greyscale")]
    assert order == sorted(order, reverse=True)

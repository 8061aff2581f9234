"""A protocol is data: it fixes every choice, and code that cannot honour it says so."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest

from bench.geometry import fit
from bench.metrics import METRICS
from bench.protocol import choose, load, metric_names, names, parse, same_channels
from shards.errors import UserError

ROOT = Path(__file__).parents[2]
EXPECTED = json.loads((ROOT / "tests/golden/evaluation.json").read_text())
formula = runpy.run_path(str(ROOT / "tests/golden/formulas.py"))["image"]
FOUR = ["v2ir-256@1", "pix2pix-legacy@1", "torchmetrics@1", "v2ir-native@1"]


def text(name="v2ir-256"):
    return (ROOT / f"bench/protocols/{name}.toml").read_text()


def test_there_are_four_and_the_headline_comes_first():
    assert [protocol.id for protocol in choose("all")] == FOUR
    assert [protocol.id for protocol in choose("v2ir-native@1,v2ir-256@1")] == ["v2ir-256@1", "v2ir-native@1"]
    assert names() == sorted(FOUR)


def test_the_headline_uses_every_metric_but_one_librarys_rounding():
    protocol = load("v2ir-256@1")
    assert set(protocol.metrics) == set(METRICS) - {"ssim_float32"}
    assert list(protocol.metrics)[:5] == ["fid", "psnr", "ssim", "kid", "swd"]


@pytest.mark.parametrize("name", FOUR)
def test_every_protocol_says_what_it_does(name):
    protocol = load(name)
    assert protocol.id == f"{name.split('@')[0]}@{protocol.version}"
    assert protocol.steps[0].name == "decode"
    assert "geometry" in [step.name for step in protocol.steps]
    assert all(step.text.endswith(".") for step in protocol.steps)


def test_a_protocols_arguments_reach_the_metric():
    protocol = load("v2ir-256@1")
    reference, prediction = formula("tri", 256, 256), formula("tri_n", 256, 256)
    assert protocol.measure("psnr", reference, reference) == protocol.metrics["psnr"].arguments["cap"] == 100.0
    assert protocol.measure("ssim", prediction, reference) == pytest.approx(0.6705510609, abs=1e-8)
    capped = parse(text().replace("cap = 100.0", "cap = 20.0"))
    assert capped.measure("psnr", prediction, reference) == 20.0
    assert capped.pool("psnr_pooled", [capped.measure("psnr_pooled", prediction, reference)]) == 20.0


@pytest.mark.parametrize(
    ("protocol", "key"),
    [("v2ir-256@1", "ssim"), ("pix2pix-legacy@1", "ssim_uniform7_sample"), ("torchmetrics@1", "ssim_reflect")],
)
@pytest.mark.parametrize("case", [c for c in EXPECTED["pairs"] if c["h"] >= 64], ids=lambda c: f"{c['pred']}-{c['h']}")
def test_each_protocol_has_its_own_ssim(protocol, key, case):
    sides = formula(case["pred"], case["h"], case["w"]), formula(case["ref"], case["h"], case["w"])
    tolerance = 2e-4 if protocol == "torchmetrics@1" else 1e-8  # flat images show the rounding of float32
    assert load(protocol).measure("ssim", *sides) == pytest.approx(case[key], abs=tolerance)


def test_the_pooled_psnr_of_torchmetrics_stands_under_psnr():
    case, protocol = EXPECTED["aggregation"], load("torchmetrics@1")
    pairs = [[formula(name, case["h"], case["w"]) for name in pair] for pair in case["pairs"]]
    shares = [protocol.measure("psnr", *pair) for pair in pairs]
    assert protocol.pool("psnr", shares) == pytest.approx(case["psnr_pooled"], abs=1e-9)


def test_squares_are_compared_at_256_and_native_at_the_references_size():
    prediction, reference = formula("tri", 100, 120), formula("weave", 200, 240)
    for name in FOUR[:3]:
        truth = load(name).of_reference(reference, None)
        assert truth.shape == load(name).of_prediction(prediction, truth).shape == (256, 256)
    native = load("v2ir-native@1")
    truth = native.of_reference(reference, None)
    assert truth is reference
    assert (native.of_prediction(prediction, truth) == fit(prediction, (240, 200))).all()
    assert native.as_stored(prediction) is prediction


def test_a_declared_crop_is_cut_before_it_is_resized():
    reference, box = formula("weave", 200, 240), (10.4, 0.0, 229.6, 200.0)
    square = load("v2ir-256@1").of_reference(reference, box)
    assert (square == fit(reference, (256, 256), box)).all()
    assert (load("v2ir-native@1").of_reference(reference, box) == reference[:, 10:230]).all()


def test_colour_counts_in_the_protocol_of_colour_alone():
    colour = np.dstack([formula(name, 256, 256) for name in ("tri", "weave", "ramp")])
    grey = formula("tri", 256, 256)
    legacy = load("pix2pix-legacy@1")
    assert load("v2ir-256@1").of_prediction(colour, grey).ndim == 2
    ours, theirs = same_channels(legacy.of_prediction(colour, grey), legacy.of_reference(grey, None))
    assert ours.shape == theirs.shape == (256, 256, 3)
    metrics = pytest.importorskip("skimage.metrics")
    expected = metrics.structural_similarity(ours, theirs, channel_axis=2, data_range=255)
    assert legacy.measure("ssim", ours, theirs) == pytest.approx(expected, abs=1e-12)
    psnr = metrics.peak_signal_noise_ratio(theirs, ours, data_range=255)
    assert legacy.measure("psnr", ours, theirs) == pytest.approx(psnr, abs=1e-12)


def test_three_equal_channels_score_as_one():
    one, other = formula("tri_n", 256, 256), formula("tri", 256, 256)
    three = [np.dstack([side] * 3) for side in (one, other)]
    legacy = load("pix2pix-legacy@1")
    for metric in ("psnr", "ssim"):
        assert legacy.measure(metric, *three) == pytest.approx(legacy.measure(metric, one, other), abs=1e-12)


def test_an_unknown_protocol_or_metric_names_the_near_ones():
    with pytest.raises(UserError, match="did you mean v2ir-256@1"):
        load("v2ir-256")
    with pytest.raises(UserError, match=r"did you mean ssim.*protocol v2ir-256@1"):
        load("v2ir-256@1").measure("sim", None, None)
    with pytest.raises(UserError, match="did you mean ssim"):
        metric_names(choose("all"), "sim")
    with pytest.raises(UserError, match="names no protocol"):
        choose(" , ")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("version = 1\ntitle", "version = 2\ntitle", "is of version 2"),
        ('network_input = "clean"', 'network_input = "keen"', "network_input 'keen'"),
        ("size = 256", 'size = "native"', "size 'native'"),
        ('colour = "grey"', 'colour = "lab"', "colour 'lab'"),
        ("[metrics.kid]\nversion = 1", "[metrics.kid]\nversion = 7", "kid of version 7"),
        ("[metrics.kid]", "[metrics.kit]", "metric kit"),
    ],
)
def test_a_protocol_that_this_code_cannot_honour_is_refused(old, new, words):
    assert old in text()
    with pytest.raises(ValueError, match=words):
        parse(text().replace(old, new))

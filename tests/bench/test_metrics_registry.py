"""The registry tells tables all they need, and names functions that exist."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bench.metrics import METRICS


def test_tables_show_the_headline_order():
    assert list(METRICS) == ["fid", "psnr", "ssim", "kid", "swd"]
    assert all(name == metric.name for name, metric in METRICS.items())


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)
def test_a_perfect_prediction_gets_the_best_value_in_range(metric):
    generator = np.random.default_rng(0)
    if metric.needs == "inception":
        perfect, poor = generator.normal(size=(30, 8)), generator.normal(3.0, 1.0, size=(30, 8))
    else:
        shape = (32, 32) if metric.kind == "image" else (4, 32, 32)
        perfect = generator.integers(0, 256, shape).astype(np.uint8)
        poor = np.full(shape, 128, np.uint8)
    best, worse = metric.resolve()(perfect, perfect), metric.resolve()(poor, perfect)
    assert (best > worse) == (metric.direction == "higher")
    assert all(metric.range[0] <= value <= metric.range[1] for value in (best, worse))


def test_rounding_and_scale_are_for_display_only():
    assert METRICS["psnr"].display(21.0656) == "21.07"
    assert METRICS["ssim"].display(0.32927) == "0.3293"
    assert METRICS["kid"].display(-0.0022244) == "-2.22"


def test_the_registry_imports_nothing_heavy():
    heavy = "{'numpy', 'torch', 'cv2', 'PIL'}"
    code = f"import sys, bench.metrics; print(sorted({heavy} & set(sys.modules)))"
    root = Path(__file__).parents[2]
    assert subprocess.check_output([sys.executable, "-c", code], cwd=root, text=True) == "[]\n"

"""The registry tells tables all they need, and names functions that exist and do what they document."""

import doctest
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import bench.metrics
from bench import check, protocol
from bench.metrics import METRICS

MODULES = [f"bench.metrics.{module.name}" for module in pkgutil.iter_modules(bench.metrics.__path__)]


def test_tables_show_the_headline_order():
    assert [name for name, metric in METRICS.items() if metric.headline] == ["fid", "psnr", "ssim", "kid", "swd"]
    assert all(name == metric.name for name, metric in METRICS.items())


@pytest.mark.parametrize("module", [*MODULES, "bench.metrics", "bench.protocol", "bench.geometry", "bench.submission"])
def test_the_examples_in_the_documentation_run(module):
    failed, tried = doctest.testmod(import_module(module))
    assert failed == 0
    assert tried > 0


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)
def test_every_metric_names_its_source_and_a_function_with_an_example(metric):
    assert metric.reference
    assert ">>>" in (metric.resolve().__doc__ or "")
    assert (metric.kind == "pooled") == bool(metric.pool)


@pytest.mark.parametrize("metric", [m for m in METRICS.values() if m.direction], ids=lambda metric: metric.name)
def test_a_perfect_prediction_gets_the_best_value_in_range(metric):
    generator = np.random.default_rng(0)
    if metric.kind == "set" and metric.network:
        perfect, other = generator.normal(size=(30, 8)), generator.normal(3.0, 1.0, (30, 8))
        poor, best = metric.resolve()(other, perfect), metric.resolve()(perfect, perfect)
    elif metric.network:
        perfect = generator.integers(0, 256, (16, 16)).astype(np.uint8)

        def unlike(a, b):
            return float(np.abs(a.astype(float) - b).mean() / 255)

        poor, best = metric.resolve()(perfect // 2, perfect, unlike), metric.resolve()(perfect, perfect, unlike)
    elif metric.needs == "colour":
        colour = generator.integers(0, 256, (16, 16, 3)).astype(np.uint8)
        poor, best = metric.resolve()(colour), metric.resolve()(colour[..., 0])
    else:
        perfect = generator.integers(0, 256, (256, 256) if metric.kind != "set" else (4, 32, 32)).astype(np.uint8)
        blurred = (perfect[..., ::-1] // 4 + 100).astype(np.uint8)
        poor, best = metric.resolve()(blurred, perfect), metric.resolve()(perfect, perfect)
    if metric.kind == "pooled":
        poor, best = metric.resolve_pool()([poor]), metric.resolve_pool()([best])
    assert (best > poor) == (metric.direction == "higher")
    assert all(metric.range[0] <= value <= metric.range[1] for value in (best, poor))


def test_rounding_and_scale_are_for_display_only():
    assert METRICS["psnr"].display(21.0656) == "21.07"
    assert METRICS["ssim"].display(0.32927) == "0.3293"
    assert METRICS["kid"].display(-0.0022244) == "-2.22"


def test_the_registry_imports_nothing_heavy():
    heavy = "{'numpy', 'torch', 'cv2', 'PIL'}"
    code = f"import sys, bench.metrics; print(sorted({heavy} & set(sys.modules)))"
    root = Path(__file__).parents[2]
    assert subprocess.check_output([sys.executable, "-c", code], cwd=root, text=True) == "[]\n"


def test_the_page_on_scoring_names_every_metric_protocol_and_code():
    text = (Path(__file__).parents[2] / "docs/scoring.md").read_text()
    for name in (*METRICS, *protocol.names()):
        assert f"`{name}`" in text, name
    codes = re.findall(r"\| ([EW]\d\d) ", check.__doc__ or "")
    assert len(codes) == 17
    for code in codes:
        assert f"| {code} |" in text, code

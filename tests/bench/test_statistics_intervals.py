"""One call gives every number of a result its interval."""

import json
import time

import numpy as np
import pytest

from bench.statistics.distances import frechet_left_out, interval
from bench.statistics.intervals import column, intervals, metric_names
from bench.statistics.means import mean_interval
from bench.statistics.scenes import units


def table(images=40, scenes=10, seed=0):
    rng = np.random.default_rng(seed)
    return [
        {"key": f"k{i:03d}", "scene": f"s{i % scenes:02d}", "psnr": rng.normal(15, 2), "ssim": rng.random()}
        for i in range(images)
    ]


def both_sides(images, dimensions=16, seed=0):
    rng = np.random.default_rng(seed)
    references = rng.normal(size=(images, dimensions)).astype(np.float32)
    return (references + 0.3 * rng.normal(size=references.shape)).astype(np.float32), references


def test_every_per_image_metric_gets_the_interval_of_its_mean():
    rows = table()
    found = intervals(rows)
    assert list(found) == ["psnr", "ssim"]
    expected = mean_interval(column(rows, "psnr"), [row["scene"] for row in rows])
    assert found["psnr"] == expected.record()
    assert found["psnr"]["ci95"][0] < np.mean(column(rows, "psnr")) < found["psnr"]["ci95"][1]


def test_images_without_a_value_do_not_count_and_their_scene_neither():
    rows = table()
    for row in rows:
        row["ncc"] = None if row["scene"] == "s03" else row["ssim"]
        row["hot_iou_abs"] = None
    found = intervals(rows)
    assert found["ncc"]["scenes"] == 9
    assert "hot_iou_abs" not in found
    kept = [row for row in rows if row["ncc"] is not None]
    assert found["ncc"]["ci95"] == intervals(kept)["ncc"]["ci95"]


def test_what_is_no_metric_of_images_is_passed_over():
    assert metric_names([{"key": "k", "scene": "s", "ssim": 1.0, "psnr": 2.0, "note": "x"}]) == ["psnr", "ssim"]
    assert intervals([]) == {}


def test_features_give_the_set_metrics_their_jackknife():
    rows, (predictions, references) = table(), both_sides(40)
    found = intervals(rows, (predictions, references))
    by = units([row["scene"] for row in rows])
    expected = interval(frechet_left_out(references, predictions, by), by)
    assert found["fid"]["ci95"] == pytest.approx([expected.low, expected.high])
    assert found["fid"]["method"] == found["kid"]["method"] == "jackknife, 10 scenes"
    assert found["kid"]["se"] > 0


def test_no_interval_leaves_the_range_of_its_metric():
    rows, (_, references) = table(), both_sides(40)
    rng = np.random.default_rng(3)
    shuffled = references[rng.permutation(40)]  # FID 0, and more without a scene
    assert intervals(rows, (shuffled, references))["fid"]["ci95"][0] == 0.0
    assert intervals(rows, (shuffled, references))["kid"]["ci95"][0] < 0.0


def test_few_scenes_are_shown_one_by_one():
    rows, features = table(scenes=5), both_sides(40)
    found = intervals(rows, features)
    assert found["psnr"]["ci95"] is None
    assert list(found["psnr"]["per_scene"]) == ["s00", "s01", "s02", "s03", "s04"]
    assert found["fid"] == {"ci95": None, "se": None, "method": "none: 5 scenes are too few", "scenes": 5}
    assert intervals(table(scenes=1), features)["fid"]["ci95"] is None


def test_the_document_is_plain_json_and_the_same_every_time():
    rows, features = table(), both_sides(40)
    first = json.dumps(intervals(rows, features), allow_nan=False)
    assert json.dumps(intervals(rows, features), allow_nan=False) == first


def test_a_whole_table_takes_no_time():
    rows = table(images=650, scenes=60)
    for row in rows:
        row |= dict.fromkeys(("mae", "rmse", "ncc", "vif_p", "grad_corr", "edge_f1", "hist_emd"), row["ssim"])
    start = time.perf_counter()
    assert len(intervals(rows)) == 9
    assert time.perf_counter() - start < 1.0  # 0.1 s on an idle machine

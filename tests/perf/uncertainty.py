"""What intervals and tests cost: 650 images of 60 scenes, two methods, features of 2,048 dimensions.

    python tests/perf/uncertainty.py [--images 650] [--scenes 60]

Prints seconds of each part, and of processor, which other jobs disturb less; and beside the label-swap test of FID what
recomputing every swap would take, measured on some. Ends with 1 where the means take longer than 0.1 s or everything
together longer than 6 s.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does, see shards/console.py

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from bench.metrics.frechet import frechet
from bench.statistics import distances, swaps
from bench.statistics.intervals import intervals
from bench.statistics.paired import paired
from bench.statistics.ranking import all_pairs
from bench.statistics.resampling import flips
from bench.statistics.scenes import units

MEANS_LIMIT, TOTAL_LIMIT = 0.1, 6.0
METRICS = ("psnr", "ssim", "mae", "rmse", "ncc", "grad_corr", "edge_f1", "hist_emd")
COMPUTED = 4


def timed(name: str, work: Callable[[], object]) -> float:
    start, busy = time.perf_counter(), time.process_time()
    work()
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    print(f"{name:58} {seconds:8.3f} s ({busy:.3f} s of processor)", flush=True)
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=650)
    parser.add_argument("--scenes", type=int, default=60)
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    of = np.sort([*range(args.scenes), *rng.integers(0, args.scenes, args.images - args.scenes)])
    scenes = [f"s{s:03d}" for s in of]
    # A spectrum that falls with 1 / k, features that share their scene, predictions that share their reference.
    scale = 10 / np.sqrt(np.arange(1, 2049) * np.sum(1 / np.arange(1, 2049)))

    def drawn() -> np.ndarray:
        return (rng.normal(size=(args.scenes, 2048))[of] + rng.normal(size=(args.images, 2048))) / np.sqrt(2) * scale

    x = drawn()
    first, second = ((x + noise * drawn()).astype(np.float32) for noise in (0.30, 0.31))
    x = x.astype(np.float32)
    rows = [{"key": f"k{i}", "scene": scene} | dict.fromkeys(METRICS, rng.normal()) for i, scene in enumerate(scenes)]
    a, b = rng.normal(15, 3, args.images), rng.normal(15, 3, args.images)
    by = units(scenes, most=distances.most_groups(args.images))
    print(f"{args.images} images, {args.scenes} scenes, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")

    means = timed(f"intervals of {len(METRICS)} metrics of images, one method", lambda: intervals(rows))
    total = means
    total += timed("paired difference and sign flips of one metric", lambda: paired(a, b, scenes))
    total += timed("ties of 16 methods in one metric", lambda: all_pairs(rng.normal(size=(16, args.images)), scenes))
    for name, left_out in (("FID", distances.frechet_left_out), ("KID", distances.kid_left_out)):
        work = lambda left_out=left_out: left_out(x, first, by) - left_out(x, second, by)  # noqa: E731
        total += timed(f"{name}: jackknife of both methods and their difference", work)
    total += timed("FID: label-swap test, 1,000 swaps", lambda: swaps.frechet_swap(x, first, second, by))
    total += timed("KID: label-swap test, 10,000 swaps", lambda: swaps.kid_swap(x, first, second, by))
    print(f"{'together':58} {total:8.3f} s")

    taken = flips(1, COMPUTED, by.count)[:, by.of, None] > 0
    mixed = [(np.where(t, first, second), np.where(t, second, first)) for t in taken]
    plain = timed(
        f"(FID of {COMPUTED} swaps, each computed from its features)",
        lambda: [frechet(x, p) - frechet(x, q) for p, q in mixed],
    )
    print(f"{'(so 1,000 swaps would take)':58} {plain * 1000 / COMPUTED:8.1f} s")
    ok = means <= MEANS_LIMIT and total <= TOTAL_LIMIT
    print("within limits" if ok else f"over the limits of {MEANS_LIMIT} s (means) or {TOTAL_LIMIT} s (all)")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())

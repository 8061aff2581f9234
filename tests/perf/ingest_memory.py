"""Peak memory of an ingest at N and at 10 N pairs: it streams, so the two must be about equal.

    python tests/perf/ingest_memory.py [--pairs 300] [--factor 10] [--workers 2] [--per-shard 100]

Prints the peak resident memory of the parent and of its largest worker, and their ratios; ends with 1 where a ratio
exceeds the limit. Linux: the peaks come from getrusage, in kibibytes.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 1.15

# Runs the command as a user does, then tells its own peak and that of its largest child.
MEASURED = """
import resource, sys
from ingest.__main__ import main
code = main(sys.argv[1:])
peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(*peaks, file=sys.stderr)
sys.exit(code)
"""


def make_pairs(folder: Path, count: int) -> None:
    """Small JPEG pairs in LLVIP's layout: a few pictures under many names, as links, for memory sees names only."""
    generator = np.random.default_rng(0)
    distinct = min(count, 50)
    for side, channels in (("visible", 3), ("infrared", 1)):
        place = folder / side / "train"
        place.mkdir(parents=True)
        for number in range(count):
            path = place / f"{number:06d}.jpg"
            if number < distinct:
                coarse = generator.integers(0, 256, (8, 10, channels), np.uint8).squeeze()
                Image.fromarray(coarse).resize((320, 256), Image.Resampling.BICUBIC).save(path)
            else:
                os.link(place / f"{number % distinct:06d}.jpg", path)


def peaks(raw: Path, home: Path, workers: int, per_shard: int) -> tuple[int, int]:
    """(parent, largest worker) in KiB."""
    words = ["llvip", raw, "--home", home, "--workers", workers, "--per-shard", per_shard]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, words)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    parent, worker = map(int, done.stderr.split()[-2:])
    return parent, worker


def main() -> int:
    """Measures and compares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--factor", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--per-shard", type=int, default=100)
    args = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for count in (args.pairs, args.pairs * args.factor):
            make_pairs(Path(folder) / f"raw{count}", count)
            begin = time.monotonic()
            found.append(
                peaks(Path(folder) / f"raw{count}", Path(folder) / f"home{count}", args.workers, args.per_shard)
            )
            parent, worker = (kib / 1024 for kib in found[-1])
            seconds = time.monotonic() - begin
            print(f"{count:>8,} pairs: parent {parent:6.1f} MiB, largest worker {worker:6.1f} MiB, {seconds:.1f} s")
    ratios = {
        who: big / small
        for who, small, big in zip(("parent", "worker"), *found, strict=True)
        if args.workers > 1 or who == "parent"
    }
    print(f"at {args.factor}x: {', '.join(f'{who} {ratio:.3f}' for who, ratio in ratios.items())} (at most {LIMIT})")
    return int(max(ratios.values()) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())

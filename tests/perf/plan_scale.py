"""Time and memory of planning 1.7 million files: the size of the largest source, listed and paired by one process.

    python tests/perf/plan_scale.py [--files 1700000] [--folder DIR]

Makes a tree of empty files in VTUAV's layout (kept in DIR where one is given, so that a second run is quick to start)
and plans it in a process of its own. Ends with 1 where it takes more than 60 s or 1.5 GiB. Linux: the peak comes from
getrusage, in kibibytes.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS, GIB = 60.0, 1.5
FRAMES = 1000
"""In a sequence."""

MEASURED = """
import json, resource, sys, time
from pathlib import Path
from ingest.plan import make_plan
from ingest.source import get
from ingest.tree import open_tree
begin = time.perf_counter()
tree = open_tree(Path(sys.argv[1]))
listed = time.perf_counter()
plan = make_plan(get("vtuav"), tree)
done = time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
cpu = time.process_time()
print(json.dumps([len(tree.entries), plan.samples, len(plan.shards), listed - begin, done - listed, cpu, peak]))
"""


def make_files(folder: Path, files: int) -> None:
    """Empty frames of both sides and a box file for each, in sequences."""
    for number in range(max(1, files // (2 * FRAMES))):
        sequence = folder / f"car_{number:03d}"
        if (sequence / "ir.txt").exists():
            continue
        for side in ("rgb", "ir"):
            (sequence / side).mkdir(parents=True, exist_ok=True)
            place = os.open(sequence / side, os.O_RDONLY)
            for frame in range(FRAMES):
                os.close(os.open(f"{frame:06d}.jpg", os.O_CREAT | os.O_WRONLY, dir_fd=place))
            os.close(place)
            (sequence / f"{side}.txt").touch()


def measure(folder: Path) -> bool:
    """Plans it and prints what that took; whether the limits hold."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(folder)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    files, samples, shards, listing, planning, cpu, peak = json.loads(done.stdout)
    whole = time.perf_counter() - begin
    print(f"{files:,} files -> {samples:,} samples in {shards:,} shards")
    print(
        f"listing {listing:.1f} s, planning {planning:.1f} s, with start and imports {whole:.1f} s (at most {SECONDS})"
    )
    print(f"of that {cpu:.1f} s of one core: the rest is waiting, for the disk or for other programs")
    print(f"peak {peak / 2**20:.2f} GiB (at most {GIB})")
    return whole <= SECONDS and peak / 2**20 <= GIB


def main() -> int:
    """Makes the files and measures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=1_700_000)
    parser.add_argument("--folder", type=Path, help="where the files are made and kept")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.folder or Path(temporary)
        make_files(folder, args.files)
        print(f"load: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        return int(not measure(folder))


if __name__ == "__main__":
    sys.exit(main())

"""Speed of ingest beside a bare loop that only decodes: what proving, digesting, hashing and writing cost.

    python tests/perf/ingest_speed.py [--data DIR] [--seconds 4] [--rounds 5] [--workers 2] [--source NAME]

Real images are linked under many names until the bare loop takes a few seconds. The loop decodes both images of each
pair with OpenCV and keeps the arrays of a shard, in as many processes; all times include starting them. Also prints a
plain script, one process with Pillow, PNG and `webdataset.ShardWriter`. Ends with 1 where a ratio misses its limit.
"""

import argparse
import io
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from ingest.plan import Plan, Registration, make_plan  # noqa: E402
from ingest.run import ingest  # noqa: E402
from ingest.source import get  # noqa: E402
from ingest.tree import open_tree  # noqa: E402
from shards.home import Home  # noqa: E402

CHECK_COSTS_AT_MOST = 2.0
SCRIPT_IS_SLOWER_BY = 5.0


@dataclass(frozen=True)
class Case:
    """A dataset and the least share of the bare loop's speed."""

    source: str
    folder: str
    visible: str
    infrared: str
    least: float


CASES = (
    Case("roadscene", "RoadScene", "crop_LR_visible", "cropinfrared", 0.4),
    Case("llvip", "LLVIP", "visible/train", "infrared/train", 0.6),
)


def decode(paths: Sequence[str]) -> int:
    """Decodes the images of a shard into arrays, all of which are kept until it is done."""
    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    kept = []
    for path in paths:
        with open(path, "rb") as file:
            kept.append(cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_UNCHANGED))
    return len(kept)


def paths(plan: Plan) -> list[list[str]]:
    """Both files of each pair, by shard."""
    return [[f"{plan.raw.root}/{p}" for s in shard.samples for p in (s.visible, s.infrared)] for shard in plan.shards]


def multiply(case: Case, data: Path, folder: Path, pairs: int) -> None:
    """Links a dataset's pairs under so many names."""
    names = sorted(path.name for path in (data / case.folder / case.visible).glob("*.jpg"))
    for side in (case.visible, case.infrared):
        (folder / side).mkdir(parents=True)
        for number in range(pairs):
            original = (data / case.folder / side / names[number % len(names)]).resolve()
            (folder / side / f"{number:06d}.jpg").symlink_to(original)


def seconds(function: Callable[[], object]) -> float:
    """Of one call."""
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def bare(plan: Plan, workers: int) -> None:
    """The loop to compare with."""
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert sum(pool.map(decode, paths(plan))) == 2 * plan.samples


def ours(plan: Plan, workers: int) -> None:
    """Ingest into a new home."""
    with tempfile.TemporaryDirectory() as home:
        done = ingest(plan, Home(Path(home)), workers=workers, quiet=True)
        assert done.statuses == {"ok": plan.samples}


def script(plan: Plan, pairs: int) -> None:
    """What one would write in ten minutes."""
    import webdataset
    from PIL import Image

    samples = [sample for shard in plan.shards for sample in shard.samples][:pairs]
    with tempfile.TemporaryDirectory() as folder, webdataset.ShardWriter(f"{folder}/%05d.tar", verbose=0) as sink:
        for sample in samples:
            row = {"__key__": sample.key}
            for name, path in (("vis.png", sample.visible), ("ir.png", sample.infrared)):
                stream = io.BytesIO()
                Image.open(f"{plan.raw.root}/{path}").save(stream, "PNG")
                row[name] = stream.getvalue()
            sink.write(row)


def measure(case: Case, args: argparse.Namespace) -> bool:
    """Prints one dataset's numbers; whether all limits hold."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder)
        multiply(case, args.data, raw / "few", 100)
        few = make_plan(get(case.source), open_tree(raw / "few"))
        pace = min(seconds(lambda: decode(paths(few)[0])) for _ in range(3)) / 100
        pairs = round(args.seconds * args.workers / pace)
        multiply(case, args.data, raw / "many", pairs)
        per_shard = max(1, min(200, pairs // (8 * args.workers)))
        tree = open_tree(raw / "many")
        plans = [
            make_plan(get(case.source), tree, per_shard=per_shard, registration=Registration(check))
            for check in (False, True)
        ]
        times = {"bare": [], "ingest": [], "checked": []}
        for _ in range(args.rounds):
            times["bare"].append(seconds(lambda: bare(plans[0], args.workers)))
            times["ingest"].append(seconds(lambda: ours(plans[0], args.workers)))
            times["checked"].append(seconds(lambda: ours(plans[1], args.workers)))
        middle = {name: statistics.median(found) for name, found in times.items()}
        some = min(pairs, 100)
        slow = seconds(lambda: script(plans[0], some)) / some * pairs
    ratio = middle["bare"] / middle["ingest"]
    dearer = middle["checked"] / middle["ingest"]
    beaten = slow / middle["ingest"]
    rates = ", ".join(f"{name} {pairs / middle[name]:,.0f}" for name in middle)
    print(f"{case.source}: {pairs:,} pairs, pairs/s: {rates}, script {pairs / slow:,.0f}")
    print(f"  ingest / bare loop {ratio:.2f} (at least {case.least})")
    print(f"  with the registration check {dearer:.2f} times as long (at most {CHECK_COSTS_AT_MOST})")
    print(f"  script takes {beaten:.1f} times as long (at least {SCRIPT_IS_SLOWER_BY})", flush=True)
    return ratio >= case.least and dearer <= CHECK_COSTS_AT_MOST and beaten >= SCRIPT_IS_SLOWER_BY


def main() -> int:
    """Measures both datasets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = os.environ.get("IR500K_TEST_DATA", ROOT.parent / "shared" / "data" / "raw")
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--seconds", type=float, default=4, help="that the bare loop should take")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--source", choices=[case.source for case in CASES], help="this one alone")
    args = parser.parse_args()
    if hasattr(os, "getloadavg"):
        print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    held = [measure(case, args) for case in CASES if args.source in {None, case.source}]
    return int(not all(held))


if __name__ == "__main__":
    sys.exit(main())

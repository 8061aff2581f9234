"""Audits at the size of IR-500K: near-duplicates of 500,000 hashes, and groups and fill of 1.7 million samples.

    python tests/perf/audit_scale.py [--images 500000] [--rows 1700000] [--only hashes|rows|brute]

The 256-bit hashes: single pictures; static cameras, whose frames differ from their scene by a few flickering bits;
cameras that drift; scenes that look alike, 64 bits apart; and 2,000 planted copies, up to 31 bits apart, a quarter
each as they are, negative, mirrored and both. All are compared with all in four variants, first to connect what is
near, then as an audit of a fifth against the rest. Beside them the ways of imagededup, in a few lines of our own:
comparing every pair, here with NumPy's population count, and a BK-tree; both at sizes where they finish, in one
variant. Ends with 1 where 500,000 take 90 s or 4 GiB or a copy is missed, or 1.7 million rows take 60 s. Linux: peaks
come from getrusage.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from splits.candidates import near
from splits.fill import fill_groups
from splits.forest import Forest
from splits.groups import certain
from splits.near import LIMIT, link, masks
from splits.samples import Samples

SECONDS, GIB, ROW_SECONDS = 90.0, 4.0, 60.0
PLANTED = 2_000


def main() -> int:
    """Runs all parts and says which limit was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=int, default=500_000)
    parser.add_argument("--rows", type=int, default=1_700_000)
    parser.add_argument("--only", choices=["hashes", "rows", "brute"])
    args = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    good = True
    if args.only in (None, "hashes"):
        good &= compare_all(args.images)
    if args.only in (None, "rows"):
        good &= group_and_fill(args.rows)
    if args.only in (None, "brute"):
        compare_plainly()
    return 0 if good else 1


def compare_all(largest: int) -> bool:
    """Growth up to the largest number, and the audit of that one."""
    print("\nNear-duplicates, all against all, four variants, two processes")
    seconds, found = 0.0, True
    for count in sorted({largest // 10, largest // 5, 2 * largest // 5, largest}):
        hashes, first, second, bits = pictures(count)
        seconds, pairs = timed(partial(link, hashes))
        forest = Forest(np.arange(count))
        forest.join(pairs.first, pairs.second)
        joined = forest.find(first) == forest.find(second)
        found &= bool(joined.all())
        print(
            f"  {count:9,} images {seconds:6.1f} s  {len(pairs):8,} pairs connect {count - len(pairs):,} groups; of "
            f"{len(bits):,} copies within {LIMIT} bits {joined.sum():,} found; peak {peak():.2f} GiB",
            flush=True,
        )
    tested = np.zeros(largest, bool)
    tested[first] = True
    tested[np.random.default_rng(1).choice(largest, largest // 5, replace=False)] = True
    tested[second] = False
    rows, others = np.flatnonzero(tested), np.flatnonzero(~tested)
    audited, leaks = timed(lambda: near(hashes[rows], hashes[others], 4))
    nearest = np.full(largest, LIMIT + 1)
    np.minimum.at(nearest, rows[leaks.first], leaks.distance)
    hit = nearest[first] <= bits
    found &= bool(hit.all())
    print(
        f"  audit of {len(rows):,} against {len(others):,}: {audited:.1f} s, {len(np.unique(leaks.first)):,} have "
        f"a near one, {hit.sum():,} of {len(bits):,} copies found at their distance or nearer; peak {peak():.2f} GiB"
    )
    print(f"  asked: {SECONDS:g} s, {GIB:g} GiB, every copy")
    return found and max(seconds, audited) < SECONDS and peak() < GIB


def pictures(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Hashes N x 32, and the planted copies: row, row it was copied to, bits between them."""
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 256, (count, 32), np.uint8)
    # Half of all: static cameras, a few with many frames and many with few; in every third camera the scene drifts.
    lengths = np.sort(rng.zipf(1.5, count))
    lengths = rng.permutation(lengths[lengths < count // 20])
    lengths = lengths[np.cumsum(lengths) <= count // 2]
    camera = np.repeat(np.arange(len(lengths)), lengths)
    scenes = rng.integers(0, 256, (len(lengths) // 20 + 1, 32), np.uint8)[np.arange(len(lengths)) // 20]
    flip(scenes, np.full(len(scenes), 64), rng)  # twenty scenes each that look alike
    drift = np.where(camera % 3 == 0, np.arange(len(camera)) - np.searchsorted(camera, camera), 0)
    frames = scenes[camera]
    for step in range(1, int(min(drift.max(initial=0), 2_000)) + 1):
        moved = np.flatnonzero(drift >= step)
        bit = (37 * camera[moved] + 101 * step) % 256
        frames[moved, bit // 8] ^= np.uint8(1) << (bit % 8).astype(np.uint8)
    flicker = rng.integers(0, 256, (len(lengths), 12))  # the bits of each camera that lie near the border
    for place in range(12):
        flickers = np.flatnonzero(rng.random(len(camera)) < 0.3)
        bit = flicker[camera[flickers], place]
        frames[flickers, bit // 8] ^= np.uint8(1) << (bit % 8).astype(np.uint8)
    hashes[: len(frames)] = frames
    chosen = rng.permutation(count)[: 2 * PLANTED]
    first, second = chosen[:PLANTED], chosen[PLANTED:]
    copies, bits = hashes[first], rng.integers(0, LIMIT + 1, PLANTED)
    flip(copies, bits, rng)
    hashes[second] = copies ^ masks(32)[np.arange(PLANTED) % 4]
    return hashes, first, second, bits


def flip(hashes: np.ndarray, bits: np.ndarray, rng: np.random.Generator) -> None:
    """Flips so many different bits of each row, in place."""
    for row, count in enumerate(bits.tolist()):
        chosen = rng.choice(256, count, replace=False)
        np.bitwise_xor.at(hashes[row], chosen // 8, (1 << chosen % 8).astype(np.uint8))


def group_and_fill(count: int) -> bool:
    """All that groups are made of but the search for near-duplicates, then the fill."""
    samples = recordings(count)
    forest = Forest(np.arange(count))
    grouped, parts = timed(lambda: certain(samples, forest))
    roots = forest.roots()
    names, sizes = np.unique(roots, return_counts=True)
    night = {str(n): {"night" if n % 5 < 2 else "day": s} for n, s in zip(names.tolist(), sizes.tolist(), strict=True)}
    groups = {name: sum(sides.values()) for name, sides in night.items()}
    shares = {"train": 0.8, "val": 0.05, "test": 0.15}
    filled, chosen = timed(lambda: fill_groups(groups, shares, 0, scenarios=night))
    reached = {s: sum(n for g, n in groups.items() if chosen[g] == s) / count for s in shares}
    print(f"\nGroups and fill of {count:,} rows, without the search")
    print(
        f"  groups {grouped:.1f} s: {sum(map(len, parts)):,} edges make {len(names):,} groups of up to {sizes.max():,}"
    )
    print(f"  fill   {filled:.1f} s: {', '.join(f'{s} {share:.3%}' for s, share in reached.items())}")
    print(f"  together {grouped + filled:.1f} s ({ROW_SECONDS:g} s asked), peak {peak():.2f} GiB")
    exact = all(abs(reached[subset] - share) < 0.005 for subset, share in shares.items())
    return exact and grouped + filled < ROW_SECONDS


def recordings(count: int) -> Samples:
    """Videos of 1 to 3,000 frames of two sources, with jumps, repeated files and numbers that both sources share."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 3_000, count // 1_000)
    lengths = np.append(lengths[np.cumsum(lengths) < count], 1)
    video = np.repeat(np.arange(len(lengths)), lengths)[: count - 1]
    video = np.append(video, np.full(count - len(video), video[-1] + 1))
    frame = np.arange(count) - np.searchsorted(video, video)
    hashes = rng.integers(0, 256, (len(lengths) + 2, 32), np.uint8)[video]
    jumped = np.flatnonzero(frame % 997 == 500)
    hashes[jumped] = rng.integers(0, 256, (len(jumped), 32), np.uint8)
    source = np.where(np.arange(count) % 100 < 99, "kaist", "folder")
    names = [f"set{v % 12:02d}-v{v // 12:03d}-i{f:05d}" for v, f in zip(video.tolist(), frame.tolist(), strict=True)]
    keys = [f"{s}-{name}" for s, name in zip(source.tolist(), names, strict=True)]
    codes = np.arange(count)
    copied = rng.choice(count, count // 200, replace=False)
    codes[copied] = codes[rng.permutation(copied)]
    return Samples(
        keys=keys,
        scenes=[f"kaist/{v}" if v % 2 else "" for v in video.tolist()],
        sequences=[f"kaist/{v}" for v in video.tolist()],
        frames=frame,
        files={"ir": codes},
        pixels={"ir": codes},
        hashes={"ir": {256: hashes}},
        structured={"ir": np.ones(count, bool)},
    )


def compare_plainly() -> None:
    """The ways of imagededup (idealo/imagededup, handlers/search), where they can finish."""
    print("\nOther ways, one variant only, one process")
    for count in (5_000, 10_000):
        hashes, first, second, _ = pictures(count)
        words = hashes.view(np.uint64)
        same = np.arange(len(first)) % 4 == 0
        seconds, pairs = timed(partial(every_pair, words))
        known = set(pairs)
        hit = sum(
            (min(a, b), max(a, b)) in known for a, b in zip(first[same].tolist(), second[same].tolist(), strict=True)
        )
        print(
            f"  every pair   {count:6,} images {seconds:6.1f} s, {len(pairs):,} pairs, {hit} of {same.sum()} plain "
            f"copies; 500,000 would take {seconds * (500_000 / count) ** 2 / 3600:.1f} h",
            flush=True,
        )
    for count in (500, 1_000, 2_000):
        numbers = [int.from_bytes(row.tobytes()) for row in pictures(count + 2 * PLANTED)[0][-count:]]
        seconds, compared = timed(partial(bk_tree, numbers))
        print(
            f"  BK-tree      {count:6,} images {seconds:6.1f} s, compares {compared / count**2:.0%} of all pairs",
            flush=True,
        )


def every_pair(words: np.ndarray) -> list[tuple[int, int]]:
    """Pairs within LIMIT, row by row."""
    found = []
    for row in range(len(words)):
        bits = np.bitwise_count(words[row] ^ words[row + 1 :]).sum(axis=1)
        found += [(row, row + 1 + int(other)) for other in np.flatnonzero(bits <= LIMIT)]
    return found


def bk_tree(numbers: list[int]) -> int:
    """Builds the tree and asks it for each number; returns how many comparisons the questions took."""
    tree: dict[int, dict[int, int]] = {0: {}}
    for number in range(1, len(numbers)):
        node = 0
        while (below := tree[node].get(bits := (numbers[number] ^ numbers[node]).bit_count())) is not None:
            node = below
        tree[node][bits], tree[number] = number, {}
    compared = 0
    for wanted in numbers:
        stack = [0]
        while stack:
            node = stack.pop()
            compared += 1
            bits = (wanted ^ numbers[node]).bit_count()
            stack += [child for edge, child in tree[node].items() if abs(edge - bits) <= LIMIT]
    return compared


def peak() -> float:
    """GiB that this process and its two searchers held at most."""
    own, child = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + 2 * child) / 2**20


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came out."""
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


if __name__ == "__main__":
    sys.exit(main())

"""Scoring against the chain of libraries that people use: both sides in one run, the same images, the same numbers.

    python tests/perf/score.py [--pairs 650] [--size 640x512] [--rounds 1] [--only files|frechet]

The chain: Pillow and scikit-image for PSNR and SSIM at 256 x 256; clean-fid's folder reader, its resize, its KID and
scipy's matrix square root for FID. Features come from one stand-in for the network, given to both sides; the network
itself is measured by tests/perf/inception.py, intervals and tests by tests/perf/uncertainty.py. Ends with 1 where, on
650 pairs at 640x512, ours is not 6 times as fast as the chain with a cold cache and 12 times for a second method, PSNR
and SSIM alone take 5 s or more, the Fréchet term is not 50 times as fast as the square root, or a number differs.
"""

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the command line does, see shards/console.py

import numpy as np
import torch
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from bench import score as scoring
from bench.metrics.frechet import frechet
from bench.networks import Network
from bench.protocol import load
from bench.references import of_folder
from models import pretrained
from shards.home import Home

METRICS = ("fid", "psnr", "ssim", "kid")
SQUARE = (256, 256)
COLD, SECOND, PLAIN_SECONDS, FRECHET = 6.0, 12.0, 5.0, 50.0
GAP = {"fid": 1e-5, "psnr": 1e-9, "ssim": 1e-9, "kid": 1e-3}  # clean-fid sums KID in float32


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=650)
    parser.add_argument("--size", default="640x512")
    parser.add_argument("--rounds", type=int, default=1, help="medians over so many")
    parser.add_argument("--only", choices=("files", "frechet"))
    asked = parser.parse_args()
    width, height = map(int, asked.size.split("x"))
    warnings.filterwarnings("ignore", category=DeprecationWarning)  # scipy 1.17 on clean-fid's call
    busy = f"load {os.getloadavg()[0]:.1f}"
    print(f"{asked.pairs} pairs at {width}x{height}, {os.cpu_count()} cores, {busy}", flush=True)
    good = True
    if asked.only != "frechet":
        with tempfile.TemporaryDirectory() as folder:
            for seed, side in enumerate(("references", "first", "second")):
                draw(Path(folder) / side, asked.pairs, width, height, seed)
            good = compare_files(Path(folder), asked.rounds)
    if asked.only != "files":
        good = compare_frechet(asked.pairs) and good
    return 0 if good else 1


def compare_files(root: Path, rounds: int) -> bool:
    """The whole way from files to four numbers."""
    scoring.intervals = lambda *_: {}  # type: ignore[attr-defined]  # measured apart
    first, second, truths = root / "first", root / "second", root / "references"
    seconds: dict[str, list[float]] = {"plain": [], "cold": [], "second": [], "chain": []}
    ours: dict[str, float] = {}
    theirs: dict[str, float] = {}
    for number in range(rounds):
        home, empty = Home(root / f"home-{number}"), Home(root / f"empty-{number}")
        start = time.perf_counter()
        by_us(first, truths, empty, ("psnr", "ssim"))
        seconds["plain"].append(time.perf_counter() - start)
        start = time.perf_counter()
        ours = by_us(first, truths, home, METRICS)
        seconds["cold"].append(time.perf_counter() - start)
        start = time.perf_counter()
        by_us(second, truths, home, METRICS)
        seconds["second"].append(time.perf_counter() - start)
        theirs, parts = by_libraries(first, truths)
        seconds["chain"].append(sum(parts.values()))
        print("  the chain's parts: " + ", ".join(f"{name} {took:.1f} s" for name, took in parts.items()), flush=True)
    plain, cold, warm, chain = (median(seconds[name]) for name in ("plain", "cold", "second", "chain"))
    gaps = {name: abs(ours[name] - theirs[name]) / max(abs(theirs[name]), 1e-9) for name in METRICS}
    for name, gap in gaps.items():
        print(f"  {name:5} ours {ours[name]:.6f}  chain {theirs[name]:.6f}  relative gap {gap:.1e}")
    print(f"  chain of libraries      {chain:7.2f} s")
    print(f"  ours, cold cache        {cold:7.2f} s  {chain / cold:6.1f} x  ({COLD:g} x asked)")
    print(f"  ours, a second method   {warm:7.2f} s  {chain / warm:6.1f} x  ({SECOND:g} x asked)")
    print(f"  ours, PSNR and SSIM     {plain:7.2f} s  (under {PLAIN_SECONDS:g} s asked)", flush=True)
    equal = all(gap < GAP[name] for name, gap in gaps.items())
    return equal and chain >= COLD * cold and chain >= SECOND * warm and plain < PLAIN_SECONDS


def compare_frechet(pairs: int) -> bool:
    """The Fréchet term alone, on features with a falling spectrum as those of images have."""
    rng = np.random.default_rng(0)
    spectrum = 1.0 / np.sqrt(np.arange(1, 2049))
    ours, theirs = (rng.normal(shift, 1.0, (pairs, 2048)) * spectrum for shift in (0.0, 0.1))
    fast, found = zip(*(timed(lambda: frechet(ours, theirs)) for _ in range(5)), strict=True)
    slow, expected = timed(lambda: float(pretrained.cleanfid().fid_from_feats(ours, theirs)))
    gap = abs(found[0] - expected) / expected
    print(f"Fréchet term, N = {pairs}, d = 2048, relative gap {gap:.1e} (1e-5 asked)")
    print(f"  covariance and sqrtm    {slow:7.2f} s")
    print(f"  nuclear norm            {median(fast):7.2f} s  {slow / median(fast):6.1f} x  ({FRECHET:g} x asked)")
    return gap < 1e-5 and slow >= FRECHET * median(fast)


def draw(folder: Path, count: int, width: int, height: int, seed: int) -> None:
    """Grey PNGs: soft shapes with sensor noise, whose files are about as large as those of thermal images."""
    folder.mkdir()
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 3, (height, width))
    for i in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (9, 11), np.uint8))
        levels = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.float64)
        noisy = (levels + np.roll(noise, 7 * i)).clip(0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(folder / f"{i:04d}.png", compress_level=3)


def stand_in(inputs: Any) -> Any:
    """2048 pixels of the network's input in the place of features."""
    flat: Any = inputs[:, 0].reshape(len(inputs), -1)[:, ::43][:, :2048]
    return flat


def by_us(predictions: Path, truths: Path, home: Home, metrics: tuple[str, ...]) -> dict[str, float]:
    """One call."""
    network = Network("stand-in", "0" * 64, stand_in)
    scoring.set_network = lambda name, home, quiet: network if name == "inception" else None
    protocol = load("v2ir-256@1")
    references = of_folder(truths)
    submission = scoring.match(predictions, references)
    found = scoring.score_all(submission, references, [protocol], home, only={protocol.id: metrics}, quiet=True)
    return {name: found[protocol.id].result["metrics"][name]["value"] for name in metrics}


def by_libraries(predictions: Path, truths: Path) -> tuple[dict[str, float], dict[str, float]]:
    """One script after the other, as people chain them: the numbers, and the seconds of each part."""
    module = pretrained.cleanfid()

    def pixels() -> tuple[float, float]:
        psnr, ssim = [], []
        for path in sorted(predictions.iterdir()):
            pictures = [Image.open(file).convert("L") for file in (path, truths / path.name)]
            ours, theirs = (np.asarray(picture.resize(SQUARE, Image.Resampling.BICUBIC)) for picture in pictures)
            psnr.append(peak_signal_noise_ratio(theirs, ours, data_range=255))
            as_published = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
            ssim.append(structural_similarity(theirs, ours, data_range=255, **as_published))
        return float(np.mean(psnr)), float(np.mean(ssim))

    def of_folder(folder: Path) -> Any:
        return module.get_folder_features(
            str(folder),
            model=lambda batch: torch.from_numpy(np.ascontiguousarray(stand_in(((batch - 128) / 128).numpy()))),
            num_workers=2,
            device=torch.device("cpu"),
            verbose=False,
            custom_image_tranform=lambda rgb: np.asarray(Image.fromarray(rgb).resize(SQUARE, Image.Resampling.BICUBIC)),
        )

    pixel_seconds, (psnr, ssim) = timed(pixels)
    input_seconds, sides = timed(lambda: [of_folder(predictions), of_folder(truths)])
    fid_seconds, fid = timed(lambda: float(module.fid_from_feats(*(side.astype(np.float64) for side in sides))))
    kid_seconds, kid = timed(lambda: module.kernel_distance(*sides))
    numbers = {"fid": fid, "psnr": psnr, "ssim": ssim, "kid": kid}
    return numbers, {"PSNR and SSIM": pixel_seconds, "input": input_seconds, "FID": fid_seconds, "KID": kid_seconds}


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came out."""
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


if __name__ == "__main__":
    sys.exit(main())

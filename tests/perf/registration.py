"""The registration check over real pairs: verdicts as they are, moved, turned and mispaired, and what it costs.

Run as `python tests/perf/registration.py`; real pairs lie in IR500K_TEST_DATA, one folder per public dataset.
Moves are 4 to 16 px of the image's own size in any direction, made by cropping, so that no border gives them away.
RoadScene holds four places twice under names that do not tell; a pairing of two such images may get a verdict.
"""

import argparse
import math
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from ingest.registration import Registration, register  # noqa: E402
from shards import hashing, image  # noqa: E402

RAW = Path(os.environ.get("IR500K_TEST_DATA", ROOT.parent / "shared" / "data" / "raw"))

# Dataset, infrared files, how the visible file is named, and what of the name tells the scene.
FOLDERS = (
    ("RoadScene", "cropinfrared/*.jpg", ("cropinfrared", "crop_LR_visible"), r"\w+(?=\d\d\.)"),
    ("LLVIP", "infrared/*/*.jpg", ("infrared", "visible"), r"\d\d(?=\d{4}\.)"),
    ("MSRS", "*/ir/*.png", ("/ir/", "/vi/"), r"\d+[DN]"),
    ("M3FD_Detection", "Ir/*.png", ("/Ir/", "/Vis/"), r"\d{4}(?=\d\.)"),
    ("FMB", "test/Infrared/*.png", ("Infrared", "Visible"), r"\d+(?=\.)"),
    ("KAIST", "set*/*/lwir/*", ("lwir", "visible"), r"set\d\d/V\d{3}"),
    ("VTUAV", "*/ir/*.jpg", ("/ir/", "/rgb/"), r"VTUAV/\w+"),
    ("TNO", "IR/*.png", ("/IR/", "/VIS/"), r"TNO_\d+"),
    ("VEDAI", "*/*_ir.png", ("_ir.", "_co."), r"\d{8}"),
)
FRAME_STEP = 40


@dataclass(frozen=True)
class Pair:
    """Two aligned grey pictures, HW."""

    scene: str
    visible: np.ndarray
    infrared: np.ndarray


def folder_pairs(name: str, pattern: str, sides: tuple[str, str], scene: str) -> Iterator[Pair]:
    for path in sorted((RAW / name).glob(pattern)):
        found = re.search(scene, path.as_posix())
        assert found, path
        yield Pair(found[0], grey(visible_of(path, sides)), grey(path))


def visible_of(infrared: Path, sides: tuple[str, str]) -> Path:
    return RAW / infrared.relative_to(RAW).as_posix().replace(*sides)


def alpha_pairs() -> Iterator[Pair]:
    """MFNet keeps the infrared image in the alpha channel."""
    for path in sorted((RAW / "MFNet/images").glob("*.png")):
        pixels = image.decode(path.read_bytes())
        yield Pair(path.stem, image.to_grey(pixels[..., :3]), np.ascontiguousarray(pixels[..., 3]))


def video_pairs() -> Iterator[Pair]:
    for path in sorted((RAW / "M3SVD/Video/test/infrared").glob("*.mp4")):
        for visible, infrared in zip(frames(path.parents[1] / "visible" / path.name), frames(path), strict=True):
            yield Pair(path.stem, visible, infrared)


def frames(path: Path) -> Iterator[np.ndarray]:
    import av

    with av.open(str(path)) as video:
        for number, frame in enumerate(video.decode(video=0)):
            if number % FRAME_STEP == 0:
                yield frame.to_ndarray(format="gray")


def grey(path: Path) -> np.ndarray:
    return image.to_grey(image.decode(path.read_bytes()))


def moved(pair: Pair, dx: int, dy: int) -> tuple[np.ndarray, np.ndarray]:
    """Crops in which the infrared content lies (dx, dy) px farther right and down than before."""
    height, width = pair.visible.shape
    left = pair.visible[max(0, dy) : height + min(0, dy), max(0, dx) : width + min(0, dx)]
    right = pair.infrared[max(0, -dy) : height - max(0, dy), max(0, -dx) : width - max(0, dx)]
    return left, right


def turned(picture: np.ndarray, degrees: float) -> np.ndarray:
    height, width = picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    result: np.ndarray = cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REFLECT)
    return result


def verdicts(found: list[Registration]) -> str:
    counts = Counter(f.verdict for f in found)
    return " ".join(f"{counts[v]:5d}" for v in ("aligned", "shifted", "uninformative"))


def row(
    name: str, pairs: list[Pair], everything: list[Pair], mispaired: int, random: np.random.Generator
) -> tuple[str, int]:
    """A line of the table, and how many mispaired images were accepted."""
    own = [register(p.visible, p.infrared) for p in pairs]
    angles = random.uniform(0, 2 * math.pi, len(pairs))
    lengths = random.uniform(4, 16, len(pairs))
    known = [(round(r * math.cos(a)), round(r * math.sin(a))) for r, a in zip(lengths, angles, strict=True)]
    off = [register(*moved(p, *k)) for p, k in zip(pairs, known, strict=True)]
    told = [(f, k, o) for f, k, o in zip(off, known, own, strict=True) if f.verdict != "uninformative"]
    near = sum(math.dist((f.dx, f.dy), k) <= 4 for f, k, _ in told)
    beside = sum(math.dist((f.dx - o.dx, f.dy - o.dy), k) <= 4 for f, k, o in told)
    bent = [register(p.visible, turned(p.infrared, 3)) for p in pairs]
    wrong = []
    for pair in pairs:
        others = [p for p in pairs if p.scene != pair.scene] or [p for p in everything if p.scene != pair.scene]
        for i in random.choice(len(others), min(mispaired, len(others)), replace=False):
            wrong.append(register(pair.visible, others[i].infrared))
    rates = f"{len(told):5d} {near / max(len(told), 1):5.0%} {beside / max(len(told), 1):5.0%}"
    line = f"{name:15s}{len(pairs):5d} |{verdicts(own)} |{rates} |{verdicts(bent)} |{len(wrong):6d}{verdicts(wrong)}"
    return line, sum(f.verdict == "aligned" for f in wrong)


def milliseconds(work: Callable[[], object]) -> float:
    """Least CPU time of five runs: what others do on the machine does not count."""
    times = []
    for _ in range(5):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return 1000 * min(times)


def prove(*paths: Path) -> None:
    """What ingest does to a pair anyway: decodes both images and takes their digests."""
    for path in paths:
        data = path.read_bytes()
        pixels = image.decode(data)
        flat = image.to_grey(pixels)
        hashing.sha256(data)
        hashing.pixel_digest(pixels)
        hashing.perceptual(flat, 8)
        hashing.perceptual(flat, 16)
        hashing.is_flat(flat)


def costs() -> Iterator[str]:
    cv2.setNumThreads(1)
    for name, pattern, sides, _ in FOLDERS[:2]:
        if not (RAW / name).is_dir():
            continue
        checks, proofs = [], []
        for path in sorted((RAW / name).glob(pattern))[:20]:
            files = visible_of(path, sides), path
            pair = grey(files[0]), grey(files[1])
            checks.append(milliseconds(partial(register, *pair)))
            proofs.append(milliseconds(partial(prove, *files)))
            height, width = pair[0].shape
        yield (
            f"{name}, about {width} x {height}: check {np.median(checks):.1f} ms of one core per pair, "
            f"decoding and hashing {np.median(proofs):.1f} ms"
        )


def main() -> int:
    """Prints the table and the costs; 1 where a wrong pairing was accepted or there are no images."""
    parser = argparse.ArgumentParser(description="The registration check over real pairs.")
    parser.add_argument("--mispaired", type=int, default=4, help="other scenes' infrared images to try per pair")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    datasets = {folder[0]: list(folder_pairs(*folder)) for folder in FOLDERS}
    datasets |= {"MFNet": list(alpha_pairs()), "M3SVD": list(video_pairs())}
    everything = [pair for pairs in datasets.values() for pair in pairs]
    if not everything:
        print(f"no real images in {RAW}: set IR500K_TEST_DATA", file=sys.stderr)
        return 1
    print("verdicts: aligned, shifted, uninformative; told: has a verdict; <=4: shift found within 4 px of the")
    print("known one; own: the same beside what the unmoved pair is off by\n")
    print(f"{'':20s} |{'as they are':^17s} |{'moved 4-16 px':^17s} |{'turned by 3 deg':^17s} |{'other scene':^23s}")
    print(f"{'dataset':15s}{'n':>5s} |{'alig  shif  unin':>17s} |{'told   <=4   own':>17s} |", end="")
    print(f"{'alig  shif  unin':>17s} |{'n':>6s}{'alig  shif  unin':>17s}")
    random = np.random.default_rng(args.seed)
    accepted = 0
    for name, pairs in datasets.items():
        if pairs:
            line, wrongly = row(name, pairs, everything, args.mispaired, random)
            accepted += wrongly
            print(line, flush=True)
    print(f"\n{accepted} mispaired images accepted")
    for line in costs():
        print(line)
    return 1 if accepted else 0


if __name__ == "__main__":
    sys.exit(main())

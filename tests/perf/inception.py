"""The FID Inception network against clean-fid's own module: images per second with the same weights and inputs.

    python tests/perf/inception.py [--images 64] [--rounds 3]

The weights are random, in the format of the published file. clean-fid resizes inside its network; here it is given
299 x 299 inputs already, so that only the network is compared.
"""

import argparse
import importlib
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the command line does, see shards/console.py

import numpy as np
import torch

from bench.networks import BATCH, folded
from models import inception, pretrained
from shards.hashing import sha256


def main() -> int:
    """Prints both; 1 where ours is the slower one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    warnings.filterwarnings("ignore", category=UserWarning)  # clean-fid's calls of torchvision
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / inception.FILE_NAME
        network = inception.FIDInception()
        torch.save(network.state_dict(), path)
        ours = folded(inception.load(path, sha256(path.read_bytes())))
        theirs = cleanfid_network(path)
    inputs = np.random.default_rng(0).uniform(-1, 1, (asked.images, 3, 299, 299)).astype(np.float32)
    print(f"{asked.images} images, batches of {BATCH}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")

    def by_us() -> Any:
        return inception.features(ours, inputs, prepare=lambda prepared: prepared, batch=BATCH)  # type: ignore[arg-type, return-value]

    def by_cleanfid() -> Any:
        with torch.no_grad():
            batches = [theirs(torch.from_numpy(inputs[i : i + BATCH])) for i in range(0, len(inputs), BATCH)]
        return np.concatenate([batch[0].squeeze(-1).squeeze(-1).numpy() for batch in batches])

    seconds: dict[str, list[float]] = {"ours": [], "clean-fid": []}
    for _ in range(asked.rounds):  # in turns, so that both meet the same load
        took, found = timed(by_us)
        seconds["ours"].append(took)
        took, expected = timed(by_cleanfid)
        seconds["clean-fid"].append(took)
    gap = np.linalg.norm(found - expected) / np.linalg.norm(expected)
    print(f"  relative difference of the features {gap:.1e}")
    rates = {name: asked.images / median(times) for name, times in seconds.items()}
    for name, rate in rates.items():
        print(f"  {name:10} {rate:7.2f} images/s")
    print(f"  {rates['ours'] / rates['clean-fid']:.2f} x (no less than 1 asked)")
    return 0 if rates["ours"] >= rates["clean-fid"] and gap < 1e-4 else 1


def cleanfid_network(path: Path) -> Any:
    """clean-fid's Inception with the weights of a file instead of a download."""
    pretrained.torchvision()
    module = importlib.import_module("cleanfid.inception_pytorch")
    weights = torch.load(path, weights_only=True)
    with mock.patch.object(module, "load_state_dict_from_url", return_value=weights):
        return module.InceptionV3(resize_input=False, normalize_input=False).eval()


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came out."""
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


if __name__ == "__main__":
    sys.exit(main())

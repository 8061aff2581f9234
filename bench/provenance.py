"""Where and at what cost a result was made: revision, packages, hardware, weights, seconds, memory."""

import os
import platform
import resource
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from bench.journal import write_json

_PACKAGES = ("torch", "diffusers", "transformers", "accelerate", "numpy", "pillow", "opencv-python-headless", "duckdb")


def environment(weights: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What a result may depend on besides the code and the data.

    Args:
        weights: sha256 of every downloaded weights file that is used, by name.
    """
    return {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "cpu": _processor(),
        "cpu_count": os.cpu_count(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "driver": _driver() if torch.cuda.is_available() else None,
        "cuda": torch.version.cuda,
        "threads": torch.get_num_threads(),
        "determinism": {
            "algorithms": torch.are_deterministic_algorithms_enabled(),
            "cudnn_deterministic": torch.backends.cudnn.deterministic,
            "cudnn_benchmark": torch.backends.cudnn.benchmark,
            "tf32_matmul": torch.backends.cuda.matmul.allow_tf32,
        },
        "packages": {name: _version(name) for name in _PACKAGES},
        "revision": _revision(),
        "weights": dict(weights or {}),
    }


def cost(seconds: float, images: int, device: torch.device) -> dict[str, Any]:
    """What a stretch of work took.

    Args:
        seconds: of wall time.
        images: that went through.
        device: where.

    Returns:
        Also the largest memory of this process so far: the GPU's where there is one, else resident.
    """
    on_gpu = device.type == "cuda"
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {
        "seconds": round(seconds, 2),
        "images": images,
        "images_per_second": round(images / max(seconds, 1e-9), 3),
        "gpu_hours": round(seconds / 3600, 4) if on_gpu else 0.0,
        "device": torch.cuda.get_device_name() if on_gpu else "cpu",
        "peak_memory_bytes": torch.cuda.max_memory_allocated() if on_gpu else resident,
    }


def write_scoring(folder: Path, seconds: float, images: int, weights: Mapping[str, str]) -> None:
    """run.json beside a result: when, where and at what cost it was made.

    No result.json says so: equal scores make equal bytes there.

    Args:
        folder: of one protocol's result.
        seconds: of the pass over the pictures, which several protocols may have shared.
        images: that went through.
        weights: sha256 of every weights file that was used, by name.
    """
    on_gpu = bool(weights) and torch.cuda.is_available()
    record = cost(seconds, images, torch.device("cuda" if on_gpu else "cpu"))
    created = datetime.now(UTC).isoformat(timespec="seconds")
    write_json(folder / "run.json", {"created": created} | record | {"environment": environment(weights)})


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _driver() -> str | None:
    words = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        answer = subprocess.run(words, capture_output=True, text=True, check=True, timeout=10).stdout.split()
    except (OSError, subprocess.SubprocessError):
        return None
    return answer[0] if answer else None


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _revision() -> dict[str, Any]:
    root = Path(__file__).resolve().parent.parent

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.CalledProcessError):
        from shards import __version__

        return {"commit": None, "version": __version__}

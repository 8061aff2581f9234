"""What all tests share: real images where they are, and small raw folders and homes made of tiny pictures."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does, before NumPy is loaded

with contextlib.suppress(ModuleNotFoundError):
    # First of all, so that tests may import torchvision and what stands on it directly.
    from models import pretrained

    pretrained.torchvision()

import hypothesis
import numpy as np
import pytest
from PIL import Image

from shards.home import Home

ROOT = Path(__file__).resolve().parents[1]

hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)  # a busy machine is no failure
hypothesis.settings.load_profile("steady")


@pytest.fixture(scope="session")
def raw_data() -> Path:
    """Folder of real images, one folder per public dataset."""
    folder = Path(os.environ.get("IR500K_TEST_DATA", ROOT.parent / "shared" / "data" / "raw"))
    if not folder.is_dir():
        pytest.skip(f"no real images in {folder}: set IR500K_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def picture() -> Callable[..., np.ndarray]:
    """`picture(seed, width=32, height=24, channels=1)`: a smooth uint8 image, another for every seed."""

    def make(seed: int, width: int = 32, height: int = 24, channels: int = 1) -> np.ndarray:
        coarse = np.random.default_rng(seed).integers(0, 256, (5, 6, 3), np.uint8)
        rgb = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
        return rgb if channels == 3 else np.ascontiguousarray(rgb[..., 0])

    return make


@pytest.fixture(scope="session")
def save(picture: Callable[..., np.ndarray]) -> Callable[..., Path]:
    """`save(path, seed, width=32, height=24, channels=1)`: a picture in the format that the suffix names."""

    def write(path: Path, seed: int, width: int = 32, height: int = 24, channels: int = 1) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(seed, width, height, channels)).save(path)
        return path

    return write


@pytest.fixture(scope="session")
def make_llvip(save: Callable[..., Path]) -> Callable[..., Path]:
    """`make_llvip(folder, train=6, test=3)`: tiny pairs in LLVIP's layout, three to a scene, without boxes."""

    def make(folder: Path, train: int = 6, test: int = 3) -> Path:
        for number in range(train + test):
            subset, scene = ("train", 1) if number < train else ("test", 51)
            name = f"{scene + number // 3:02d}{number:04d}.jpg"
            save(folder / "visible" / subset / name, 2 * number, channels=3)
            save(folder / "infrared" / subset / name, 2 * number + 1)
        return folder

    return make


@pytest.fixture(scope="session")
def llvip_raw(make_llvip: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six training and three test pairs in LLVIP's layout; not to be changed."""
    return make_llvip(tmp_path_factory.mktemp("raw") / "LLVIP")


@pytest.fixture(scope="session")
def take() -> Callable[..., int]:
    """`take(source, raw, home, *options)`: ingest in this process; its exit code."""
    from ingest.__main__ import main

    def run(source: str, raw: Path, home: Home, *options: str) -> int:
        return main(["take", source, str(raw), "--home", str(home.root), "--workers", "1", *options])

    return run


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home where nothing is yet."""
    return Home(tmp_path / "home")


@pytest.fixture
def llvip_home(home: Home, llvip_raw: Path, take: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> Home:
    """A home that holds the tiny LLVIP."""
    assert take("llvip", llvip_raw, home) == 0
    capsys.readouterr()
    return home


@pytest.fixture(scope="session")
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """`command(package, *words, **options)`: `python -m package words` in a process of its own."""

    def run(package: str, *words: object, **options: object) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | dict(options.pop("env", {}))
        return subprocess.run(
            [sys.executable, "-m", package, *map(str, words)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            **options,
        )

    return run

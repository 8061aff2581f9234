"""A home with results: the two controls on a small dataset of generated pictures."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

TOML = 'title = "Mini"\nversion = 1\n[[source]]\nname = "folder"\n[split]\nby = "official"\n'


@pytest.fixture(scope="session")
def scored_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with `mini.toml`; its home is `home`."""
    from bench.__main__ import main as bench
    from ingest.__main__ import main as ingest

    root = tmp_path_factory.mktemp("reports")
    rng = np.random.default_rng(1)
    for subset, count in (("train", 6), ("test", 5)):
        for i in range(count):
            for side, channels in (("rgb", 3), ("ir", 1)):
                small = rng.integers(0, 256, (5, 6, channels), dtype=np.uint8).squeeze()
                path = root / "raw" / subset / side / f"{subset}{i}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(small).resize((60, 48), Image.Resampling.BICUBIC).save(path)
    (root / "mini.toml").write_text(TOML)
    home = ["--home", str(root / "home"), "--quiet"]
    assert ingest(["folder", str(root / "raw"), "--workers", "1", *home]) == 0
    for method in ("grayscale", "mean"):
        assert bench(["run", method, "--dataset", str(root / "mini.toml"), *home]) == 0
    return root

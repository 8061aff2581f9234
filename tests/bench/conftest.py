"""A small home: 24 training and 8 test pairs of smooth pictures with captions-free maps, and a toy method."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

TOML = """
title = "Mini"
version = 1
[[source]]
name = "folder"
[split]
by = "official"
"""

TOY = '''
"""A toy method: one convolution, trained and averaged."""
from dataclasses import dataclass

import torch
from torch import nn

from models.method import Card, Data, Geometry, Method, Preset, Train, squash


@dataclass(frozen=True)
class Config:
    lr: float = 1e-2


class Toy(Method):
    card = Card("toy", "Toy", "none", 2026, "gan", conditions=frozenset({"v", "s"}))
    presets = {
        "tiny": Preset(
            Train(
                Config(), Data("paired", (34, 40), 32), batch=4, steps=12, ema={"net": 0.9}, log_every=3, save_every=5
            )
        ),
        "fixed": Preset(Train(Config(), Data(resize=32, crop=32), batch=4, steps=6, accumulate=2, log_every=1)),
    }

    def build(self, train):
        self.net = nn.Conv2d(3, 1, 3, padding=1)
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))

    def optimizers(self):
        return {"net": torch.optim.Adam(self.net.parameters(), lr=self.preset.train.config.lr)}

    def learning_rate(self, name, step, epoch):
        return 1 - step / 24

    def step(self, batch, update):
        noise = 0.01 * batch.randn("noise", batch.visible.shape[1:]) + 0.01 * torch.randn(batch.visible.shape)
        loss = (self.net(batch.visible + noise) - batch.target()).square().mean()
        update(loss, "net")
        self.seen += len(batch)
        return {"loss": loss}

    def geometry(self, width, height):
        return Geometry((4.0, 0.0, width - 4.0, float(height)), (32, 32)) if height > 60 else squash(32, width, height)

    def translate(self, batch):
        return torch.tanh(self.net(batch.visible)) + 0.1 * batch.randn("sample", (1, *batch.visible.shape[2:]))
'''


def picture(rng: np.random.Generator, width: int, height: int, channels: int) -> np.ndarray:
    """Smooth random colours."""
    small = rng.integers(0, 256, (6, 7, channels), dtype=np.uint8)
    return np.asarray(Image.fromarray(small.squeeze()).resize((width, height), Image.Resampling.BICUBIC))


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ingested home; `mini.toml` and `toy.py` lie in it."""
    from ingest.__main__ import main

    root = tmp_path_factory.mktemp("bench")
    rng = np.random.default_rng(7)
    for subset, count in (("train", 24), ("test", 8)):
        for i in range(count):
            size = (80, 64) if i % 2 else (72, 56)
            for side, channels in (("rgb", 3), ("ir", 1), ("seg", 1)):
                path = root / "raw" / subset / side / f"{subset}{i:02d}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                pixels = picture(rng, *size, channels)
                Image.fromarray((pixels > 127).astype(np.uint8) * 255 if side == "seg" else pixels).save(path)
    (root / "mini.toml").write_text(TOML)
    (root / "toy.py").write_text(TOY)
    assert main(["folder", str(root / "raw"), "--home", str(root / "home"), "--workers", "1", "--quiet"]) == 0
    return root


@pytest.fixture
def fresh_home(small_home: Path, tmp_path: Path) -> Path:
    """The same shards with runs of its own."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("shards", "annotations"):
        (home / name).symlink_to(small_home / "home" / name)
    return home

"""Pictures while training: a few training samples as the method translates them now."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from bench.ema import MovingAverages
from bench.stage import Stage
from bench.views import prediction_batch, resize_square, to_pixels
from models.method import Method
from shards.atomic import replacing
from shards.dataset import SampleDataset
from shards.image import to_uint8

_COUNT = 4
_CELL = 160


@torch.no_grad()
def draw_grid(stage: Stage, method: Method, averages: MovingAverages, samples: SampleDataset, path: Path) -> None:
    """Writes a PNG with a row per sample: visible, infrared, prediction by the averaged weights.

    Leaves weights, mode and random generators as they were, so that drawing never changes a run.
    """
    places = np.unique(np.linspace(0, len(samples) - 1, _COUNT).round().astype(int))
    device = next((p.device for p in method.parameters()), torch.device("cpu"))
    rows = []
    with averages.applied(), torch.random.fork_rng(devices=[]):
        method.eval()
        for place in places:
            sample = samples[int(place)]
            geometry = method.geometry(*sample.size)
            resample = stage.preset.train.data.resample
            batch = prediction_batch([sample], geometry, resample, stage.seed, stage.conditions).to(device)
            predicted = np.repeat(to_pixels(method.translate(batch)[0])[..., None], 3, axis=2)
            infrared = np.repeat(to_uint8(sample.infrared)[..., None], 3, axis=2)
            rows.append(np.hstack([resize_square(p, _CELL, "bicubic") for p in (sample.visible, infrared, predicted)]))
        method.train()
    with replacing(path) as temporary:
        Image.fromarray(np.vstack(rows)).save(temporary, format="PNG")

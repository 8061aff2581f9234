import json
from pathlib import Path

import pytest
import torch
from torch import nn

from bench.ema import MovingAverages, ema_decay

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "diffv2ir.json").read_text())


def test_the_decay_is_that_of_latent_diffusion():
    for entry in GOLDEN["ema_decay"]:
        assert ema_decay(entry["num_updates"], 0.9999) == pytest.approx(entry["decay"], abs=1e-12)


def test_averages_that_move_on_micro_batches_follow_the_trace():
    module = nn.Module()
    module.net = nn.Linear(1, 1, bias=False).double()
    module.net.weight.data.fill_(0.0)
    averages = MovingAverages(module, {"net": 0.9999})
    for entry in GOLDEN["ema_accumulation_trace"]["trace"]:
        module.net.weight.data.fill_(entry["theta"])
        averages.update()
        assert averages.shadow["net.weight"].item() == pytest.approx(entry["shadow"], abs=1e-12)


def test_only_the_named_networks_are_averaged():
    module = nn.ModuleDict({"net": nn.Linear(2, 2), "critic": nn.Linear(2, 2)})
    averages = MovingAverages(module, {"net": 0.5})
    assert set(averages.shadow) == {"net.weight", "net.bias"}
    assert torch.equal(averages.shadow["net.bias"], module["net"].bias)

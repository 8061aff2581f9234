"""Libraries of pretrained networks import here, whatever build of torchvision the machine has."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from models import pretrained

ROOT = Path(__file__).parents[2]

BOXES = torch.tensor([[0.0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 30, 30], [0, 0, 10, 9], [21, 20, 31, 30]])
SCORES = torch.tensor([0.5, 0.9, 0.3, 0.8, 0.3])


def test_torchvision_selects_boxes_greedily() -> None:
    """Intersections over union: (1, 0) 81/119, (1, 3) 72/118, (2, 4) 90/110."""
    nms = pretrained.torchvision().ops.nms
    assert nms(BOXES, SCORES, 0.5).tolist() == [1, 2]
    assert nms(BOXES, SCORES, 0.65).tolist() == [1, 3, 2]
    assert nms(BOXES, SCORES, 0.85).tolist() == [1, 3, 2, 4]


def test_torchvision_keeps_classes_apart() -> None:
    groups = torch.tensor([0, 1, 0, 0, 0])
    assert pretrained.torchvision().ops.batched_nms(BOXES, SCORES, groups, 0.5).tolist() == [1, 3, 2]


def test_our_own_selection_is_the_one_of_the_definition() -> None:
    torch.manual_seed(0)
    corner = torch.rand(60, 2) * 40
    boxes = torch.cat([corner, corner + 2 + torch.rand(60, 2) * 15], dim=1)
    scores = torch.rand(60)
    kept: list[int] = []
    for index in scores.argsort(descending=True).tolist():
        if all(_iou(boxes[index], boxes[other]) <= 0.3 for other in kept):
            kept.append(index)
    assert pretrained.non_maximum_suppression(boxes, scores, 0.3).tolist() == kept
    assert 1 < len(kept) < 60


def test_no_boxes_give_no_boxes() -> None:
    assert pretrained.non_maximum_suppression(torch.zeros(0, 4), torch.zeros(0), 0.5).tolist() == []


def test_boxes_that_only_touch_do_not_overlap() -> None:
    boxes = torch.tensor([[0.0, 0, 1, 1], [1, 0, 2, 1]])
    assert pretrained.non_maximum_suppression(boxes, torch.tensor([1.0, 0.5]), 0.0).tolist() == [0, 1]


@pytest.mark.parametrize("name", ["peft", "segment_anything", "torchmetrics", "cleanfid"])
def test_libraries_that_look_for_torchvision_import(name: str) -> None:
    assert getattr(pretrained, name)().__name__.split(".")[0] == name


def test_model_classes_import() -> None:
    assert issubclass(pretrained.diffusers().UNet2DConditionModel, torch.nn.Module)
    assert issubclass(pretrained.transformers().CLIPTextModel, torch.nn.Module)


def test_importing_the_module_imports_none_of_the_libraries() -> None:
    code = (
        "import sys, models.pretrained; "
        "heavy = {'torchvision', 'diffusers', 'transformers', 'peft', 'torchmetrics', 'cleanfid'}; "
        "sys.exit(f'imported {heavy & set(sys.modules)}' if heavy & set(sys.modules) else 0)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_choice_of_the_user_is_left_alone() -> None:
    code = (
        "import os, models.pretrained as p; p.torchvision(); "
        "assert os.environ['HF_HUB_OFFLINE'] == '0'; assert os.environ['TOKENIZERS_PARALLELISM'] == 'false'"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, env={**os.environ, "HF_HUB_OFFLINE": "0"})


def _iou(a: torch.Tensor, b: torch.Tensor) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    both = max(float(width), 0.0) * max(float(height), 0.0)
    return both / float((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)

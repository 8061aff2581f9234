"""The one door to libraries of pretrained networks: here the platform's quirks are met once.

Each accessor imports its library when called, since together they cost seconds. torchvision's wheels are built for
CUDA; beside a torch without CUDA their compiled operators do not load, and `import torchvision` fails, and with it
every library that looks for torchvision. There the two operators that imports need are defined here first.
"""

import importlib
import importlib.machinery
import importlib.util
import os
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

_OPERATORS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",  # quantised: declared, never called
}
_LIBRARIES: list[torch.library.Library] = []  # an operator lives as long as the library that defined it

_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",  # weights come from files that the user named: a missing one is an error, not a download
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",  # else the tokenizer warns in every worker process
}


def torchvision() -> Any:
    """The package torchvision, mended where its operators do not load."""
    return _prepared_torchvision()


def diffusers() -> Any:
    """The package diffusers; its classes are imported when first named."""
    return _library("diffusers")


def transformers() -> Any:
    """The package transformers; its classes are imported when first named."""
    return _library("transformers")


def peft() -> Any:
    """The package peft."""
    return _library("peft")


def segment_anything() -> Any:
    """The package segment_anything."""
    return _library("segment_anything")


def torchmetrics() -> Any:
    """The package torchmetrics."""
    return _library("torchmetrics")


def torchmetrics_image(name: str) -> Any:
    """The module torchmetrics.functional.image.NAME, whose networks have no public door."""
    return _library(f"torchmetrics.functional.image.{name}")


def cleanfid() -> Any:
    """The module cleanfid.fid, which is what clean-fid's package is for."""
    return _library("cleanfid.fid")


def non_maximum_suppression(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Greedy selection: the best box, then the best of those that overlap no chosen one by more than the threshold.

    Args:
        boxes: N4, (x0, y0, x1, y1).
        scores: N; of equal scores the earlier box goes first.
        iou_threshold: intersection over union above which the lesser box is dropped.

    Returns:
        Indices of the chosen boxes, int64, best first.
    """
    order = scores.argsort(descending=True, stable=True)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    chosen: list[Tensor] = []
    while len(order):
        best, order = order[0], order[1:]
        chosen.append(best)
        corner = torch.maximum(boxes[best, :2], boxes[order, :2])
        opposite = torch.minimum(boxes[best, 2:], boxes[order, 2:])
        overlap = (opposite - corner).clamp(min=0).prod(dim=1)
        order = order[overlap <= iou_threshold * (areas[best] + areas[order] - overlap)]
    return torch.stack(chosen) if chosen else order


def _library(name: str) -> Any:
    _prepared_torchvision()  # each of them imports torchvision where it is installed
    return importlib.import_module(name)


@cache
def _prepared_torchvision() -> Any:
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)  # read when the libraries are imported; the user's own choice stays
    if torch.version.cuda is not None or _operators_load():
        return importlib.import_module("torchvision")
    library = torch.library.Library("torchvision", "DEF")
    for schema in _OPERATORS.values():
        library.define(schema)
    library.impl("nms", non_maximum_suppression, "CPU")
    _LIBRARIES.append(library)
    package = importlib.import_module("torchvision")
    # Only now: with this answer during its import torchvision would describe operators that do not exist.
    package.extension._has_ops = lambda: True
    return package


def _operators_load() -> bool:
    """Whether torchvision's compiled operators can be had; loading them twice, here and there, is harmless."""
    package = importlib.util.find_spec("torchvision")
    if package is None or package.origin is None:
        raise ImportError("torchvision is not installed")
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        library = Path(package.origin).with_name(f"_C{suffix}")
        if library.is_file():
            try:
                torch.ops.load_library(library)
            except OSError:
                return False
            return True
    return False

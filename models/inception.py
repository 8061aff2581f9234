"""The Inception network of FID: the 2015 TensorFlow graph in plain torch, with the parameter names of its known port.

The architecture is Inception v3 (Szegedy et al., CVPR 2016) as TensorFlow's release of 2015-12-05 trained it, with 1008
outputs. It differs from the ImageNet network of that name in its weights and in the pool branches of its mixed blocks:
averages do not count padding, and the last block takes a maximum. That other network's features are not FID features.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from shards.errors import UserError

FILE_NAME = "pt_inception-2015-12-05-6726825d.pth"
FILE_BYTES = 95_628_359
FILE_SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
FILE_ADDRESS = f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{FILE_NAME}"

Pool = Literal["average", "maximum", "halve"]


class Unit(nn.Module):
    """Convolution without bias, batch norm, ReLU; zero padding keeps the size unless `valid` or `halve` (stride 2)."""

    def __init__(
        self, inputs: int, outputs: int, kernel: tuple[int, int], *, halve: bool = False, valid: bool = False
    ) -> None:
        super().__init__()
        padding = (0, 0) if valid or halve else (kernel[0] // 2, kernel[1] // 2)
        self.conv = nn.Conv2d(inputs, outputs, kernel, 2 if halve else 1, padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        """N x inputs x H x W to N x outputs x H' x W'."""
        return F.relu(self.bn(self.conv(x)), inplace=True)


@dataclass(frozen=True)
class Layer:
    """A unit of a mixed block as declared below: its name, and the arguments of `Unit` but for the inputs."""

    name: str
    outputs: int
    kernel: tuple[int, int] = (1, 1)
    halve: bool = False


Step = Layer | tuple[Layer, ...]


class Mixed(nn.Module):
    """Chains of units side by side on one input, then a chain behind a pool; all outputs joined along channels.

    A step of a chain is one unit, or several that share its input and whose outputs are joined.
    """

    def __init__(self, inputs: int, chains: Sequence[Sequence[Step]], pool: Pool, pooled: Sequence[Step] = ()) -> None:
        super().__init__()
        self.pool: Pool = pool
        self.chains = [self._add(inputs, chain) for chain in chains]
        self.pooled = self._add(inputs, pooled)

    def forward(self, x: Tensor) -> Tensor:
        """N x inputs x H x W to N x (sum of the chains' outputs) x H' x W'."""
        branches = [self._run(chain, x) for chain in self.chains]
        return torch.cat([*branches, self._run(self.pooled, _pool(x, self.pool))], dim=1)

    def _add(self, inputs: int, chain: Sequence[Step]) -> list[list[str]]:
        """Builds the units of a chain under their own names, and returns the names step by step."""
        names = []
        for step in chain:
            layers = step if isinstance(step, tuple) else (step,)
            for layer in layers:
                self.add_module(layer.name, Unit(inputs, layer.outputs, layer.kernel, halve=layer.halve))
            names.append([layer.name for layer in layers])
            inputs = sum(layer.outputs for layer in layers)
        return names

    def _run(self, chain: list[list[str]], x: Tensor) -> Tensor:
        for names in chain:
            x = torch.cat([self.get_submodule(name)(x) for name in names], dim=1)
        return x


class FIDInception(nn.Module):
    """Images to the 2048 pooled features that FID and KID compare.

    Its 566 state-dict keys and shapes are those of the published file, which therefore loads strictly; `fc` is part of
    the file but not of the features.
    """

    def __init__(self) -> None:
        super().__init__()
        self.Conv2d_1a_3x3 = Unit(3, 32, (3, 3), halve=True)
        self.Conv2d_2a_3x3 = Unit(32, 32, (3, 3), valid=True)
        self.Conv2d_2b_3x3 = Unit(32, 64, (3, 3))
        self.Conv2d_3b_1x1 = Unit(64, 80, (1, 1))
        self.Conv2d_4a_3x3 = Unit(80, 192, (3, 3), valid=True)
        self.Mixed_5b = _block_a(192, 32)
        self.Mixed_5c = _block_a(256, 64)
        self.Mixed_5d = _block_a(288, 64)
        self.Mixed_6a = _block_b(288)
        self.Mixed_6b = _block_c(768, 128)
        self.Mixed_6c = _block_c(768, 160)
        self.Mixed_6d = _block_c(768, 160)
        self.Mixed_6e = _block_c(768, 192)
        self.Mixed_7a = _block_d(768)
        self.Mixed_7b = _block_e(1280, "average")
        self.Mixed_7c = _block_e(2048, "maximum")
        self.fc = nn.Linear(2048, 1008)

    def forward(self, x: Tensor) -> Tensor:
        """N x 3 x 299 x 299 in [-1, 1] to N x 2048."""
        return self.taps(x)[2048]

    def taps(self, x: Tensor) -> dict[int, Tensor]:
        """Global averages of the maps at the four usual depths, by their number of channels.

        Args:
            x: N x 3 x 299 x 299, (grey level - 128) / 128.

        Returns:
            N x 64, N x 192, N x 768 and N x 2048.
        """
        x = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x)))
        first = x = _pool(x, "halve")
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x))
        second = x = _pool(x, "halve")
        x = self.Mixed_5d(self.Mixed_5c(self.Mixed_5b(x)))
        x = self.Mixed_6a(x)
        third = x = self.Mixed_6e(self.Mixed_6d(self.Mixed_6c(self.Mixed_6b(x))))
        last = self.Mixed_7c(self.Mixed_7b(self.Mixed_7a(x)))
        return {tap.shape[1]: tap.mean(dim=(2, 3)) for tap in (first, second, third, last)}


def load(path: Path, digest: str = FILE_SHA256) -> FIDInception:
    """The network with the weights of a file, in evaluation mode and without gradients.

    Args:
        path: a state dict of 566 entries, as pytorch-fid publishes it.
        digest: SHA-256 that the file must have.

    Raises:
        UserError: the file is missing, or is not the one of this digest.
    """
    remedy = f"download {FILE_ADDRESS} and add it with: python -m bench weights add inception FILE"
    if not path.is_file():
        raise UserError(f"no Inception weights at {path}", remedy)
    size = path.stat().st_size
    if digest == FILE_SHA256 and size != FILE_BYTES:
        raise UserError(
            f"{path} has {size:,} bytes instead of {FILE_BYTES:,}: not the FID weights, or cut short", remedy
        )
    data = path.read_bytes()
    found = sha256(data).hexdigest()
    if found != digest:
        raise UserError(f"{path} has SHA-256 {found[:16]}... instead of {digest[:16]}...: not the FID weights", remedy)
    network = FIDInception()
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True), strict=True)
    return network.eval().requires_grad_(False)


def features(
    network: FIDInception,
    images: npt.NDArray[np.uint8],
    prepare: Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]],
    batch: int = 32,
) -> npt.NDArray[np.float32]:
    """Pooled features of a stack of images, in float32 whatever mode the caller trains in.

    Args:
        network: in evaluation mode, on the device to use.
        images: N x H x W uint8.
        prepare: n x H x W uint8 to the n x 3 x 299 x 299 float32 that the network takes; the protocol fixes it
            (`bench.protocol.inception_input`).
        batch: how many images at once.

    Returns:
        N x 2048 float32. An image's features do not depend on the others beyond 1e-5.
    """
    first = next(network.parameters())
    rows = np.empty((len(images), 2048), np.float32)
    # TF32 and mixed precision move FID in its second decimal; benchmark mode may pick another algorithm each time.
    exact = torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)
    with torch.inference_mode(), exact, torch.autocast(first.device.type, enabled=False):
        for start in range(0, len(images), batch):
            inputs = torch.from_numpy(prepare(images[start : start + batch])).to(first.device, first.dtype)
            rows[start : start + batch] = network(inputs).float().cpu().numpy()
    return rows


def _pool(x: Tensor, kind: Pool) -> Tensor:
    if kind == "average":
        return F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)
    if kind == "maximum":
        return F.max_pool2d(x, 3, stride=1, padding=1)
    return F.max_pool2d(x, 3, stride=2)


def _block_a(inputs: int, pooled: int) -> Mixed:
    chains = [
        [Layer("branch1x1", 64)],
        [Layer("branch5x5_1", 48), Layer("branch5x5_2", 64, (5, 5))],
        [Layer("branch3x3dbl_1", 64), Layer("branch3x3dbl_2", 96, (3, 3)), Layer("branch3x3dbl_3", 96, (3, 3))],
    ]
    return Mixed(inputs, chains, "average", [Layer("branch_pool", pooled)])


def _block_b(inputs: int) -> Mixed:
    chains = [
        [Layer("branch3x3", 384, (3, 3), halve=True)],
        [
            Layer("branch3x3dbl_1", 64),
            Layer("branch3x3dbl_2", 96, (3, 3)),
            Layer("branch3x3dbl_3", 96, (3, 3), halve=True),
        ],
    ]
    return Mixed(inputs, chains, "halve")


def _block_c(inputs: int, inner: int) -> Mixed:
    row, column = (1, 7), (7, 1)
    chains = [
        [Layer("branch1x1", 192)],
        [Layer("branch7x7_1", inner), Layer("branch7x7_2", inner, row), Layer("branch7x7_3", 192, column)],
        [
            Layer("branch7x7dbl_1", inner),
            Layer("branch7x7dbl_2", inner, column),
            Layer("branch7x7dbl_3", inner, row),
            Layer("branch7x7dbl_4", inner, column),
            Layer("branch7x7dbl_5", 192, row),
        ],
    ]
    return Mixed(inputs, chains, "average", [Layer("branch_pool", 192)])


def _block_d(inputs: int) -> Mixed:
    chains = [
        [Layer("branch3x3_1", 192), Layer("branch3x3_2", 320, (3, 3), halve=True)],
        [
            Layer("branch7x7x3_1", 192),
            Layer("branch7x7x3_2", 192, (1, 7)),
            Layer("branch7x7x3_3", 192, (7, 1)),
            Layer("branch7x7x3_4", 192, (3, 3), halve=True),
        ],
    ]
    return Mixed(inputs, chains, "halve")


def _block_e(inputs: int, pool: Pool) -> Mixed:
    row, column = (1, 3), (3, 1)
    chains: list[list[Step]] = [
        [Layer("branch1x1", 320)],
        [Layer("branch3x3_1", 384), (Layer("branch3x3_2a", 384, row), Layer("branch3x3_2b", 384, column))],
        [
            Layer("branch3x3dbl_1", 448),
            Layer("branch3x3dbl_2", 384, (3, 3)),
            (Layer("branch3x3dbl_3a", 384, row), Layer("branch3x3dbl_3b", 384, column)),
        ],
    ]
    return Mixed(inputs, chains, pool, [Layer("branch_pool", 192)])

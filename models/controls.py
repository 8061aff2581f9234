"""The floors under every table: the visible image in grey and inverted, one grey level, and the mean infrared image.

None learns anything. A method that does not beat them all has not shown that it translates.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from models.method import Batch, Card, Data, Geometry, Method, Pairs, Preset, Train, squash
from shards.errors import UserError
from shards.image import to_grey, to_uint8

MEAN_SIZE = 256
CONSTANT_LEVEL = 128


def _every_preset(preset: Preset) -> dict[str, Preset]:
    """Controls have nothing to set, so that whatever preset a table asks for is this one."""
    return dict.fromkeys(("paper", "small", "tiny"), preset)


class Grayscale(Method):
    """The visible image's luma as if it were infrared."""

    card: ClassVar[Card] = Card("grayscale", "Grayscale", "", 0, "control", trains=False)  # nobody published it
    presets: ClassVar[Mapping[str, Preset]] = _every_preset(
        Preset(Train(), about="the visible image's luma, nothing learnt")
    )

    def geometry(self, width: int, height: int) -> Geometry:
        """The whole frame at its own size, so that the protocol's resampling is the only one."""
        return _whole(width, height)

    def translate(self, batch: Batch) -> Tensor:
        """N1HW in [-1, 1]: the 8-bit luma that the protocol itself makes of colour images."""
        return _luma(batch)


class Inverted(Method):
    """The negative of the visible image's luma: what a method comes near that only learnt to turn grey levels over."""

    card: ClassVar[Card] = Card("inverted", "Inverted grayscale", "", 0, "control", trains=False)  # nobody published it
    presets: ClassVar[Mapping[str, Preset]] = _every_preset(
        Preset(Train(), about="255 minus the visible image's luma, nothing learnt")
    )

    def geometry(self, width: int, height: int) -> Geometry:
        """The whole frame at its own size."""
        return _whole(width, height)

    def translate(self, batch: Batch) -> Tensor:
        """N1HW in [-1, 1]: 255 minus the 8-bit luma."""
        return -_luma(batch)


class Constant(Method):
    """Mid-grey everywhere, which looks at nothing at all."""

    card: ClassVar[Card] = Card("constant", "Constant 128", "", 0, "control", trains=False)  # nobody published it
    presets: ClassVar[Mapping[str, Preset]] = _every_preset(Preset(Train(), about="grey level 128 in every pixel"))

    def geometry(self, width: int, height: int) -> Geometry:
        """The whole frame as a square of 256 pixels."""
        return squash(MEAN_SIZE, width, height)

    def translate(self, batch: Batch) -> Tensor:
        """N1HW in [-1, 1], level 128 in every pixel."""
        return batch.visible.new_full((len(batch), 1, MEAN_SIZE, MEAN_SIZE), CONSTANT_LEVEL / 127.5 - 1.0)


class Mean(Method):
    """The training set's mean infrared image, the same answer for every visible image.

    Attributes:
        mean: 1 x 256 x 256 float32 in [-1, 1].
    """

    card: ClassVar[Card] = Card("mean", "Mean image", "", 0, "control", trains=False)  # nobody published it
    presets: ClassVar[Mapping[str, Preset]] = _every_preset(
        Preset(Train(data=Data(resize=MEAN_SIZE, crop=MEAN_SIZE, flip=0.0)), about="the mean infrared training image")
    )
    mean: Tensor

    def build(self, train: Pairs | None) -> None:
        """Average the training set, one image at a time: squashed to 256 x 256 by Pillow's bicubic filter on 8 bits.

        Raises:
            UserError: there is nothing to average.
        """
        mean = np.zeros((MEAN_SIZE, MEAN_SIZE))
        if train is not None:
            if len(train) == 0:
                raise UserError("the training subset is empty, so it has no mean image", "choose another dataset")
            for index in range(len(train)):
                picture = Image.fromarray(to_uint8(train[index].infrared))
                mean += np.asarray(picture.resize((MEAN_SIZE, MEAN_SIZE), Image.Resampling.BICUBIC))
            mean = mean / len(train) / 127.5 - 1.0
        self.register_buffer("mean", torch.from_numpy(mean).float()[None])

    def geometry(self, width: int, height: int) -> Geometry:
        """The whole frame as a square of 256 pixels."""
        return squash(MEAN_SIZE, width, height)

    def translate(self, batch: Batch) -> Tensor:
        """N1HW in [-1, 1], H and W 256 whatever the visible image's size."""
        return self.mean.expand(len(batch), 1, MEAN_SIZE, MEAN_SIZE)


def _whole(width: int, height: int) -> Geometry:
    return Geometry((0.0, 0.0, float(width), float(height)), (width, height))


def _luma(batch: Batch) -> Tensor:
    """The visible images' 8-bit luma, N1HW in [-1, 1]."""
    levels = ((batch.visible + 1.0) * 127.5).round().to(torch.uint8)
    luma = np.stack([to_grey(pixels) for pixels in levels.permute(0, 2, 3, 1).cpu().numpy()])
    return torch.from_numpy(luma)[:, None].to(batch.visible) / 127.5 - 1.0

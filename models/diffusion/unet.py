"""The denoising network: diffusers' UNet2DConditionModel with room for condition latents beside the noisy one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from models import pretrained
from shards.errors import UserError

INPUT = "conv_in.weight"


@dataclass(frozen=True)
class UNetShape:
    """Sizes of the network; the defaults are Stable Diffusion 1's.

    Attributes:
        widths: channels at each level; each level but the last halves the latent.
        attention: which levels attend to themselves and to the text; the middle always does.
        layers: residual blocks per level on the way down.
        heads: attention heads at every level.
        groups: of the group norms.
        latent: channels of the noisy latent, and of the predicted noise.
        conditions: condition latents beside it.
    """

    widths: tuple[int, ...] = (320, 640, 1280, 1280)
    attention: tuple[bool, ...] = (True, True, True, False)
    layers: int = 2
    heads: int = 8
    groups: int = 32
    latent: int = 4
    conditions: int = 2

    @property
    def inputs(self) -> int:
        """Channels of the network's input."""
        return self.latent * (1 + self.conditions)


def build_unet(shape: UNetShape, text_width: int) -> Any:
    """The network with fresh weights: N x inputs x h x w, N timesteps and N x L x text_width to N x latent x h x w."""
    return pretrained.diffusers().UNet2DConditionModel(
        in_channels=shape.inputs,
        out_channels=shape.latent,
        block_out_channels=shape.widths,
        down_block_types=tuple("CrossAttnDownBlock2D" if a else "DownBlock2D" for a in shape.attention),
        up_block_types=tuple("CrossAttnUpBlock2D" if a else "UpBlock2D" for a in reversed(shape.attention)),
        layers_per_block=shape.layers,
        attention_head_dim=shape.heads,  # by this name diffusers means their number
        norm_num_groups=shape.groups,
        cross_attention_dim=text_width,
    )


def widen_input(weight: Tensor, inputs: int) -> Tensor:
    """The first convolution's weight for more (or fewer) input channels: common channels copied, new ones zero.

    A network that starts so gives the output of the one that it comes from, whatever the new channels hold. From 8
    channels of InstructPix2Pix the visible image's are kept, since they come second there as well.

    Args:
        weight: O x C x 3 x 3.
        inputs: channels wanted.

    Returns:
        O x inputs x 3 x 3.
    """
    wide = weight.new_zeros((weight.shape[0], inputs, *weight.shape[2:]))
    common = min(weight.shape[1], inputs)
    wide[:, :common] = weight[:, :common]
    return wide


@torch.no_grad()
def start_unet(unet: Any, weights: Mapping[str, Tensor]) -> None:
    """Loads weights in diffusers' names from a network of 4 (text), 8 (InstructPix2Pix) or 12 input channels.

    Raises:
        UserError: names or shapes differ otherwise.
    """
    if INPUT not in weights:
        raise UserError("these weights hold no UNet in diffusers' names", f"{INPUT!r} was looked for")
    own = unet.state_dict()
    given = {**weights, INPUT: widen_input(weights[INPUT], own[INPUT].shape[1])}
    wrong = sorted(own.keys() ^ given.keys()) or [name for name in own if own[name].shape != given[name].shape]
    if wrong:
        raise UserError(
            f"these weights are of another UNet: {wrong[0]} and {len(wrong) - 1} more do not fit",
            "choose the preset that they were made with",
        )
    unet.load_state_dict(given)

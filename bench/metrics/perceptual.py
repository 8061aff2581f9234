"""Distances that a pretrained network finds between two pictures; the networks are in `bench.networks`."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]


def perceptual(prediction: Image, reference: Image, network: Callable[[Image, Image], float]) -> float:
    """What the network says: LPIPS 0.1 on AlexNet, or DISTS on VGG-16; lower is better.

    Args:
        prediction: H x W or H x W x 3; a grey level stands in all three channels.
        reference: of the same size.
        network: `bench.networks.pair_network("lpips", home)`, or "dists".

    >>> same = np.zeros((2, 2), np.uint8)
    >>> perceptual(same, same, lambda a, b: float(np.abs(a - b).mean()))
    0.0
    """
    return network(prediction, reference)

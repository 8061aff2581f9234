"""Distances that a pretrained network finds between two pictures; the networks are in `bench.networks`."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]


def lpips(prediction: Image, reference: Image, network: Callable[[Image, Image], float]) -> float:
    """LPIPS 0.1 on AlexNet: weighted squared distance of unit features, summed over five layers; lower is better.

    Args:
        prediction: H x W or H x W x 3; a grey level stands in all three channels.
        reference: of the same size.
        network: `bench.networks.pair_network("lpips", home)`.

    >>> lpips(np.zeros((2, 2), np.uint8), np.zeros((2, 2), np.uint8), lambda a, b: float(np.abs(a - b).mean()))
    0.0
    """
    return network(prediction, reference)


def dists(prediction: Image, reference: Image, network: Callable[[Image, Image], float]) -> float:
    """DISTS on VGG-16: 1 minus the weighted likeness of means and covariances of features; lower is better.

    Args:
        prediction: H x W or H x W x 3; a grey level stands in all three channels.
        reference: of the same size.
        network: `bench.networks.pair_network("dists", home)`.

    >>> dists(np.zeros((2, 2), np.uint8), np.zeros((2, 2), np.uint8), lambda a, b: float(np.abs(a - b).mean()))
    0.0
    """
    return network(prediction, reference)

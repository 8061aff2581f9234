"""Inception features, cached by content: each set of pictures goes through the network once per weights file."""

import hashlib
from pathlib import Path

import numpy as np

from bench import weights
from bench.protocol import inception_input
from shards.atomic import replacing
from shards.home import Home


def inception_features(images: np.ndarray, home: Home, file: Path) -> np.ndarray:
    """N x 2048 float32 features of N x 256 x 256 uint8 pictures, in their order.

    Args:
        images: grey levels as the protocol leaves them.
        home: its cache keeps the result by the digest of weights and pictures.
        file: the network's weights.
    """
    digest = hashlib.sha256(weights.get("inception").sha256.encode() + images.tobytes()).hexdigest()
    kept = home.cache / "features" / f"{digest}.npy"
    if kept.is_file():
        found: np.ndarray = np.load(kept, allow_pickle=False)
        return found
    from models import inception

    made = np.asarray(inception.features(inception.load(file), images, inception_input), np.float32)
    with replacing(kept) as temporary, open(temporary, "wb") as out:
        np.save(out, made, allow_pickle=False)
    return made

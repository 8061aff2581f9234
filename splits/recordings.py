"""Neighbours in time: which samples were taken one after the other, and where the picture jumps to a new scene.

Groups and audits ask here, so that what a group split keeps together and what an audit calls a leak are the same.
"""

import numpy as np

from splits.names import recorded
from splits.samples import Samples

FRAMES = 5
"""Samples of one recording that are so many frames apart, or fewer, are neighbours in time."""

_JUMP = 96  # bits of 256 from one frame to the next; unrelated pictures are seldom nearer


def stretches(samples: Samples) -> tuple[np.ndarray, np.ndarray]:
    """The stretch of a recording that each sample is from, and its frame there.

    A recording is what names tell (`splits.names.recorded`), else what the source declares. A new stretch begins where
    the picture jumps between neighbours.

    Returns:
        N int64 each; the stretch is -1 where no recording is known.
    """
    recording, frames = _recordings(samples)
    rows = np.flatnonzero(recording >= 0)
    order = rows[np.lexsort((frames[rows], recording[rows]))]
    first, second = order[:-1], order[1:]
    gap = frames[second] - frames[first]
    begins = recording[first] != recording[second]
    near = np.flatnonzero(~begins & (gap > 0) & (gap <= FRAMES))  # 0 is one moment, seen twice
    begins[near] = _jumps(samples, first[near], second[near], recording[first[near]])
    found = np.full(len(samples), -1, np.int64)
    found[order] = np.cumsum(np.r_[False, begins][: len(order)])
    return found, frames


def _recordings(samples: Samples) -> tuple[np.ndarray, np.ndarray]:
    """A number for the recording of each sample, -1 where none is known, and its frame."""
    numbers: dict[tuple[str, str], int] = {}
    recording, frames = np.full(len(samples), -1, np.int64), samples.frames.astype(np.int64)
    for row, (key, sequence, frame) in enumerate(
        zip(samples.keys, samples.sequences, samples.frames.tolist(), strict=True)
    ):
        where = recorded(key)
        if where is not None:
            name, frames[row] = (where.family, where.sequence), where.frame
        elif sequence and frame >= 0:
            name = ("", sequence)
        else:
            continue
        recording[row] = numbers.setdefault(name, len(numbers))
    return recording, frames


def _jumps(samples: Samples, first: np.ndarray, second: np.ndarray, recording: np.ndarray) -> np.ndarray:
    """Whether a new scene begins: every side differs by more than _JUMP bits, and three times what is usual there."""
    jumps, seen = np.ones(len(first), bool), np.zeros(len(first), bool)
    for side, structured in samples.structured.items():
        hashes = samples.hashes[side][256]
        bits = np.bitwise_count(hashes[first] ^ hashes[second]).sum(axis=1, dtype=np.int64)
        known = structured[first] & structured[second]
        jumps &= ~known | ((bits > _JUMP) & (bits > 3 * _usual(bits, recording, known)))
        seen |= known
    return jumps & seen


def _usual(bits: np.ndarray, recording: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Median of the known bits of each recording, for each edge; 0 where none is known."""
    rows = np.flatnonzero(known)
    rows = rows[np.lexsort((bits[rows], recording[rows]))]
    names, begin, count = np.unique(recording[rows], return_index=True, return_counts=True)
    lower, upper = bits[rows[begin + (count - 1) // 2]], bits[rows[begin + count // 2]]
    usual = np.zeros(int(recording.max(initial=-1)) + 1)
    usual[names] = (lower + upper) / 2
    found: np.ndarray = usual[recording]
    return found

"""Classifier-free guidance by three conditions, as one weight for each row of conditions that the network is asked for.

Guidance is a sum of differences between predictions under fewer and more conditions. Written out, it is one weight per
row, and the weights sum to 1; so it does not matter whether noise or denoised latents are combined. A row of weight
exactly 0 need not be computed, and rows that see the same thing, because a condition is missing, are one row.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from torch import Tensor

from models.method import Condition

Row = frozenset[Condition]
"""What the network sees in one row: a set of "v", "s" and "t"."""

EVERYTHING: Row = frozenset({"v", "s", "t"})

Order = Literal["release", "paper"]


@dataclass(frozen=True)
class Scales:
    """Guidance strengths of text, visible image and segmentation map; all 1: no guidance."""

    text: float = 7.5
    visible: float = 1.5
    map: float = 1.5


def guidance_weights(scales: Scales, order: Order, present: Set[Condition] = EVERYTHING) -> dict[Row, float]:
    """Weights of the rows that have to be computed; they sum to 1.

    "paper" adds visible image, map, text, in this order (DiffV2IR, Eq. 2):
    e + s_V (e_V - e) + s_S (e_VS - e_V) + s_T (e_VST - e_VS).
    "release" adds map, visible image, text, as the authors' infer.py does:
    e + s_S (e_S - e) + s_V (e_VS - e_S) + s_T (e_VST - e_VS).
    At s_V = s_S they are equal.

    Args:
        scales: one strength for each condition.
        order: in which the conditions come in.
        present: the conditions that there are; a missing one is the same in every row, which merges rows.

    Returns:
        Weights by row, richest row first. Rows of weight 0 are left out: the sums are exact.

    >>> guidance_weights(Scales(7.5, 1.5, 1.5), "release", frozenset("v"))
    {frozenset({'v'}): 1.5, frozenset(): -0.5}
    """
    strength: dict[Condition, Fraction] = {
        "t": Fraction(scales.text),
        "v": Fraction(scales.visible),
        "s": Fraction(scales.map),
    }
    sequence: tuple[Condition, ...] = ("s", "v", "t") if order == "release" else ("v", "s", "t")
    row: Row = frozenset()
    weights: dict[Row, Fraction] = {row: Fraction(1)}
    for condition in sequence:
        richer = row | (present & {condition})
        weights[row] = weights.get(row, Fraction(0)) - strength[condition]
        weights[richer] = weights.get(richer, Fraction(0)) + strength[condition]
        row = richer
    return {row: float(weight) for row, weight in reversed(weights.items()) if weight != 0}


def combine(rows: Mapping[Row, Tensor], weights: Mapping[Row, float]) -> Tensor:
    """The weighted sum of the rows' predictions."""
    terms = [weight * rows[row] for row, weight in weights.items()]
    return sum(terms[1:], start=terms[0])

"""Guidance weights are those of both published formulas, and ask for no row that is not needed."""

import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
import torch
from torch import Tensor

from models.diffusion.guidance import EVERYTHING, Row, Scales, combine, guidance_weights
from models.method import Condition

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "diffv2ir.json").read_text())["guidance"]
TOLERANCE = 1e-9
NAMES: dict[str, Row] = {
    "VST": EVERYTHING,
    "VS": frozenset({"v", "s"}),
    "V": frozenset({"v"}),
    "S": frozenset({"s"}),
    "empty": frozenset(),
}
ROWS = {NAMES[name]: torch.tensor(values, dtype=torch.float64) for name, values in GOLDEN["rows"].items()}
Order = Literal["release", "paper"]

examples = pytest.mark.parametrize("example", GOLDEN["examples"], ids=lambda e: f"{e['s_T']}-{e['s_V']}-{e['s_S']}")
orders = pytest.mark.parametrize(("order", "key"), [("release", "code"), ("paper", "paper")])


def scales_of(example: Mapping[str, Any]) -> Scales:
    return Scales(example["s_T"], example["s_V"], example["s_S"])


def all_rows(seen: Tensor, scales: Scales, order: Order, present: Row) -> Tensor:
    """The published formula, row by row, nothing skipped or merged; `seen` weighs what each condition adds."""

    def row(*conditions: Condition) -> Tensor:
        there = present & frozenset(conditions)
        return sum((seen[i] for i, c in enumerate(("v", "s", "t")) if c in there), start=seen[3]) ** (1 + len(there))

    full, both, none = row("v", "s", "t"), row("v", "s"), row()
    if order == "paper":
        single = row("v")
        return none + scales.visible * (single - none) + scales.map * (both - single) + scales.text * (full - both)
    single = row("s")
    return none + scales.map * (single - none) + scales.visible * (both - single) + scales.text * (full - both)


@examples
@orders
def test_published_examples(example: Mapping[str, Any], order: Order, key: str) -> None:
    weights = guidance_weights(scales_of(example), order)
    assert combine(ROWS, weights).tolist() == pytest.approx(example[key], abs=TOLERANCE)
    wanted = {NAMES[name]: weight for name, weight in example[f"coef_{key}"].items() if weight != 0}
    assert weights == pytest.approx(wanted, abs=TOLERANCE)
    assert set(weights) == {NAMES[name] for name in example[f"rows_needed_{key}"]}


@pytest.mark.parametrize("order", ["release", "paper"])
@pytest.mark.parametrize(
    "present", [frozenset(c) for n in range(4) for c in itertools.combinations("vst", n)], ids=sorted
)
def test_missing_conditions_merge_rows_without_changing_the_sum(present: Row, order: Order) -> None:
    """The function of a row below is not linear in its conditions, so a wrong merge shows."""
    seen = torch.tensor([[0.3, -0.2], [0.15, 0.4], [-0.1, 0.25], [0.7, 0.9]], dtype=torch.float64)
    for scales in (Scales(), Scales(7.5, 1.5, 1.2), Scales(1, 1, 1), Scales(0, 1.3, 1.1), Scales(2, 2, 2)):
        weights = guidance_weights(scales, order, present)
        assert all(row <= present for row in weights)
        rows = {
            row: sum((seen[i] for i, c in enumerate(("v", "s", "t")) if c in row), start=seen[3]) ** (1 + len(row))
            for row in weights
        }
        wanted = all_rows(seen, scales, order, present)
        assert combine(rows, weights).tolist() == pytest.approx(wanted.tolist(), abs=1e-12)
        assert sum(weights.values()) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(
    ("present", "rows"),
    [("vst", 3), ("vs", 2), ("vt", 3), ("st", 3), ("v", 2), ("s", 2), ("t", 2), ("", 1)],
)
def test_rows_that_the_default_strengths_need(present: str, rows: int) -> None:
    assert len(guidance_weights(Scales(), "release", {c for c in EVERYTHING if c in present})) == rows


def test_without_text_its_strength_does_not_matter() -> None:
    only_images: Row = frozenset({"v", "s"})
    assert guidance_weights(Scales(7.5, 1.4, 1.6), "paper", only_images) == guidance_weights(
        Scales(1.0, 1.4, 1.6), "paper", only_images
    )


def test_orders_differ_by_one_known_term() -> None:
    """Paper - release = (s_S - s_V) (VS - V - S + none), so they are equal at s_S = s_V."""
    scales = Scales(7.5, 1.5, 2.25)
    paper, release = (combine(ROWS, guidance_weights(scales, order)) for order in ("paper", "release"))
    term = ROWS[NAMES["VS"]] - ROWS[NAMES["V"]] - ROWS[NAMES["S"]] + ROWS[NAMES["empty"]]
    assert torch.allclose(paper - release, (2.25 - 1.5) * term, atol=1e-12)
    assert guidance_weights(Scales(3.0, 1.7, 1.7), "paper") == guidance_weights(Scales(3.0, 1.7, 1.7), "release")


def test_zero_is_told_exactly() -> None:
    """0.1 + 0.2 is not 0.3 in floats; a row is skipped by equality of the settings, not by a threshold."""
    assert len(guidance_weights(Scales(1.0, 0.3, 0.1 + 0.2), "release")) == 4
    assert len(guidance_weights(Scales(1.0, 0.3, 0.3), "release")) == 3

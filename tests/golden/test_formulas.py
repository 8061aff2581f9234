"""The formulas give the very inputs that the golden values were computed from."""

import hashlib
import json
import runpy
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent
PUBLISHED = json.loads((GOLDEN / "evaluation.json").read_text())
EXPECTED = PUBLISHED["formula_images"]
FORMULAS = runpy.run_path(str(GOLDEN / "formulas.py"))


@pytest.mark.parametrize("name", EXPECTED)
def test_formula_image_is_exact(name):
    expected = EXPECTED[name]
    made = FORMULAS["image"](name, *expected["shape"])
    assert int(made.sum()) == expected["sum"]
    assert [int(made[row, column]) for row in (0, -1) for column in (0, -1)] == expected["corner"]
    assert int(made[17, 33]) == expected["p_17_33"]
    assert hashlib.sha256(made.tobytes()).hexdigest() == expected["sha256"]


@pytest.mark.parametrize("case", PUBLISHED["features"], ids=lambda case: f"{case['n']}-{case['m']}-{case['d']}")
def test_formula_features_add_up(case):
    assert FORMULAS["features"]("FX", case["n"], case["d"]).sum() == pytest.approx(case["x_sum"], abs=1e-8)
    assert FORMULAS["features"]("FY", case["m"], case["d"]).sum() == pytest.approx(case["y_sum"], abs=1e-8)

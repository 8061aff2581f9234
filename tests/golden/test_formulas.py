"""The formulas give the very inputs that the golden values were computed from."""

import hashlib
import json
import runpy
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent
EXPECTED = json.loads((GOLDEN / "evaluation.json").read_text())["formula_images"]
FORMULAS = runpy.run_path(str(GOLDEN / "formulas.py"))


@pytest.mark.parametrize("name", EXPECTED)
def test_formula_image_is_exact(name):
    expected = EXPECTED[name]
    made = FORMULAS["image"](name, *expected["shape"])
    assert int(made.sum()) == expected["sum"]
    assert [int(made[row, column]) for row in (0, -1) for column in (0, -1)] == expected["corner"]
    assert int(made[17, 33]) == expected["p_17_33"]
    assert hashlib.sha256(made.tobytes()).hexdigest() == expected["sha256"]

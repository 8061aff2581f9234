import pytest

from models import registry
from models.method import Method
from shards.errors import UserError


def test_methods_are_found_by_presence():
    found = registry.methods()
    assert {"grayscale", "mean", "pix2pix"} <= found.keys()
    assert all(issubclass(method, Method) and method.card.name == name for name, method in found.items())


def test_every_method_has_presets_whose_parents_exist():
    for method in registry.methods().values():
        assert method.presets
        for name, preset in method.presets.items():
            part = preset.train
            assert (part.steps is None) != (part.epochs is None) or not method.card.trains, (method.card.name, name)
            side = part.data.resize if isinstance(part.data.resize, int) else part.data.resize[0]
            assert part.data.crop <= side
            for parent in preset.after:
                assert parent.preset in registry.get(parent.method).presets


def test_a_misspelt_method_names_the_nearest():
    with pytest.raises(UserError, match="did you mean pix2pix"):
        registry.get("pix2pixx")


def test_a_file_may_declare_one_method(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "from models.method import Card, Method, Preset, Train\n"
        "class Mine(Method):\n"
        "    card = Card('mine', 'Mine', 'none', 2026, 'gan')\n"
        "    presets = {'tiny': Preset(Train(steps=1))}\n"
    )
    assert registry.get(str(path)).card.title == "Mine"
    path.write_text("x = 1\n")
    with pytest.raises(UserError, match="declares 0 methods"):
        registry.get(str(path))

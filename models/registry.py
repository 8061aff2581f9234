"""Finds methods by presence: every class with a card in a module of `models/`, or in a user's file."""

import importlib
import importlib.util
import inspect
import pkgutil
from functools import cache
from pathlib import Path
from types import ModuleType

import models
from models.method import Method, Preset
from shards.errors import UserError, unknown


@cache
def methods() -> dict[str, type[Method]]:
    """Every method of the project by name."""
    names = [m.name for m in pkgutil.walk_packages(models.__path__, "models.") if not m.ispkg]
    found = [method for name in names for method in _declared(importlib.import_module(name))]
    return {method.card.name: method for method in sorted(found, key=lambda m: m.card.name)}


def get(name: str) -> type[Method]:
    """The method of that name, or the one that a Python file declares.

    Raises:
        UserError: there is none, or the file declares several.
    """
    if not name.endswith(".py"):
        known = methods()
        if name not in known:
            raise unknown("method", name, known)
        return known[name]
    path = Path(name)
    if not path.is_file():
        raise UserError(f"method file {path} does not exist", "see `python -m bench list` for the methods there are")
    spec = importlib.util.spec_from_file_location(f"user_method_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = _declared(module)
    if len(found) != 1:
        raise UserError(f"{path} declares {len(found)} methods", "one class with a `card`, as in models/controls.py")
    return found[0]


def preset_of(method: type[Method], name: str) -> Preset:
    """A preset of a method.

    Raises:
        UserError: it has none of that name.
    """
    if name not in method.presets:
        raise unknown(f"preset of {method.card.name}", name, method.presets)
    return method.presets[name]


def _declared(module: ModuleType) -> list[type[Method]]:
    return [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, Method)
        and value.__module__ == module.__name__
        and "card" in vars(value)
    ]

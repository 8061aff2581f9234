"""`--set key=value`: changes one field of a preset, with the type that the field has."""

import dataclasses
import typing
from collections.abc import Sequence
from typing import Any

from models.method import Preset
from shards.errors import UserError, unknown


def apply(preset: Preset, assignments: Sequence[str]) -> Preset:
    """The preset with each `train.steps=10`, `sample.steps=50` or `train.config.lr=1e-4` applied.

    Raises:
        UserError: no such field, or a value that is not of its type.
    """
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        if not equals:
            raise UserError(f"--set {assignment} is not key=value", "e.g. --set train.steps=100", code=2)
        preset = _replace(preset, path.strip().split("."), text.strip(), path)
    return preset


def _replace(record: Any, path: Sequence[str], text: str, whole: str) -> Any:
    if not dataclasses.is_dataclass(record) or isinstance(record, type):
        raise UserError(
            f"--set {whole}: nothing has a field {path[0]!r} there",
            "settings begin with train., train.data., train.config. or sample.",
            code=2,
        )
    fields = typing.get_type_hints(type(record))
    if path[0] not in fields:
        raise unknown("setting", whole, [whole.removesuffix(".".join(path)) + f for f in fields])
    value = getattr(record, path[0])
    new = _replace(value, path[1:], text, whole) if len(path) > 1 else _parse(text, value, fields[path[0]], whole)
    return dataclasses.replace(record, **{path[0]: new})


def _parse(text: str, value: Any, hint: Any, whole: str) -> Any:
    if dataclasses.is_dataclass(value):
        raise UserError(f"--set {whole} is a group of settings", "name one of its fields", code=2)
    kinds = [type(value)] if value is not None else [k for k in typing.get_args(hint) if k is not type(None)]
    if text.lower() == "none" and type(None) in typing.get_args(hint):
        return None
    choices = typing.get_args(hint) if typing.get_origin(hint) is typing.Literal else ()
    if choices and text not in choices:
        raise unknown(f"value of {whole}", text, choices)
    try:
        if bool in kinds:
            return {"true": True, "false": False, "1": True, "0": False}[text.lower()]
        if tuple in kinds:
            return tuple(type(value[0])(word) for word in text.strip("()[]").split(","))
        return kinds[0](text)
    except (KeyError, ValueError, IndexError, TypeError):
        raise UserError(f"--set {whole}={text}: a {kinds[0].__name__} is wanted", "", code=2) from None

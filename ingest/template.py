"""Templates with named fields: the one pairing mechanism. Two files are a pair when their shared fields agree."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from shards.errors import UserError
from shards.image import SUFFIXES

Value = str | int
Fields = Mapping[str, Value]

_FIELD = re.compile(r"\{([a-z_]*)(?::([^{}]*))?\}")
_FILL = re.compile(r"\{([a-z_]+)(?:\[(-?\d*):(-?\d*)\])?(?::0(\d+)d)?\}")
_MAX_ROOT_DEPTH = 3


@dataclass(frozen=True)
class Template:
    """A path below a dataset's root with named fields.

    Grammar: `{id}` is any text within one folder or file name; `{path:**}` may span folders; `{frame:d}` is a
    number and compares as one; `{subset:train|val}` is one of the words; `{:Vis|vi}` is one of the words without a
    name. Literal text compares without regard to case. An image template carries no extension: any image
    suffix matches.

    >>> Template("visible/{subset:train|test}/{id}").match("LLVIP/visible/train/010001.jpg")
    ('LLVIP/', {'subset': 'train', 'id': '010001'})
    """

    text: str
    image: bool = True
    _numbers: frozenset[str] = field(init=False, repr=False, compare=False, default=frozenset())

    def __post_init__(self) -> None:
        names = [name for name, _ in _FIELD.findall(self.text)]
        if "{" in _FIELD.sub("", self.text) or "}" in _FIELD.sub("", self.text):
            raise UserError(f"template {self.text!r} has a stray brace", "fields look like {id} or {frame:d}", code=2)
        if len({*names}) != len(names) and "" not in names:
            raise UserError(f"template {self.text!r} names a field twice", "give each field its own name", code=2)
        numbers = frozenset(name for name, kind in _FIELD.findall(self.text) if kind == "d")
        object.__setattr__(self, "_numbers", numbers)

    @property
    def fields(self) -> frozenset[str]:
        """Names of its fields."""
        return frozenset(name for name, _ in _FIELD.findall(self.text) if name)

    def match(self, path: str) -> tuple[str, dict[str, Value]] | None:
        """(root, fields) of a posix path whose last part has this form, the root at most three folders deep."""
        found = self._pattern.fullmatch(path)
        if found is None:
            return None
        values: dict[str, Value] = {
            name: int(text) if name in self._numbers else text
            for name, text in found.groupdict().items()
            if name not in {"root_", "suffix_"}
        }
        return found["root_"], values

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = [rf"(?P<root_>(?:[^/]+/){{0,{_MAX_ROOT_DEPTH}}}?)"]
        at = 0
        for found in _FIELD.finditer(self.text):
            parts.append(_literal(self.text[at : found.start()]))
            parts.append(_field(found[1], found[2]))
            at = found.end()
        parts.append(_literal(self.text[at:]))
        if self.image:
            parts.append(f"(?i:{'|'.join(re.escape(s) for s in sorted(SUFFIXES))})")
        return re.compile("".join(parts))


def fill(text: str, fields: Fields) -> str:
    """A key or scene from fields: `{id}`, `{id[:2]}`, `{frame:06d}`.

    >>> fill("{id[:2]}-{frame:04d}", {"id": "010001", "frame": 7})
    '01-0007'
    """

    def value(found: re.Match[str]) -> str:
        name, low, high, width = found.groups()
        text = str(fields[name])
        if low is not None:
            text = text[int(low) if low else None : int(high) if high else None]
        return text.zfill(int(width)) if width else text

    return _FILL.sub(value, text)


def _literal(text: str) -> str:
    return f"(?i:{re.escape(text)})" if text else ""


def _field(name: str, kind: str | None) -> str:
    body = {None: "[^/]+?", "": "[^/]+?", "d": r"\d+", "**": ".+?"}.get(kind)
    if body is None and kind is not None:
        body = f"(?i:{'|'.join(re.escape(word) for word in kind.split('|'))})"
    return f"(?P<{name}>{body})" if name else f"(?:{body})"

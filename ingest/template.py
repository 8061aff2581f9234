"""Templates with named fields: the one pairing mechanism. Two files are a pair when their shared fields agree."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from shards.errors import UserError
from shards.image import SUFFIXES

Value = str | int
Fields = Mapping[str, Value]

_FIELD = re.compile(r"\{([a-z_]*)(?::([^{}]*))?\}")
_FILL = re.compile(r"\{([a-z_]+)(?:\[(-?\d*):(-?\d*)\])?(?::0(\d+)d)?\}")
_WORDS = re.compile(r"[^|*/]+(\|[^|*/]+)*")
_FORMAT = re.compile(r"\d*[a-z]")  # as in Python's {frame:04d}, which is no word
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

    def __post_init__(self) -> None:
        fields = _FIELD.findall(self.text)
        names = [name for name, _ in fields if name]
        rest = _FIELD.sub("", self.text)
        if "{" in rest or "}" in rest:
            raise _bad(self.text, "has a stray brace")
        if len({*names}) != len(names):
            raise _bad(self.text, "names a field twice")
        for _, kind in fields:
            if kind not in {"", "d", "**"} and (not _WORDS.fullmatch(kind) or _FORMAT.fullmatch(kind)):
                raise _bad(self.text, f"has a field of unknown form {kind!r}")

    @property
    def fields(self) -> frozenset[str]:
        """Names of its fields."""
        return frozenset(name for name, _ in _FIELD.findall(self.text) if name)

    def match(self, path: str) -> tuple[str, dict[str, Value]] | None:
        """(root, fields) of a posix path whose last part has this form, the root at most three folders deep."""
        found = self._pattern.fullmatch(path)
        if found is None:
            return None
        texts = found.groupdict()
        root = texts.pop("ROOT")
        return root, {name: self._value(name, text) for name, text in texts.items()}

    def _value(self, name: str, text: str) -> Value:
        """A number, one of the words as the template spells it, or text that can be written as UTF-8."""
        kind, words = self._kinds[name]
        return int(text) if kind == "d" else words.get(text.casefold()) or printable(text)

    @cached_property
    def _kinds(self) -> dict[str, tuple[str, dict[str, str]]]:
        """Kind of each field, and its words by their small letters."""
        kinds = dict(_FIELD.findall(self.text))
        return {name: (kind, {word.casefold(): word for word in kind.split("|")}) for name, kind in kinds.items()}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = [rf"(?P<ROOT>(?:[^/]+/){{0,{_MAX_ROOT_DEPTH}}}?)"]
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


def printable(path: str) -> str:
    """A path whose bytes are no UTF-8 with these bytes as escapes, any other as it is."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _bad(text: str, problem: str) -> UserError:
    return UserError(
        f"template {text!r} {problem}", "fields are {id}, {path:**}, {frame:d}, {subset:train|val} or {:Vis|vi}", code=2
    )


def _literal(text: str) -> str:
    return f"(?i:{re.escape(text)})" if text else ""


def _field(name: str, kind: str | None) -> str:
    body = {None: "[^/]+?", "": "[^/]+?", "d": "[0-9]+", "**": ".+?"}.get(kind)
    if body is None and kind is not None:
        body = f"(?i:{'|'.join(re.escape(word) for word in kind.split('|'))})"
    return f"(?P<{name}>{body})" if name else f"(?:{body})"

"""Templates with named fields: the one pairing mechanism. Two files are a pair when their shared fields agree."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from shards.errors import UserError
from shards.image import SUFFIXES

Value = str | int
Fields = Mapping[str, Value]
Matcher = Callable[[str], tuple[str, tuple[Value, ...]] | None]
"""Path -> (root, values of the fields), None where the path has another form."""

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
    name. Literal text compares without regard to case. An image template carries no extension: any of
    `suffixes` matches, in small letters or large.

    >>> Template("visible/{subset:train|test}/{id}").match("LLVIP/visible/train/010001.jpg")
    ('LLVIP/', {'subset': 'train', 'id': '010001'})
    """

    text: str
    image: bool = True
    suffixes: frozenset[str] = SUFFIXES

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

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of its fields as they stand in the text."""
        return tuple(name for name, _ in _FIELD.findall(self.text) if name)

    @property
    def fields(self) -> frozenset[str]:
        """Names of its fields."""
        return frozenset(self.names)

    @cached_property
    def letters(self) -> int:
        """Letters that every path of this form has: 0 where it fits whatever there is."""
        words = [kind.split("|") for _, kind in _FIELD.findall(self.text) if kind not in {"", "d", "**"}]
        literal = sum(map(str.isalnum, _FIELD.sub("", self.text)))
        return literal + sum(min(sum(map(str.isalnum, word)) for word in choice) for choice in words)

    def match(self, path: str) -> tuple[str, dict[str, Value]] | None:
        """(root, fields) of a posix path whose last part has this form, the root at most three folders deep."""
        found = self.matcher()(path)
        return found and (found[0], dict(zip(self.names, found[1], strict=True)))

    def matcher(self) -> Matcher:
        """`match` for many paths, with bare values in the order of `names`. Each folder is looked at once."""
        folders: dict[str, Matcher | None] = {}

        def match(path: str) -> tuple[str, tuple[Value, ...]] | None:
            folder = path[: path.rfind("/") + 1]
            if folder not in folders:
                folders[folder] = self.below(folder)
            within = folders[folder]
            return within and within(path)

        return match

    def below(self, folder: str) -> Matcher | None:
        """`matcher` for the files of one folder, itself empty or ending in a slash; None where none of them fits."""
        above, name = self._patterns
        values = [_reader(kind) for field, kind in _FIELD.findall(self.text) if field]
        if above is None:
            return lambda path: _read(name.fullmatch(path), values)
        outer = _read(above.fullmatch(folder), values)
        if outer is None:
            return None
        root, first = outer
        at, inner = len(folder), values[len(first) :]

        def match(path: str) -> tuple[str, tuple[Value, ...]] | None:
            found = name.fullmatch(path, at)
            return found and (root, (*first, *[read(text) for read, text in zip(inner, found.groups(), strict=True)]))

        return match

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str] | None, re.Pattern[str]]:
        """(folder, name); (None, whole path) where a field of the last part may span folders."""
        outer, slash, inner = self.text.rpartition("/")  # which no field holds
        root = rf"((?:[^/]+/){{0,{_MAX_ROOT_DEPTH}}}?)"
        suffix = f"(?i:{'|'.join(re.escape(s) for s in sorted(self.suffixes))})" if self.image else ""
        if "**" in (kind for _, kind in _FIELD.findall(inner)):
            return None, re.compile(root + _pattern(self.text) + suffix)
        return re.compile(root + _pattern(outer + slash)), re.compile(_pattern(inner) + suffix)


def fill(text: str, fields: Fields) -> str:
    """A key or scene from fields: `{id}`, `{id[:2]}`, `{frame:06d}`.

    >>> fill("{id[:2]}-{frame:04d}", {"id": "010001", "frame": 7})
    '01-0007'
    """
    return "".join([part if isinstance(part, str) else part.of(fields) for part in _parts(text)])


@dataclass(frozen=True, slots=True)
class _Blank:
    """One field of a text to be filled."""

    name: str
    cut: slice
    width: int

    def of(self, fields: Fields) -> str:
        """Its value as text."""
        value = fields[self.name]
        return (value if isinstance(value, str) else str(value))[self.cut].zfill(self.width)


@lru_cache(maxsize=256)
def _parts(text: str) -> tuple[str | _Blank, ...]:
    parts: list[str | _Blank] = []
    at = 0
    for found in _FILL.finditer(text):
        name, low, high, width = found.groups()
        parts += [text[at : found.start()], _Blank(name, slice(_number(low), _number(high)), int(width or 0))]
        at = found.end()
    return tuple(part for part in [*parts, text[at:]] if part)


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def printable(path: str) -> str:
    """A path whose bytes are no UTF-8 with these bytes as escapes, any other as it is."""
    return path if path.isascii() else os.fsencode(path).decode("utf-8", "backslashreplace")


def _bad(text: str, problem: str) -> UserError:
    return UserError(
        f"template {text!r} {problem}", "fields are {id}, {path:**}, {frame:d}, {subset:train|val} or {:Vis|vi}", code=2
    )


def _read(
    found: re.Match[str] | None, values: Sequence[Callable[[str], Value]]
) -> tuple[str, tuple[Value, ...]] | None:
    """(root, values) of a match whose first group is the root."""
    if found is None:
        return None
    root, *texts = found.groups()
    return root, tuple([read(text) for read, text in zip(values, texts, strict=False)])


def _reader(kind: str) -> Callable[[str], Value]:
    """Text of a field -> a number, one of the words as the template spells it, or text that can be written as UTF-8."""
    if kind == "d":
        return int
    words = {word.casefold(): word for word in kind.split("|")} if kind not in {"", "**"} else {}
    return lambda text: words.get(text.casefold()) or printable(text) if words else printable(text)


def _pattern(text: str) -> str:
    parts = []
    at = 0
    for found in _FIELD.finditer(text):
        parts += [_literal(text[at : found.start()]), _field(found[1], found[2])]
        at = found.end()
    return "".join([*parts, _literal(text[at:])])


def _literal(text: str) -> str:
    return f"(?i:{re.escape(text)})" if text else ""


def _field(name: str, kind: str | None) -> str:
    body = {None: "[^/]+?", "": "[^/]+?", "d": "[0-9]+", "**": ".+?"}.get(kind)
    if body is None and kind is not None:
        body = f"(?i:{'|'.join(re.escape(word) for word in kind.split('|'))})"
    return f"({body})" if name else f"(?:{body})"

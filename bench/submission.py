"""A folder of predictions: which file predicts which reference, what it says of itself, and what is wrong with it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.decode import BadImage
from bench.geometry import Geometry, declared
from bench.references import Elsewhere, References, image_files
from shards.errors import UserError

SCHEMA = "ir500k.submission/1"
_TEXTS = ("name", "label", "family", "preset")
_NUMBERED = re.compile(r"(.+)__s(\d+)")
_COLOUR = re.compile(r"grey|rgb|colormap:.+")
SHOWN = 20
"""Names that a message lists at most."""


@dataclass(frozen=True)
class Finding:
    """Something that the checker noticed.

    Attributes:
        code: E01 to E09 break a rule, W01 to W08 are worth knowing.
        subject: the file, empty for the whole folder.
    """

    code: str
    subject: str
    message: str

    @property
    def breaks_a_rule(self) -> bool:
        """True for errors."""
        return self.code.startswith("E")

    def __str__(self) -> str:
        return f"{self.code} {self.subject}: {self.message}" if self.subject else f"{self.code}: {self.message}"


@dataclass(frozen=True)
class Submission:
    """A folder of predictions matched with the references.

    Attributes:
        files: prediction by key.
        rule: which names matched: key, publisher's id, raw stem.
        about: the folder's submission.json, {} where it has none.
        findings: what matching found wrong.
        more: further draws for the same inputs (`bench.draws`).
    """

    folder: Path
    files: Mapping[str, Path]
    rule: str
    about: Mapping[str, Any] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    more: "Sequence[Submission]" = ()

    @property
    def model(self) -> Mapping[str, Any]:
        """What the submission says of its model; {} where it says nothing."""
        model = self.about.get("model", {})
        return model if isinstance(model, dict) else {}

    @property
    def declares_colour(self) -> bool:
        """Whether pictures in colour are meant; their luma is scored."""
        return str(self.about.get("colour", "grey")) != "grey"

    def geometry(self, key: str) -> Geometry | None:
        """What the submission declares for one prediction.

        Raises:
            BadImage: E05, the declaration makes no sense.
        """
        return declared(self.about, key)


def match(
    folder: Path,
    references: References,
    elsewhere: Elsewhere | None = None,
    *,
    suffix: str = "",
    allow_missing: bool = False,
) -> Submission:
    """Matches files by key, else by the publisher's id, else by raw stem: one rule for the whole folder, never order.

    Args:
        folder: predictions.
        references: what they are to be held against.
        elsewhere: the dataset's other subsets; None where nothing else is known.
        suffix: an ending of the stems that is not part of the name, e.g. `_fake_B`.
        allow_missing: predictions may be missing, as long as there is one.

    Returns:
        The submission with findings E01 (missing), E02 (belongs to nothing), E05 (geometry that makes no sense), E06
        (made for other references) and W08 (of another subset, which is left out).

    Raises:
        UserError: the folder or its submission.json cannot be read, or a draw is there twice.
    """
    images = image_files(folder)
    named = {stem.removesuffix(suffix): path for stem, path in images.items() if stem.endswith(suffix)}
    known = {name for names in (references.shared, *references.names.values()) for name in names}
    files, *others = [named] if named.keys() & known else by_draw(named)  # references may be called cam__s00 themselves
    rules = {
        rule: {key: files[name] for name, key in names.items() if name in files}
        for rule, names in references.names.items()
    }
    rule = max(rules, key=lambda r: len(rules[r]))
    found = rules[rule]
    about = _about(folder)
    holds = f"{folder} holds {names_of(sorted(files or images), 3)}" + ("" if files else f": none ends in {suffix}")
    findings = [
        *_missing(holds, files, found, references, allow_missing),
        *_extra(files, found, references.names[rule], elsewhere or Elsewhere()),
        *_made_for(about, references),
        *_says(about, [len(files), len(found)]),
    ]
    for key in found:
        try:
            declared(about, key)
        except BadImage as bad:
            findings.append(Finding(bad.code, "submission.json", bad.message))
            break
    names = references.names[rule]
    more = [Submission(folder, _keyed(draw, names), rule, about) for draw in others]
    if any(draw.keys() != files.keys() for draw in others):
        findings.append(Finding("E01", "", "every input needs as many draws: NAME__s0, NAME__s1, ..."))
    return Submission(folder, _keyed(files, names), rule, about, tuple(findings), tuple(more))


def by_draw(files: Mapping[str, Path]) -> list[dict[str, Path]]:
    """Files by their stem without the draw's number, the first draw first; all in one where names bear none.

    Raises:
        UserError: two files are one draw, as `a__s0` and `a__s00`.

    >>> by_draw({"a__s0": Path("x"), "a__s1": Path("y")})
    [{'a': PosixPath('x')}, {'a': PosixPath('y')}]
    >>> by_draw({"a": Path("x")})
    [{'a': PosixPath('x')}]
    """
    found: dict[int, dict[str, Path]] = {}
    for stem, path in files.items():
        numbered = _NUMBERED.fullmatch(stem)
        if numbered is None:
            return [dict(files)]
        draw = found.setdefault(int(numbered[2]), {})
        if numbered[1] in draw:
            raise UserError(f"{draw[numbered[1]].name} and {path.name} are one draw", "keep one of them")
        draw[numbered[1]] = path
    return [found[number] for number in sorted(found)] or [{}]


def _keyed(files: Mapping[str, Path], names: Mapping[str, str]) -> dict[str, Path]:
    """Files by key, sorted."""
    return {key: files[name] for name, key in sorted(names.items(), key=lambda item: item[1]) if name in files}


def _about(folder: Path) -> dict[str, Any]:
    path = folder / "submission.json"
    if not path.is_file():
        return {}
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{path} is not JSON ({error})", "mend it, or remove it") from None
    if not isinstance(about, dict):
        raise UserError(f"{path} is not a JSON object", "mend it, or remove it")
    model = about.get("model", {})
    if not isinstance(model, dict) or not all(isinstance(model.get(name, ""), str) for name in _TEXTS):
        raise UserError(f"{path}: `model` is not an object with {', '.join(_TEXTS)} as texts", "mend it, or remove it")
    notes, colour = about.get("notes", []), about.get("colour", "grey")
    if not isinstance(notes, list) or not all(isinstance(note, str) for note in notes):
        raise UserError(f"{path}: `notes` is not a list of texts", "mend it, or remove it")
    if not isinstance(colour, str) or not _COLOUR.fullmatch(colour):
        raise UserError(f"{path}: `colour` is none of grey, rgb and colormap:NAME", "mend it, or remove it")
    return about


def _missing(
    holds: str, files: Mapping[str, Path], found: Mapping[str, Path], references: References, allowed: bool
) -> list[Finding]:
    missing = sorted(set(references.keys) - found.keys())
    if not missing or (allowed and found):
        return []
    text = f"{len(missing)} of {len(references.keys)} predictions are missing: {names_of(missing)}"
    if not found:
        text += f"; {holds}"
    if several := sorted(files.keys() & references.shared):
        text += f"; several samples are called {names_of(several, 3)}: name those files by the dataset's keys"
    return [Finding("E01", "", text)]


def _extra(
    files: Mapping[str, Path], found: Mapping[str, Path], names: Mapping[str, str], elsewhere: Elsewhere
) -> Iterator[Finding]:
    if not found:  # where nothing matches, one finding says so already
        return
    extra = sorted(files.keys() - {name for name, key in names.items() if key in found})
    others = [name for name in extra if name in elsewhere.names]
    unknown = [name for name in extra if name not in elsewhere.names]
    if unknown:
        yield Finding("E02", "", f"{len(unknown)} files belong to no sample: {names_of(unknown)}")
    if others:
        subsets = " and ".join(sorted({elsewhere.names[name] for name in others}))
        yield Finding("W08", "", f"{len(others)} files belong to {subsets} and are left out: {names_of(others, 5)}")


def _made_for(about: Mapping[str, Any], references: References) -> list[Finding]:
    """E06: submission.json names another dataset, subset or fingerprint; a plain folder has no name to differ from."""
    if not references.of_dataset:
        return []
    ours = {
        "dataset": references.title,
        "split": references.subset,
        "subset": references.subset,
        "split_fingerprint": references.fingerprint,
        "fingerprint": references.fingerprint,
    }
    differing = [name for name, value in ours.items() if name in about and about[name] != value]
    if not differing:
        return []
    name = differing[0]
    text = f"made for {name.replace('_', ' ')} {about[name]!s:.16}, these are the references of {ours[name]:.16}"
    return [Finding("E06", "submission.json", text)]


def _says(about: Mapping[str, Any], counts: Sequence[int]) -> Iterator[Finding]:
    """E06: a form that is not known here, or a number that is neither of all pictures nor of those scored."""
    if about.get("schema", SCHEMA) != SCHEMA:
        yield Finding("E06", "submission.json", f"is of schema {about['schema']!s:.40}, this is {SCHEMA}")
    if "n" in about and about["n"] not in counts:
        here = " or ".join(f"{count:,}" for count in sorted(set(counts)))
        yield Finding("E06", "submission.json", f"speaks of {about['n']!s:.40} pictures, {here} are here")


def names_of(names: Sequence[str], most: int = SHOWN) -> str:
    """Some names for a message.

    >>> names_of(["a", "b", "c"], 2)
    'a, b, ...'
    """
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")

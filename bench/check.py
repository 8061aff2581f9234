"""The checker: what is wrong with a folder of predictions, told before and while it is scored, by one set of codes.

| Code | | Code | |
|---|---|---|---|
| E01 | predictions are missing | W01 | stored in a lossy format |
| E02 | files belong to no sample | W02 | some colour in what should be grey |
| E03 | cannot be read | W03 | predictions differ in size where references do not |
| E04 | not plain 8-bit levels | W04 | EXIF data, which are not looked at |
| E05 | aspect differs and no geometry is declared | W05 | constant images |
| E06 | made for other references | W06 | too few images for an unbiased FID |
| E07 | over 5 % of the predictions are copies of each other | W07 | the weights of FID are missing |
| E08 | a prediction equals its reference | W08 | files of another subset are left out |
| E09 | a prediction equals an infrared image of another subset | | |
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bench import weights
from bench.decode import BadImage, Picture, Pixels, decode, read, to_grey
from bench.geometry import SQUARE, Box, Size, check_geometry, fit, size_of
from bench.references import Elsewhere, References
from bench.submission import SHOWN, Finding, Submission, names_of
from bench.threads import in_order
from shards.console import progress
from shards.errors import UserError
from shards.hashing import pixel_digest
from shards.home import Home

FEW = 2048
"""Fewer images than the features have dimensions leave FID biased."""
_COPIES = 0.05
_CONTROL = "control"
CONTENT = ("E07", "E08", "E09")
"""What predictions of a dataset may not be; between two plain folders nobody is suspected, and it is only told."""
_CONTROL_SAYS_SO = 'a floor or ceiling row declares `"model": {"family": "control"}` in submission.json'
_REMEDIES = {
    "E01": "files are named by the dataset's keys, the publisher's ids or the raw stems; --suffix cuts an ending, "
    "--allow-missing scores what is there",
    "E02": "remove them",
    "E03": "write 8-bit grey PNGs",
    "E04": 'write 8-bit grey PNGs; pictures meant to be in colour declare `"colour": "rgb"` in submission.json',
    "E05": "declare `geometry` in the folder's submission.json, or predict the whole frame",
    "E06": "give the dataset and subset that they were made for",
    "E07": f"a model that gives one picture for many has collapsed; {_CONTROL_SAYS_SO}",
    "E08": f"predictions are made from visible images; {_CONTROL_SAYS_SO}",
    "E09": f"predictions are made from visible images; {_CONTROL_SAYS_SO}",
}


@dataclass(frozen=True)
class Opened:
    """A prediction that can be scored.

    Attributes:
        box: the part of the reference that it shows; None for all of it.
        sha256: of the file.
    """

    key: str
    name: str
    picture: Picture
    box: Box | None
    sha256: str


@dataclass(frozen=True)
class Seen:
    """What is remembered of a prediction to judge the whole set.

    Attributes:
        pixels: digest of its grey levels.
        equals_reference: as compared, and not constant.
    """

    key: str
    name: str
    size: Size
    reference_size: Size
    sha256: str
    pixels: str
    constant: bool
    lossy: bool
    coloured: float
    exif: bool
    equals_reference: bool


def open_prediction(submission: Submission, references: References, key: str) -> Opened:
    """Decodes one prediction and holds its shape against the reference's.

    Raises:
        BadImage: E03, E04 or E05.
    """
    path = submission.files[key]
    data = read(path)
    picture = decode(data, allow_colour=submission.declares_colour)
    box = check_geometry(size_of(picture.pixels), references.size(key), submission.geometry(key))
    return Opened(key, path.name, picture, box, hashlib.sha256(data).hexdigest())


def see(opened: Opened, prediction: Pixels, reference: Pixels, references: References) -> Seen:
    """What the set's judgement needs of one prediction, given how both sides are compared."""
    grey = to_grey(opened.picture.pixels)
    constant = bool(grey.min() == grey.max())
    return Seen(
        opened.key,
        opened.name,
        size_of(grey),
        references.size(opened.key),
        opened.sha256,
        pixel_digest(grey[:1, :1] if constant else grey),  # one grey level is the same answer at any size
        constant,
        opened.picture.lossy,
        opened.picture.coloured,
        opened.picture.exif,
        not constant and np.array_equal(prediction, reference),
    )


def judge(seen: Sequence[Seen], elsewhere: Elsewhere) -> list[Finding]:
    """Findings on the pictures of a set, E07 to E09 and W01 to W06.

    Args:
        seen: at least one prediction.
        elsewhere: the dataset's other subsets.
    """
    found = []
    counts = Counter(s.pixels for s in seen)
    copies = [s.name for s in seen if counts[s.pixels] > 1]
    if len(copies) > _COPIES * len(seen):
        found.append(Finding("E07", "", f"{_of(copies, seen)} are copies of each other: {names_of(copies, 5)}"))
    for s in seen:
        if s.equals_reference:
            found.append(Finding("E08", s.name, "equals its reference"))
        if s.pixels in elsewhere.pixels and not s.constant:
            found.append(Finding("E09", s.name, f"equals the infrared image of {elsewhere.pixels[s.pixels]}"))
    about_some = (
        ("W01", [s.name for s in seen if s.lossy], "are stored in a lossy format, which moves FID"),
        ("W02", [s.name for s in seen if s.coloured], "have pixels in colour; their luma is scored"),
        ("W04", [s.name for s in seen if s.exif], "carry EXIF data, which are not looked at"),
        ("W05", [s.name for s in seen if s.constant], "are constant; metrics of structure are undefined there"),
    )
    for code, names, text in about_some:
        if names:
            found.append(Finding(code, "", f"{_of(names, seen)} {text}: {names_of(names, 5)}"))
    sizes = {s.size for s in seen}
    if len(sizes) > len({s.reference_size for s in seen}):
        text = f"predictions have {len(sizes)} sizes, such as {names_of([f'{w}x{h}' for w, h in sorted(sizes)], 3)}"
        found.append(Finding("W03", "", text))
    if len(seen) < FEW:
        found.append(Finding("W06", "", f"{len(seen)} images; FID and KID of so few are biased and noisy"))
    return sorted(found, key=lambda finding: finding.code)


def no_weights() -> Finding:
    """W07."""
    return Finding("W07", "", "FID and KID need the Inception weights: `python -m bench weights fetch inception`")


def told(findings: Iterable[Finding], submission: Submission) -> list[Finding]:
    """Those that concern this submission: a control may repeat itself, and a ceiling may equal its references."""
    forgiven = CONTENT if submission.model.get("family") == _CONTROL else ()
    return [finding for finding in findings if finding.code not in forgiven]


def refuse(findings: Iterable[Finding], submission: Submission) -> None:
    """Nothing, where no rule is broken.

    Raises:
        UserError: rules are broken; names the first of them and what to do.
    """
    broken = [finding for finding in told(findings, submission) if finding.breaks_a_rule]
    if broken:
        shown = "; ".join(map(str, broken[:3]))
        more = f"; and {len(broken) - 3} more, `python -m bench check` lists them" if len(broken) > 3 else ""
        raise UserError(shown + more, _REMEDIES[broken[0].code])


def check(
    submission: Submission, references: References, home: Home, elsewhere: Elsewhere, *, quiet: bool = False
) -> list[Finding]:
    """All findings on a folder of predictions, errors first; nothing is scored and nothing is kept.

    Args:
        elsewhere: the dataset's other subsets.
    """
    found = list(submission.findings)
    if any(finding.subject == "submission.json" and finding.code == "E05" for finding in found):
        return found

    def one(place: tuple[Submission, str]) -> Seen | Finding:
        draw, key = place
        try:
            opened = open_prediction(draw, references, key)
        except BadImage as bad:
            return Finding(bad.code, draw.files[key].name, bad.message)
        reference = fit(references.image(key), SQUARE, opened.box)
        return see(opened, fit(to_grey(opened.picture.pixels), SQUARE), reference, references)

    seen: list[Seen] = []
    places = [(draw, key) for draw in (submission, *submission.more) for key in draw.files]
    with progress(len(places), "pictures", quiet=quiet) as shown:
        for result in in_order(one, places):
            shown.advance()
            if isinstance(result, Seen):
                seen.append(result)
            else:
                found.append(result)
    if seen:
        found += told(judge(seen, elsewhere), submission)
    if not weights.get("inception").path(home).is_file():
        found.append(no_weights())
    return sorted(found, key=lambda finding: finding.code)


def lines(findings: Sequence[Finding], *, most: int = SHOWN) -> list[str]:
    """One line per finding, and one for those of a code beyond the first `most`."""
    counts = Counter(finding.code for finding in findings)
    shown: list[str] = []
    for code in dict.fromkeys(finding.code for finding in findings):
        shown += [str(finding) for finding in findings if finding.code == code][:most]
        if counts[code] > most:
            shown.append(f"{code}: and {counts[code] - most} more")
    return shown


def _of(names: Sequence[str], seen: Sequence[Seen]) -> str:
    return f"{len(names)} of {len(seen)} predictions"

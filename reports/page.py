"""One self-contained HTML file: tables, a gallery with a comparison slider, curves. Opens from file://."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.metrics import METRICS
from reports import frame, render
from reports.table import Direction, Table
from shards import image

READING: Mapping[str, str] = {
    "fid": "Fréchet distance between the Inception features of all predictions and of all infrared images. "
    "It compares two sets: it does not see whether a prediction belongs to its own input, and with few images "
    "it comes out too high.",
    "psnr": "Pixel error of each prediction in decibels, averaged over the pairs. It rewards blur: a picture that "
    "commits to nothing loses little.",
    "ssim": "Likeness of local brightness, contrast and structure, from -1 to 1, averaged over the pairs. It "
    "forgives a wrong level more than PSNR does, and rewards smoothness too.",
    "kid": "Like FID by a kernel estimate that few images do not bias; it may fall slightly below zero.",
    "swd": "Sliced Wasserstein distance between small patches of both sets at several scales. Like FID it compares "
    "sets and not pairs, and it needs no network weights.",
}
"""What each headline metric tells, in plain words; a page explains those that its tables show."""


@dataclass(frozen=True)
class Entry:
    """One test pair of a gallery, as encoded JPEG or PNG bytes.

    Attributes:
        predictions: label of a row -> its picture for this pair. All pictures show the full reference frame; the
            slider stretches a prediction of another size onto it.
        scores: label -> metric -> raw value for this pair.
    """

    key: str
    visible: bytes
    infrared: bytes
    predictions: Mapping[str, bytes]
    scores: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Grid:
    """A gallery: pairs to leaf through. `note` says how they were chosen."""

    title: str
    note: str
    entries: Sequence[Entry]


@dataclass(frozen=True)
class Curve:
    """A figure such as a run's losses: encoded JPEG or PNG bytes, or the file that holds them."""

    title: str
    picture: bytes | Path


def build(
    path: Path,
    *,
    title: str,
    tables: Sequence[Table],
    grids: Sequence[Grid] = (),
    facts: Mapping[str, str] | None = None,
    curves: Sequence[Curve] = (),
) -> None:
    """Writes the page, whole or not at all; equal arguments give equal bytes.

    Args:
        path: the HTML file; its folder is made where absent.
        facts: shown in the header behind what the tables agree on (dataset, protocol, N, fingerprint).

    Raises:
        ValueError: an image is neither JPEG nor PNG.
    """
    from markupsafe import Markup

    frame.write(
        path,
        "page.html",
        title=title,
        facts=_shared_facts(tables) | dict(facts or {}),
        tables=[Markup(render.html(table)) for table in tables],
        kinds={row.kind for table in tables for row in table.rows},
        intervals=any(cell.interval for table in tables for row in table.rows for cell in row.cells.values()),
        reading=_reading(tables),
        grids=grids,
        curves=[(curve.title, _bytes(curve.picture)) for curve in curves],
        score_texts=score_texts,
        aspect=aspect,
    )


def aspect(picture: bytes) -> str:
    """Width and height of encoded image bytes, as CSS writes a ratio."""
    head = image.header(picture)
    return f"{head.width} / {head.height}"


def score_texts(scores: Mapping[str, float]) -> list[str]:
    """The scores of one picture in the registry's order and digits; other metrics follow under their names.

    >>> score_texts({"ssim": 0.43211, "psnr": 14.2})
    ['PSNR 14.20', 'SSIM 0.4321']
    """
    known = [f"{metric.title} {metric.display(scores[name])}" for name, metric in METRICS.items() if name in scores]
    return [*known, *(f"{name} {value:.4g}" for name, value in scores.items() if name not in METRICS)]


def _bytes(picture: bytes | Path) -> bytes:
    return picture if isinstance(picture, bytes) else picture.read_bytes()


def _shared_facts(tables: Sequence[Table]) -> dict[str, str]:
    """What all tables agree on; where they differ, each caption tells its own."""
    values = {
        "Dataset": {table.dataset for table in tables},
        "Protocol": {table.protocol for table in tables},
        "Test pairs": {f"{table.n:,}" if table.n else "" for table in tables},
        "Test fingerprint": {table.fingerprint[:12] for table in tables},
    }
    return {name: found.pop() for name, found in values.items() if len(found) == 1 and "" not in found}


def _reading(tables: Sequence[Table]) -> list[tuple[str, Direction | None, str]]:
    """(title, direction, explanation) of the headline metrics that the tables show."""
    shown = {column.key.rpartition(".")[2] for table in tables for column in table.columns}
    return [(METRICS[name].title, METRICS[name].direction, text) for name, text in READING.items() if name in shown]

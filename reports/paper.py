"""Numbers that papers printed, loaded from `reports/published/`; what they do not say comes with them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from shards import errors


@dataclass(frozen=True)
class Dataset:
    """A dataset of a published table.

    Attributes:
        title: as printed.
        test: test pairs, None where the paper does not say.
        note: sizes and split, as far as stated.
    """

    title: str
    test: int | None
    note: str


@dataclass(frozen=True)
class Result:
    """One printed row.

    Attributes:
        cited: numbers of the reference list of the paper that holds the table; empty for its own method.
        scores: dataset -> metric -> value, as printed.
    """

    method: str
    venue: str
    year: int
    group: str
    cited: tuple[int, ...]
    scores: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Published:
    """A printed table.

    Attributes:
        provenance: paper and table number.
        metrics: metric -> which way is better.
        marks: "dataset.metric" -> {"best": method, "second": method}, as the paper marks them.
        unstated: what one would have to know to repeat the measurement.
    """

    provenance: str
    title: str
    datasets: Mapping[str, Dataset]
    metrics: Mapping[str, Literal["higher", "lower"]]
    rows: tuple[Result, ...]
    marks: Mapping[str, Mapping[str, str]]
    unstated: tuple[str, ...]

    def dataset(self, name: str) -> Dataset:
        """The dataset of that name; a name that is not there is a `UserError`."""
        if name not in self.datasets:
            raise errors.unknown("published dataset", name, self.datasets)
        return self.datasets[name]


def load(name: str = "table2") -> Published:
    """The published table of that name.

    >>> load().provenance
    'DiffV2IR, arXiv 2503.19012, Table 2'

    Raises:
        UserError: there is no such table.
    """
    folder = resources.files("reports.published")
    known = [entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json")]
    if name not in known:
        raise errors.unknown("published table", name, known)
    data = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return Published(
        provenance=data["provenance"],
        title=data["title"],
        datasets={key: Dataset(**dataset) for key, dataset in data["datasets"].items()},
        metrics=data["metrics"],
        rows=tuple(Result(**{**row, "cited": tuple(row["cited"])}) for row in data["rows"]),
        marks=data["marks"],
        unstated=tuple(data["unstated"]),
    )

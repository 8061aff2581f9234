"""A scored folder of predictions, read back: its result, its per-image table, its features. No model is needed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench import external, result
from bench.statistics.intervals import column, metric_names
from shards.errors import UserError, unknown
from shards.home import Home


@dataclass(frozen=True)
class Scored:
    """What a protocol said about a folder of predictions.

    Attributes:
        folder: of the predictions.
        result: the document `ir500k.result/1`.
        rows: one per image, in key order: `key`, `scene` and a number per metric, None where it is undefined.
    """

    folder: Path
    result: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]

    @property
    def label(self) -> str:
        """The row's name in tables."""
        return str(self.result["label"])

    @property
    def keys(self) -> list[str]:
        """Of the images, in order."""
        return [row["key"] for row in self.rows]

    @property
    def scenes(self) -> list[str]:
        """Of each image."""
        return [row["scene"] for row in self.rows]

    @property
    def metrics(self) -> list[str]:
        """Those that the per-image table holds."""
        return metric_names(self.rows)

    def column(self, metric: str) -> npt.NDArray[np.float64]:
        """One number per image, NaN where the metric is undefined."""
        return column(self.rows, metric)

    def features(
        self, home: Home, network: str = "inception"
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]] | None:
        """N x d features of predictions and references in key order, None where the home's cache lacks them."""
        names = self.result.get("features", {}).get(network)
        if not names:
            return None
        paths = [home.cache / "features" / f"{names[side]}.npy" for side in ("predictions", "references")]
        if not all(path.is_file() for path in paths):
            return None
        predictions, references = (np.load(path, allow_pickle=False) for path in paths)
        return predictions, references


def read(folder: Path, protocol: str) -> Scored:
    """The scores of a folder of predictions under one protocol.

    Raises:
        UserError: there are none.
    """
    found = result.read(folder / "scores" / protocol)
    if found is None:
        noted = external.source(folder)
        words = f"{noted['folder']} --dataset {noted['dataset']}" if noted else f"{folder} --dataset NAME"
        remedy = f"`python -m bench score {words} --protocol {protocol}`"
        raise UserError(f"{folder} has no scores under {protocol}", remedy)
    return Scored(folder, found.result, found.rows)


def has_floor(home: Home, title: str, fingerprint: str, protocol: str) -> bool:
    """Whether the mean training image, below which nothing was learnt, stands among the scores of a test subset."""
    paths = home.runs.glob(f"mean-*/predictions/{title}-*/scores/{protocol}/result.json")
    return any(json.loads(path.read_text())["fingerprint"] == fingerprint for path in paths)


def find(name: str, home: Home, protocol: str, *, subset: str = "test") -> Scored:
    """The scores that a user means.

    Args:
        name: a run's folder name in the home, or the path of a run, of a folder of predictions that was scored, or of
            a folder that `bench score --out` wrote.
        home: where runs lie.
        protocol: under which they were made.
        subset: for a run that has predictions of several.

    Raises:
        UserError: there is no such folder, it holds no scores, or scores of several predictions.
    """
    places = [home.runs / name, Path(name)]
    folder = next((place for place in places if place.is_dir()), None)
    if folder is None:
        raise unknown("run", name, (path.name for path in home.runs.glob("*")), hint="`python -m bench list`")
    if (folder / "scores").is_dir():
        return read(folder, protocol)
    if (written := result.read(folder / protocol)) is not None:
        return Scored(folder, written.result, written.rows)
    results = sorted(folder.glob(f"predictions/*/scores/{protocol}/result.json"))
    results += [
        p for o in external.places_for(folder, home) if (p := o / "scores" / protocol / "result.json").is_file()
    ]
    everything = [read(path.parents[2], protocol) for path in results]
    found = [scored for scored in everything if scored.result["subset"] == subset]
    if not found:
        raise UserError(
            f"{folder} has no scores of {subset} under {protocol}",
            f"`python -m bench score {folder} --dataset NAME --protocol {protocol}`, where it holds pictures",
        )
    if len(found) > 1:
        raise UserError(
            f"{folder.name} has {len(found)} scored sets of predictions of {subset}",
            f"give the path of one: {', '.join(str(scored.folder) for scored in found)}",
        )
    return found[0]

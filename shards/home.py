"""The folder that holds all a user makes, and where each thing lies in it."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """Paths under one home; nothing is created by asking."""

    root: Path

    @staticmethod
    def find(given: str | Path | None = None) -> "Home":
        """`given`, else $IR500K_HOME, else ~/ir500k."""
        return Home(Path(given or os.environ.get("IR500K_HOME") or Path.home() / "ir500k").expanduser().absolute())

    @property
    def shards(self) -> Path:
        """Pixels and facts: <source>/<subset>-00000.tar and .parquet."""
        return self.root / "shards"

    @property
    def annotations(self) -> Path:
        """Layers: <layer>/<source>/<subset>-00000.parquet."""
        return self.root / "annotations"

    @property
    def manifest(self) -> Path:
        """The DuckDB index; may be deleted at any time."""
        return self.root / "manifest.duckdb"

    @property
    def splits(self) -> Path:
        """Pinned datasets: <dataset>/<fingerprint>.parquet."""
        return self.root / "splits"

    @property
    def cache(self) -> Path:
        """What can be computed again."""
        return self.root / "cache"

    @property
    def weights(self) -> Path:
        """Downloaded or added weights, by name."""
        return self.root / "weights"

    @property
    def runs(self) -> Path:
        """Stages with their predictions and scores."""
        return self.root / "runs"

    @property
    def reports(self) -> Path:
        """Pages and tables."""
        return self.root / "reports"

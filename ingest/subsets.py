"""Subset rules that a template cannot say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.template import Fields, fill
from ingest.tree import Folder
from shards.errors import UserError

ALL = "all"
"""The subset of what belongs to none."""


@dataclass(frozen=True)
class ByField:
    """The subset hangs on one field: `ByField("set", {"set00": "train", "set06": "test"})`."""

    field: str
    subsets: Mapping[str, str]

    def __call__(self, samples: Sequence[Fields], folder: Folder) -> list[str]:
        """Subsets in the order of the samples."""
        return [self.subsets.get(str(fields.get(self.field, "")), ALL) for fields in samples]


@dataclass(frozen=True)
class ByNumber:
    """The subset hangs on the range of a number: `ByNumber("number", {"train": (1, 8862)})`, both ends inclusive."""

    field: str
    subsets: Mapping[str, tuple[int, int]]

    def __call__(self, samples: Sequence[Fields], folder: Folder) -> list[str]:
        """Subsets in the order of the samples."""
        return [self._of(int(fields[self.field])) for fields in samples]

    def _of(self, number: int) -> str:
        return next((name for name, (first, last) in self.subsets.items() if first <= number <= last), ALL)


@dataclass(frozen=True)
class IndexFiles:
    r"""The publisher lists each subset's names in a file of its own, one on a line.

    Lines may have folders before the name, an extension after it, and further fields after a comma or a blank. What no
    file lists belongs to `all`; lines for which there is no sample, as in a partial download, are counted and told.

    Attributes:
        files: subset -> path below the dataset's folder, the same for every copy of the dataset.
        name: template that makes a sample's name from its fields.
        line: pattern whose first group is the name, where a line's last folder-free word is not:
            `(FLIR_\d{5})` for `FLIR_00002_PreviewData`.
    """

    files: Mapping[str, str]
    name: str = "{id}"
    line: str = ""

    def __call__(self, samples: Sequence[Fields], folder: Folder) -> list[str]:
        """Subsets in the order of the samples.

        Raises:
            UserError: a line leads out of the dataset's folder, or two files list one name.
        """
        names = [fill(self.name, fields) for fields in samples]
        present = set(names)
        subset_of: dict[str, str] = {}
        for subset, path in self.files.items():
            data = folder.read(path)
            if data is None:
                folder.notes.append(f"{path} is not there: its samples are of subset {ALL}")
                continue
            listed = self._listed(data.decode("utf-8-sig", "replace"), path)
            dangling = len(listed - present)
            if dangling:
                folder.notes.append(f"{path} lists {dangling:,} names that are not there")
            for name in listed & present:
                if subset_of.setdefault(name, subset) != subset:
                    raise UserError(
                        f"{name} is listed for {subset_of[name]} and for {subset}", f"mend {path}, or fetch it again"
                    )
        return [subset_of.get(name, ALL) for name in names]

    def _listed(self, text: str, path: str) -> set[str]:
        names = set()
        for line in filter(None, map(str.strip, text.splitlines())):
            entry = re.split(r"[,\s]", line, maxsplit=1)[0].replace("\\", "/")
            if entry.startswith("/") or ".." in entry.split("/") or re.match(r"[A-Za-z]:/", entry):
                raise UserError(f"{path} lists {line!r}, which leads out of the dataset's folder", "fetch it again")
            if self.line:
                found = re.search(self.line, line)
                names |= {found[1]} if found else set()
            else:
                names.add(re.sub(r"\.[A-Za-z]{3,4}$", "", entry.rsplit("/", 1)[-1]))
        return names

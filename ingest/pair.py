"""The files of one sample, as templates and rules have found them."""

from typing import NamedTuple

from ingest.template import Value
from ingest.tree import Entry

Values = tuple[Value, ...]
"""Of the fields of a path, in the order of their names."""


class Pair(NamedTuple):
    """Files that belong to one sample; a side that is missing is None.

    Attributes:
        names: of its fields; one tuple for many pairs, since there are millions of them.
        values: of its fields.
    """

    names: tuple[str, ...]
    values: Values
    visible: Entry | None
    infrared: Entry | None

    @property
    def fields(self) -> dict[str, Value]:
        """Fields of both sides."""
        return dict(zip(self.names, self.values, strict=True))

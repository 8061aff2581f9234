"""The table: marks that can be trusted, and notes that say why."""

from typing import Any

import pytest

from reports import paper
from reports.table import Cell, Column, Kind, Row, Table, footnotes, groups, marks, table2


def one_column(*rows: tuple[Kind, float | None], direction: Any = "higher") -> Table:
    return Table(
        title="t",
        columns=(Column("m", "M", direction, digits=2),),
        rows=tuple(
            Row(f"row {index}", "", kind, {"m": Cell(value, "" if value is not None else "absent")})
            for index, (kind, value) in enumerate(rows)
        ),
    )


# The paper's table


@pytest.mark.parametrize("column", ["m3fd.fid", "m3fd.psnr", "m3fd.ssim", "flir.fid", "flir.psnr", "flir.ssim"])
def test_table_2_is_marked_as_in_the_paper(column: str) -> None:
    published = paper.load()
    table = table2(published)
    found = {mark: table.rows[index].label for (index, key), mark in marks(table).items() if key == column}
    assert found == published.marks[column]


def test_table_2_stands_in_the_papers_groups() -> None:
    table = table2(paper.load())
    assert [(name, len(indices)) for name, indices in groups(table)] == [("GAN", 6), ("diffusion", 10)]
    assert [(c.group, c.title, c.direction) for c in table.columns[:4]] == [
        ("M3FD", "FID", "lower"),
        ("M3FD", "PSNR", "higher"),
        ("M3FD", "SSIM", "higher"),
        ("FLIR-aligned", "FID", "lower"),
    ]
    assert table.protocol == "unknown"


# Marks


def test_marks_follow_the_direction() -> None:
    rows: list[tuple[Kind, float]] = [("measured", 1.0), ("measured", 3.0), ("measured", 2.0)]
    assert marks(one_column(*rows)) == {(1, "m"): "best", (2, "m"): "second"}
    assert marks(one_column(*rows, direction="lower")) == {(0, "m"): "best", (2, "m"): "second"}
    assert marks(one_column(*rows, direction=None)) == {}


def test_marks_come_from_unrounded_numbers() -> None:
    assert marks(one_column(("measured", 1.001), ("measured", 1.002))) == {(1, "m"): "best", (0, "m"): "second"}


def test_equal_numbers_share_a_mark() -> None:
    table = one_column(("measured", 2.0), ("measured", 2.0), ("measured", 1.0), ("measured", 1.0))
    assert marks(table) == {(0, "m"): "best", (1, "m"): "best", (2, "m"): "second", (3, "m"): "second"}


def test_measured_and_published_are_ranked_apart_and_floors_never() -> None:
    table = one_column(("floor", 99.0), ("measured", 1.0), ("measured", 2.0), ("published", 8.0), ("published", 9.0))
    assert marks(table) == {(2, "m"): "best", (1, "m"): "second", (4, "m"): "best", (3, "m"): "second"}


def test_a_row_without_rivals_is_not_marked() -> None:
    assert marks(one_column(("floor", 5.0), ("measured", 1.0), ("measured", None))) == {}


# Cells and notes


def test_a_missing_value_must_say_why_and_no_number_is_nan() -> None:
    with pytest.raises(ValueError, match="why"):
        Cell(None)
    with pytest.raises(ValueError, match="not finite"):
        Cell(float("nan"))
    with pytest.raises(ValueError, match="not finite"):
        Cell(1.0, interval=(0.0, float("inf")))


def test_a_row_has_a_cell_for_every_column() -> None:
    with pytest.raises(ValueError, match="row 'r'"):
        Table("t", (Column("m", "M", None, 2),), (Row("r", "", "measured", {}),))


def test_footnotes_are_numbered_in_reading_order_and_shared() -> None:
    columns = (Column("a", "A", None, 1), Column("b", "B", None, 1))
    table = Table(
        "t",
        columns,
        (
            Row("first", "", "measured", {"a": Cell(1.0), "b": Cell(None, "no weights")}),
            Row("second", "", "measured", {"a": Cell(1.0), "b": Cell(None, "no weights")}, ("cut", "no weights")),
        ),
    )
    notes = footnotes(table)
    assert notes.texts == ("no weights", "cut")
    assert notes.rows == {0: (), 1: (2, 1)}
    assert notes.cells == {(0, "b"): 1, (1, "b"): 1}


def test_a_column_shows_its_scale_and_no_negative_zero() -> None:
    kid = Column("kid", "KID x1000", "lower", 2, scale=1000.0)
    assert [kid.shown(value) for value in (0.0123, -0.0021, -0.000001)] == ["12.30", "-2.10", "0.00"]


def test_rows_that_are_not_told_apart_from_the_best_are_tied() -> None:
    values = [(3.0, None), (2.0, 0.6), (1.5, 0.051), (1.0, 0.05), (0.5, None)]
    table = Table(
        "t",
        (Column("m", "M", "higher", 2),),
        tuple(Row(f"r{i}", "", "measured", {"m": Cell(value, p_best=p)}) for i, (value, p) in enumerate(values)),
    )
    assert marks(table) == {(0, "m"): "best", (1, "m"): "second", (2, "m"): "tied"}
    assert [row.cells["m"].tied for row in table.rows] == [False, True, True, False, False]

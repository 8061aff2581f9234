"""The table: marks that can be trusted, rows that may stand together, notes that say why."""

from collections.abc import Mapping
from typing import Any

import pytest

from reports import paper, render
from reports.table import (
    BELOW_BASELINE,
    PUBLISHED_BLOCK,
    Cell,
    Column,
    Kind,
    Row,
    Table,
    footnotes,
    groups,
    marks,
    measured_table,
    table2,
)
from shards.errors import UserError

DIRECTIONS = {"fid": "lower", "psnr": "higher", "ssim": "higher", "swd": "lower"}
NO_WEIGHTS = "weights-missing: inception; `python -m bench weights add inception FILE`"


def record(label: str, family: str, method: str, **changes: Any) -> dict[str, Any]:
    """A result document with a missing FID; keyword arguments replace fields, or values of metrics."""
    values: Mapping[str, float] = {"psnr": 12.0, "ssim": 0.3, "swd": 30.0}
    metrics = {
        name: {
            "value": (value := changes.pop(name, values.get(name))),
            "direction": direction,
            "reason": NO_WEIGHTS if value is None else None,
        }
        for name, direction in DIRECTIONS.items()
    }
    document = {
        "schema": "ir500k.result/1",
        "protocol": "v2ir-256@1",
        "dataset": "roadscene",
        "subset": "test",
        "fingerprint": "ab12cd34ef56" + "0" * 52,
        "n": 44,
        "partial": False,
        "label": label,
        "family": family,
        "method": method,
        "preset": "tiny",
        "metrics": metrics,
        "warnings": [],
        "notes": [],
        "seconds": {},
    }
    return document | changes


def four_records() -> list[dict[str, Any]]:
    return [
        record("DiffV2IR (tiny), V only", "diffusion", "diffv2ir", psnr=15.2, ssim=0.45, swd=22.1),
        record("greyscale visible", "control", "grayscale", psnr=10.61, ssim=0.3293, swd=40.2),
        record("mean image", "control", "mean", psnr=14.86, ssim=0.4237, swd=120.0),
        record("pix2pix (tiny)", "gan", "pix2pix", psnr=13.2, ssim=0.35, swd=30.1, notes=["stopped at step 40 of 200"]),
    ]


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


# Measured tables


def test_a_measured_table_as_markdown() -> None:
    assert render.markdown(measured_table(four_records())) == (
        """\
**roadscene, test** (protocol v2ir-256@1, N = 44, test fingerprint ab12cd34ef56)

| Method                  |  FID ↓ |       PSNR ↑ |        SSIM ↑ |        SWD ↓ |
| ----------------------- | -----: | -----------: | ------------: | -----------: |
| *controls*              |        |              |               |              |
| greyscale visible       | -- [1] |        10.61 |        0.3293 |        40.20 |
| mean image              | -- [1] |        14.86 |        0.4237 |       120.00 |
| *GAN*                   |        |              |               |              |
| pix2pix (tiny) [2] [3]  | -- [1] | <u>13.20</u> | <u>0.3500</u> | <u>30.10</u> |
| *diffusion*             |        |              |               |              |
| DiffV2IR (tiny), V only | -- [1] |    **15.20** |    **0.4500** |    **22.10** |

1. weights-missing: inception; `python -m bench weights add inception FILE`
2. stopped at step 40 of 200
3. below constant baseline: the mean training image scores higher in PSNR and in SSIM
"""
    )


def test_below_baseline_needs_both_psnr_and_ssim() -> None:
    mean = record("mean image", "control", "mean", psnr=14.0, ssim=0.4)
    table = measured_table(
        [
            mean,
            record("both", "gan", "a", psnr=13.0, ssim=0.3),
            record("psnr alone", "gan", "b", psnr=13.0, ssim=0.5),
            record("equal", "gan", "c", psnr=14.0, ssim=0.4),
            record("no ssim", "gan", "d", psnr=13.0, ssim=None),
            record("greyscale visible", "control", "grayscale", psnr=10.0, ssim=0.3),
        ]
    )
    assert [row.label for row in table.rows if BELOW_BASELINE in row.notes] == ["both"]


def test_without_the_mean_row_nothing_is_said_about_it() -> None:
    assert measured_table([record("a", "gan", "a", psnr=1.0, ssim=0.0)]).rows[0].notes == ()


def test_published_rows_stand_in_a_block_of_their_own_below() -> None:
    table = measured_table(four_records(), published_column="m3fd")
    assert [name for name, _ in groups(table)] == ["controls", "GAN", "diffusion", PUBLISHED_BLOCK]
    published = [row for row in table.rows if row.kind == "published"]
    assert len(published) == 16
    assert published[-1].label == "DiffV2IR (arXiv 2025)"
    assert published[-1].cells["fid"].value == 70.29
    assert published[-1].cells["swd"].note == "not reported in the paper"
    assert {row.n for row in published} == {650}
    assert any("arXiv 2503.19012, Table 2, M3FD" in remark for remark in table.footnotes)
    # The paper's higher numbers take no mark from the measured rows.
    measured_only = measured_table(four_records())
    assert {place: mark for place, mark in marks(table).items() if place[0] < 4} == marks(measured_only)


def test_an_unknown_published_column_is_refused() -> None:
    with pytest.raises(UserError, match="no published dataset named 'm3fx'"):
        measured_table(four_records(), published_column="m3fx")


def test_warnings_of_all_rows_become_one_remark() -> None:
    records = [record("a", "gan", "a", warnings=["W06", "W01"]), record("b", "gan", "b", warnings=["W06"])]
    table = measured_table(records)
    assert table.footnotes == ("W06",)
    assert [row.notes for row in table.rows] == [("W01",), ()]


def test_intervals_and_partly_defined_means_are_told() -> None:
    document = record("a", "gan", "a", psnr=12.0)
    document["metrics"]["psnr"] |= {"ci95": [11.5, 12.5], "n_defined": 43}
    assert measured_table([document]).rows[0].cells["psnr"] == Cell(
        12.0, "mean over the 43 of 44 pairs where it is defined", (11.5, 12.5)
    )


def test_a_metric_that_one_row_lacks_or_the_registry_does_not_know_is_shown_honestly() -> None:
    own = record("a", "gan", "a")
    own["metrics"]["hotness"] = {"value": 0.5, "direction": "higher", "reason": None}
    table = measured_table([own, record("b", "gan", "b")])
    assert table.columns[-1] == Column("hotness", "hotness", "higher", digits=4)
    assert table.rows[1].cells["hotness"] == Cell(None, "not measured for this row")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"protocol": "v2ir-native@1"}, r"mix protocols: v2ir-256@1 \(a\), v2ir-native@1 \(b\)"),
        ({"fingerprint": "ff" * 32}, "mix test subsets: ab12cd34ef56"),
        ({"n": 43}, r"mix numbers of pairs: 44 \(a\), 43 \(b\)"),
        ({"partial": True}, "'b' is partial"),
        ({"schema": "ir500k.result/9"}, "'b' has schema 'ir500k.result/9'"),
    ],
)
def test_what_does_not_belong_in_one_table_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        measured_table([record("a", "gan", "a"), record("b", "gan", "b", **change)])


def test_a_result_without_a_fingerprint_and_no_results_at_all_are_refused() -> None:
    document = record("a", "gan", "a")
    del document["fingerprint"]
    with pytest.raises(UserError, match="'a' lacks fingerprint"):
        measured_table([document])
    with pytest.raises(UserError, match="bench run"):
        measured_table([])

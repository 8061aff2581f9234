"""Measured rows: who may stand together, what is told about them, and the published rows apart."""

from collections.abc import Mapping
from typing import Any

import pytest

from reports import render
from reports.measured import BELOW_BASELINE, PUBLISHED_BLOCK, measured_table
from reports.table import Cell, Column, groups, marks
from shards.errors import UserError

DIRECTIONS = {"fid": "lower", "psnr": "higher", "ssim": "higher", "swd": "lower"}
NO_WEIGHTS = "weights-missing: inception; `python -m bench weights fetch inception`"


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

1. weights-missing: inception; `python -m bench weights fetch inception`
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


def test_without_the_mean_row_a_remark_says_how_to_make_it() -> None:
    table = measured_table([record("a", "gan", "a", psnr=1.0, ssim=0.0)])
    assert table.rows[0].notes == ()
    assert table.footnotes == ("No floor rows yet: `python -m bench run mean --dataset roadscene`.",)
    assert measured_table([record("a", "gan", "a"), record("mean image", "control", "mean")]).footnotes == ()


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
    assert table.footnotes[0] == "W06"
    assert len(table.footnotes) == 2
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


def test_what_is_forced_in_stands_unranked_and_says_why() -> None:
    records = [
        record("a", "gan", "a", psnr=12.0),
        record("b", "gan", "b", psnr=13.0),
        record("half", "gan", "c", psnr=40.0, n=22, partial=True),
        record("old", "gan", "d", psnr=30.0, fingerprint="ff" * 32),
    ]
    table = measured_table(records, force=True)
    assert [row.kind for row in table.rows] == ["measured", "measured", "unranked", "unranked"]
    assert table.rows[2].notes == ("partial: scored on 22 pairs",)
    assert table.rows[3].notes == ("of other test images: 44 pairs, fingerprint ffffffffffff",)
    assert marks(table)[1, "psnr"] == "best"
    assert not [place for place in marks(table) if place[0] > 1]
    assert "forced" in table.footnotes[0]
    for form in render.FORMATS.values():
        assert "half" in form(table)


def test_a_row_that_breaks_a_rule_is_not_ranked() -> None:
    broken = ["E08 one.png: equals its reference", "E08: and 43 more", "W06: 44 images"]
    records = [
        record("a", "gan", "a", psnr=12.0),
        record("b", "gan", "b", psnr=13.0),
        record("copies", "gan", "c", psnr=100.0, warnings=broken),
    ]
    table = measured_table(records)
    assert [row.kind for row in table.rows] == ["measured", "measured", "unranked"]
    assert table.rows[2].notes == ("not ranked: breaks E08", *broken)
    assert marks(table)[1, "psnr"] == "best"
    assert not [place for place in marks(table) if place[0] == 2]


def crop(share: float) -> dict[str, Any]:
    return {"kind": "crop", "share": share, "boxes": f"{share}"}


def test_a_row_on_another_part_of_the_frame_is_not_ranked_against_whole_frames() -> None:
    whole = {"kind": "whole", "share": 1.0, "boxes": None}
    records = [
        record("mean image", "control", "mean", psnr=14.0, ssim=0.9, geometry=whole),
        record("corner", "gan", "a", ssim=0.8, geometry=crop(3e-5)),
        record("b", "gan", "b", psnr=13.0, geometry=whole),
        record("c", "gan", "c", psnr=12.0),
    ]
    table = measured_table(records)
    assert [row.kind for row in table.rows] == ["floor", "unranked", "measured", "measured"]
    assert table.rows[1].notes == ("not ranked: compared on 0.003 % of the frame, other rows on all of it",)
    assert table.rows[2].notes == (BELOW_BASELINE,)
    assert not [place for place in marks(table) if place[0] == 1]


def test_rows_on_one_part_of_the_frame_are_ranked_among_themselves_and_say_so() -> None:
    records = [
        record("mean image", "control", "mean", psnr=14.0, ssim=0.9),
        record("a", "gan", "a", psnr=12.0, geometry=crop(0.7)),
        record("b", "gan", "b", psnr=13.0, geometry=crop(0.7)),
        record("c", "gan", "c", psnr=30.0, geometry=crop(0.5)),
    ]
    table = measured_table(records)
    assert [row.kind for row in table.rows] == ["floor", "measured", "measured", "unranked"]
    assert table.rows[1].notes == ("compared on 70 % of the frame",)
    assert table.rows[3].notes == ("not ranked: compared on 50 % of the frame, other rows on another part",)
    assert marks(table)[2, "psnr"] == "best"


def test_what_a_working_size_cuts_off_is_told_and_leaves_a_row_ranked() -> None:
    records = [record("a", "gan", "a", psnr=15.0, geometry=crop(0.914)), record("b", "gan", "b", psnr=14.0)]
    table = measured_table(records)
    assert [row.kind for row in table.rows] == ["measured", "measured"]
    assert table.rows[0].notes == ("compared on 91.4 % of the frame",)
    assert marks(table)[0, "psnr"] == "best"

"""What a paper printed is data that can be trusted to be what was printed."""

import pytest

from reports import paper
from shards.errors import UserError


def test_table_2_has_sixteen_rows_with_all_six_numbers() -> None:
    published = paper.load()
    assert [row.group for row in published.rows] == ["GAN"] * 6 + ["diffusion"] * 10
    assert len({row.method for row in published.rows}) == 16
    for row in published.rows:
        assert set(row.scores) == set(published.datasets) == {"m3fd", "flir"}
        assert all(set(scores) == set(published.metrics) for scores in row.scores.values())


def test_some_numbers_are_those_of_the_paper() -> None:
    scores = {row.method: row.scores for row in paper.load().rows}
    assert scores["DiffV2IR"]["m3fd"] == {"fid": 70.29, "psnr": 19.30, "ssim": 0.6620}
    assert scores["Pix2Pix"]["flir"] == {"fid": 98.81, "psnr": 19.79, "ssim": 0.4327}
    assert scores["PID"]["m3fd"] == {"fid": 160.91, "psnr": 16.10, "ssim": 0.5579}


def test_the_table_says_where_it_is_from_and_what_it_leaves_unsaid() -> None:
    published = paper.load()
    assert published.provenance == "DiffV2IR, arXiv 2503.19012, Table 2"
    assert any("resolution" in gap for gap in published.unstated)
    assert published.dataset("m3fd").test == 650
    assert published.dataset("flir").test is None


def test_unknown_names_are_told_with_the_nearest_ones() -> None:
    with pytest.raises(UserError, match="did you mean table2"):
        paper.load("tabel2")
    with pytest.raises(UserError, match="did you mean m3fd"):
        paper.load().dataset("m3df")

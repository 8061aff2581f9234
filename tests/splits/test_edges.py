"""Edges keep what was found, and nothing that was refuted."""

import numpy as np
import pyarrow.parquet as pq

from splits.confirm import Verdict
from splits.edges import Edges, edges_of
from splits.near import Pairs

FIRST, SECOND = np.array([0, 0, 1]), np.array([1, 2, 2])


def test_what_is_given_once_holds_for_all_edges():
    edges = Edges.of(FIRST, SECOND, "time", distance=np.array([1, 2, 3]))
    assert edges.kind.tolist() == ["time"] * 3
    assert edges.distance.tolist() == [1, 2, 3]
    assert (set(edges.side), set(edges.variant), set(edges.score)) == ({""}, {"same"}, {0.0})
    assert len(edges[np.array([2])]) == 1
    assert edges[np.array([2])].second.tolist() == [2]


def test_edges_come_one_after_the_other_and_none_are_edges_too():
    some = Edges.of(FIRST, SECOND, "scene")
    both = Edges.concatenate([some, Edges.of(FIRST[:1], SECOND[:1], "file", side="ir")])
    assert both.kind.tolist() == ["scene"] * 3 + ["file"]
    assert len(Edges.concatenate([])) == 0


def test_refuted_pairs_are_no_edges_and_changed_ones_are_flipped():
    pairs = Pairs(FIRST, SECOND, np.array([4, 9, 7]), np.array([0, 1, 2]))
    verdicts = [Verdict(True, "correlation", 0.9), Verdict(False, "features", 3.0), Verdict(True, "features", 40.0)]
    edges = edges_of(pairs, "vis", verdicts)
    assert list(zip(edges.first, edges.second, edges.kind, edges.variant, strict=True)) == [
        (0, 1, "near", "same"),
        (1, 2, "flipped", "mirror"),
    ]
    assert edges.measure.tolist() == ["correlation", "features"]
    assert edges.distance.tolist() == [4, 7]
    assert len(edges_of(pairs[:0], "vis", [])) == 0


def test_a_file_names_samples_by_key(tmp_path):
    Edges.of(FIRST, SECOND, "near", side="ir", distance=5, measure="features", score=12.0).write(
        tmp_path / "e.parquet", ["a", "b", "c"]
    )
    rows = pq.read_table(tmp_path / "e.parquet").to_pylist()
    assert [(row["first"], row["second"]) for row in rows] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert rows[0] | {"first": "", "second": ""} == {
        "first": "",
        "second": "",
        "kind": "near",
        "side": "ir",
        "variant": "same",
        "measure": "features",
        "distance": 5,
        "score": 12.0,
    }

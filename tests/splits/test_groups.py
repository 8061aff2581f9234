"""What belongs together stays together, each edge says why, and nothing else is joined."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from splits.edges import KINDS
from splits.groups import connect
from splits.recordings import FRAMES


@pytest.fixture
def groups(album):
    """`groups(pictures, **columns)`: samples by group, and the edges as (first, second, kind)."""

    def find(pictures, **columns):
        of = album(pictures, **columns)
        found = connect(of.samples, of)
        by_name = {}
        for key, name in zip(found.keys, found.names, strict=True):
            by_name.setdefault(name, set()).add(key)
        edges = {
            (found.keys[a], found.keys[b], kind)
            for a, b, kind in zip(found.edges.first, found.edges.second, found.edges.kind, strict=True)
        }
        return by_name, edges

    return find


def pair(view, seed, **options):
    return {"vis": view(2 * seed, **options), "ir": view(2 * seed + 1, **options)}


def test_different_places_are_groups_of_their_own(groups, view):
    by_name, edges = groups({f"a-{seed}": pair(view, seed) for seed in range(12)})
    assert by_name == {f"a-{seed}": {f"a-{seed}"} for seed in range(12)}
    assert not edges


def test_a_declared_scene_is_a_group_named_after_it(groups, view):
    pictures = {f"a-{seed}": pair(view, seed) for seed in range(4)}
    by_name, edges = groups(pictures, scenes={"a-0": "a/x", "a-1": "a/x", "a-2": "a/y", "a-3": "a/y"})
    assert by_name == {"a/x": {"a-0", "a-1"}, "a/y": {"a-2", "a-3"}}
    assert edges == {("a-0", "a-1", "scene"), ("a-2", "a-3", "scene")}


def test_neighbours_in_time_are_joined_up_to_a_gap(groups, view):
    pictures = {f"a-{seed}": pair(view, 0, shift=2 * seed) for seed in range(2)}
    pictures |= {f"a-{seed}": pair(view, seed) for seed in range(2, 6)}
    frames = {"a-0": 0, "a-1": FRAMES, "a-2": 100, "a-3": 100 + FRAMES + 1, "a-4": 7, "a-5": 200}
    by_name, edges = groups(pictures, sequences={key: "a/s" for key in frames if key != "a-4"}, frames=frames)
    assert ("a-0", "a-1", "time") in edges
    assert sorted(map(len, by_name.values())) == [1, 1, 1, 1, 2]


def test_a_new_scene_begins_where_the_picture_jumps_and_not_where_it_always_does(groups, view):
    steady = {f"a-{n}": pair(view, 0 if n < 5 else 1, shift=n) for n in range(10)}
    wild = {f"b-{n}": pair(view, 10 + n) for n in range(10)}
    sequences = {key: key[0] for key in (*steady, *wild)}
    by_name, _ = groups(steady | wild, sequences=sequences, frames={key: int(key[2:]) for key in sequences})
    first, second, fast = {f"a-{n}" for n in range(5)}, {f"a-{n}" for n in range(5, 10)}, {f"b-{n}" for n in range(10)}
    assert list(by_name.values()) == [first, second, fast]


def test_numbers_in_names_join_only_where_they_are_moments_of_one_scene(groups, view):
    keys = ["aviid-aviid-1-train-7", "aviid-aviid-1-train-8", "dronevehicle-train_00001", "dronevehicle-train_00002"]
    keys += ["msrs-00540d", "msrs-00545d", "msrs-00546d"]  # the list of scenes ends one with 540
    _, edges = groups({key: pair(view, n) for n, key in enumerate(keys)})
    assert edges == {("msrs-00545d", "msrs-00546d", "time")}


def test_a_jump_on_one_side_alone_is_not_a_new_scene(groups, view):
    pictures = {f"a-{n}": {"vis": view(n), "ir": view(100, shift=n)} for n in range(4)}
    pictures |= {f"a-{n}": {"vis": view(4), "ir": view(100, shift=n)} for n in range(4, 8)}
    by_name, _ = groups(pictures, sequences=dict.fromkeys(pictures, "a"), frames={k: int(k[2:]) for k in pictures})
    assert len(by_name) == 1


def test_the_same_picture_in_two_sources_joins_their_scenes(groups, view):
    keys = ["flir_aligned-flir_08865", "flir_aligned-flir_08866", "roadscene-flir_08865", "roadscene-flir_00006"]
    scenes = {keys[0]: "flir_aligned/s", keys[1]: "flir_aligned/s", keys[2]: "roadscene/1", keys[3]: "roadscene/2"}
    by_name, edges = groups({key: pair(view, n) for n, key in enumerate(keys)}, scenes=scenes)
    assert by_name == {"flir_aligned/s": set(keys[:3]), "roadscene/2": {keys[3]}}
    assert (keys[0], keys[2], "kin") in edges


def test_msrs_is_mfnet_by_name(groups, view):
    by_name, _ = groups({"mfnet-00001d": pair(view, 0), "msrs-00001d": pair(view, 1), "msrs-00003n": pair(view, 2)})
    assert sorted(map(len, by_name.values())) == [1, 2]


def test_equal_pixels_on_either_side_join(groups, view):
    pictures = {f"a-{n}": pair(view, n) for n in range(4)}
    pictures["a-1"]["vis"] = pictures["a-0"]["vis"]
    pictures["a-3"]["ir"] = pictures["a-2"]["ir"]
    by_name, edges = groups(pictures)
    assert list(map(sorted, by_name.values())) == [["a-0", "a-1"], ["a-2", "a-3"]]
    assert {kind for *_, kind in edges} == {"pixels"}


def test_pictures_without_structure_join_nothing(groups, view):
    blank = np.zeros((240, 320), np.uint8)
    pictures = {f"a-{n}": {"vis": view(n), "ir": blank} for n in range(3)} | {"b-0": {"ir": blank}}
    assert len(groups(pictures)[0]) == 4


@pytest.mark.parametrize("side", ["vis", "ir"])
def test_copies_join_whatever_was_done_to_them_on_whichever_side(groups, view, edits, side):
    other = {"vis": "ir", "ir": "vis"}[side]
    for name, edit in edits.items():
        if name.startswith("crop"):  # found for certain only where both sides were cropped
            continue
        pictures = {f"a-{n}": pair(view, n) for n in range(5)}
        pictures["b-0"] = {side: edit(pictures["a-3"][side]), other: edit(view(99))}
        by_name, found = groups(pictures)
        kind = "flipped" if name in ("negative", "mirror") else "near"
        assert found == {("a-3", "b-0", kind)}, name
        assert {"a-3", "b-0"} in by_name.values()


def test_look_alikes_are_not_joined_and_do_not_hide_those_that_are_the_same(groups, view, monkeypatch):
    """Two scenes whose hashes are near are joined by what is the same in them, not by what is merely alike."""
    rng = np.random.default_rng(0)

    def soft(seed):  # coarse brightness as in all of them, detail of its own
        coarse = np.linspace(0, 160, 320)[None, :] + np.linspace(0, 60, 240)[:, None]
        return np.clip(coarse + 0.08 * view(seed), 0, 255).astype(np.uint8)

    alike = {f"a-{n}": {"ir": soft(n)} for n in range(6)} | {f"b-{n}": {"ir": soft(50 + n)} for n in range(6)}
    scenes = {key: key[0] for key in alike}
    assert {"a", "b"} == set(groups(alike, scenes=scenes)[0])
    noisy = np.clip(alike["a-3"]["ir"] + rng.integers(-2, 3, (240, 320)), 0, 255).astype(np.uint8)
    by_name, edges = groups(alike | {"b-9": {"ir": noisy}}, scenes=scenes | {"b-9": "b"})
    assert set(by_name) == {"a"}
    assert ("a-3", "b-9", "near") in edges


def test_a_group_can_say_what_holds_it_together(album, view, edits):
    pictures = {f"a-{n}": pair(view, n) for n in range(3)}
    pictures["b-0"] = {"vis": edits["jpeg 60"](pictures["a-1"]["vis"])}
    of = album(pictures, scenes={"a-0": "a/s", "a-1": "a/s"})
    found = connect(of.samples, of)
    assert found.held_by("a/s") == f"its weakest edge is that a-1 and b-0 are {KINDS['near']}"
    assert found.held_by("a-2") == "a-2 is one sample"
    of = album(pictures, scenes=dict.fromkeys(pictures, "a/s"))
    assert connect(of.samples, of).held_by("a/s") == "a/s is one scene"


def test_edges_are_kept_with_why_and_how_far(album, view, edits, tmp_path):
    pictures = {f"a-{n}": pair(view, n) for n in range(3)}
    pictures["b-0"] = {"ir": edits["negative"](edits["half size"](pictures["a-1"]["ir"]))}
    of = album(pictures, scenes={"a-0": "a/s", "a-1": "a/s"})
    found = connect(of.samples, of)
    found.edges.write(tmp_path / "edges.parquet", found.keys)
    scene, near = pq.read_table(tmp_path / "edges.parquet").to_pylist()
    assert (scene["first"], scene["second"], scene["kind"], scene["distance"]) == ("a-0", "a-1", "scene", 0)
    assert (near["first"], near["second"], near["kind"], near["side"]) == ("a-1", "b-0", "flipped", "ir")
    assert (near["variant"], near["measure"], near["distance"] < 10) == ("negative", "correlation", True)
    assert near["score"] > 0.9


def test_groups_do_not_depend_on_how_samples_are_numbered(groups, view, edits):
    pictures = {f"{name}-{n}": pair(view, n) for n, name in enumerate("qwert")}
    pictures["a-9"] = {"vis": edits["jpeg 60"](pictures["r-3"]["vis"])}
    assert set(groups(pictures)[0]) == {"q-0", "w-1", "e-2", "a-9", "t-4"}

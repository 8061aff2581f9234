"""Whatever is near is connected: exactly, in every variant, whatever shape the data have."""

import sys

import numpy as np
import pytest

from shards import hashing
from splits import near
from splits.candidates import nearest
from splits.forest import Forest
from splits.near import LIMIT, VARIANTS, link, masks


def changed(hashes, bits, rng):
    """Each hash with so many bits flipped."""
    unpacked = np.unpackbits(hashes, axis=1)
    for row, count in zip(unpacked, np.broadcast_to(bits, len(hashes)), strict=True):
        row[rng.choice(256, int(count), replace=False)] ^= 1
    return np.packbits(unpacked, axis=1)


def noise(count, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 32), np.uint8), rng


def connected(hashes, pairs, labels=None):
    forest = Forest(np.arange(len(hashes)) if labels is None else labels)
    forest.join(pairs.first, pairs.second)
    return forest.roots()


def assert_exact(hashes, labels=None):
    """`link` connects what comparing everything with everything connects, by true pairs, and by none too many."""
    found = link(hashes, labels)
    everything = nearest(hashes, hashes, LIMIT, len(hashes))
    assert np.array_equal(connected(hashes, found, labels), connected(hashes, everything, labels))
    sets = len(np.unique(labels)) if labels is not None else len(hashes)
    assert len(found) == sets - len(np.unique(connected(hashes, found, labels)))
    distance = np.bitwise_count(hashes[found.first] ^ hashes[found.second] ^ masks(32)[found.variant]).sum(axis=1)
    assert np.array_equal(distance, found.distance)
    assert (found.distance <= LIMIT).all()
    return found


def test_copies_at_every_distance_and_in_every_variant_are_connected_up_to_the_limit():
    hashes, rng = noise(400)
    distances = np.arange(400) % 51
    copies = changed(hashes, distances, rng) ^ masks(32)[np.arange(400) // 51 % 4]
    order = rng.permutation(800)
    everything = np.concatenate([hashes, copies])[order]
    found = assert_exact(everything)
    roots = connected(everything, found)[np.argsort(order)]
    assert np.array_equal(roots[:400] == roots[400:], distances <= LIMIT), "31 bits are near, 32 are not"
    assert {VARIANTS[v] for v in found.variant} == set(VARIANTS)


@pytest.mark.parametrize("seed", range(3))
def test_known_sets_are_not_searched_again_but_joined_to_others(seed):
    hashes, rng = noise(300, seed)
    hashes = np.concatenate([hashes, changed(hashes[:100], rng.integers(0, 45, 100), rng), hashes[:20]])
    assert_exact(hashes, rng.integers(0, 150, len(hashes)))


def test_runs_of_near_identical_frames_give_a_chain_and_not_all_pairs():
    base, rng = noise(3)
    runs = [changed(np.repeat(frame[None], 150, axis=0), rng.integers(0, 9, 150), rng) for frame in base]
    strangers, _ = noise(200, seed=1)
    bridge = changed(runs[0][7:8], 31, rng)
    found = assert_exact(np.concatenate([*runs, strangers, bridge]))
    assert len(found) == 3 * 149 + 1


def test_a_camera_that_drifts_is_one_run_though_its_ends_are_far_apart():
    frames, rng = noise(1)
    for _ in range(60):
        frames = np.concatenate([frames, changed(frames[-1:], 12, rng)])
    assert np.bitwise_count(frames[0] ^ frames[-1]).sum() > LIMIT
    assert len(np.unique(connected(frames, assert_exact(frames)))) == 1


@pytest.mark.parametrize("count", [0, 1, 2])
def test_little_is_searched_too(count):
    assert len(link(noise(count)[0])) == 0


def test_equal_hashes_are_joined_at_distance_0():
    hashes = np.repeat(noise(4)[0], 5, axis=0)
    found = assert_exact(hashes)
    assert (len(found), found.distance.max()) == (16, 0)


def test_two_processes_find_what_one_finds(monkeypatch):
    hashes, rng = noise(300)
    hashes = np.concatenate([hashes, changed(hashes, 25, rng)])
    alone = link(hashes, processes=1)
    monkeypatch.setattr(near, "_SMALL", 100)
    both = link(hashes, processes=2)
    for column in ("first", "second", "distance", "variant"):
        assert np.array_equal(getattr(both, column), getattr(alone, column))


def test_a_process_that_fails_is_an_error(monkeypatch):
    monkeypatch.setattr(near, "_SMALL", 100)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ChildProcessError, match="ended with 1"):
        link(noise(200)[0])


def test_variants_are_what_pictures_do_to_their_hashes(picture):
    grey = picture(3, width=200, height=150)
    for side, size in ((8, 8), (16, 32)):
        whole = np.frombuffer(hashing.perceptual(grey, side), np.uint8)
        forms = {"same": grey, "negative": 255 - grey, "mirror": grey[:, ::-1], "negative mirror": 255 - grey[:, ::-1]}
        for variant, mask in zip(VARIANTS, masks(size), strict=True):
            hashed = hashing.perceptual(np.ascontiguousarray(forms[variant]), side)
            assert np.array_equal(np.frombuffer(hashed, np.uint8), whole ^ mask), variant

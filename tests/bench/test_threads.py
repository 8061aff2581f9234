"""Threads change the speed of scoring and nothing else."""

import threading
import time

import cv2
import pytest
import torch

from bench.threads import in_order


def test_results_come_in_the_order_of_the_items():
    def slow_first(number):
        time.sleep(0.02 if number == 0 else 0)
        return number

    assert list(in_order(slow_first, range(50))) == list(range(50))


def test_a_slow_taker_bounds_what_waits():
    begun = []
    results = in_order(begun.append, range(10_000))
    next(results)
    time.sleep(0.05)
    assert len(begun) < 1000
    results.close()


def test_what_raises_raises_in_its_turn_and_threads_end():
    before = threading.active_count()

    def third(number):
        if number == 3:
            raise ValueError("the third")
        return number

    results = in_order(third, range(100))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="the third"):
        next(results)
    assert threading.active_count() == before


def test_the_libraries_own_threads_are_off_meanwhile():
    before = cv2.getNumThreads(), torch.get_num_threads()
    inside = list(in_order(lambda _: (cv2.getNumThreads(), torch.get_num_threads()), range(4)))
    assert inside == [(1, 1)] * 4
    assert (cv2.getNumThreads(), torch.get_num_threads()) == before

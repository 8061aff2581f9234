"""Work on many pictures at once: one thread per core, results in order, memory bounded."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import cv2
import torch

from shards.memory import keep_freed

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 8  # results per thread that may wait to be taken


def in_order(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`function` of each item, in the items' order; what raises, raises when its turn comes.

    Decoders, filters and NumPy let go of the interpreter, so that threads keep the cores busy. OpenCV's own threads,
    and those of torch below these, are off meanwhile: they would fight for the same cores. At most some results per
    core wait to be taken.
    """
    keep_freed()
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    before = cv2.getNumThreads(), torch.get_num_threads()
    cv2.setNumThreads(1)
    waiting: deque[Future[Result]] = deque()
    try:
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            try:
                for item in items:
                    waiting.append(pool.submit(function, item))
                    if len(waiting) > _AHEAD * threads:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()
    finally:
        cv2.setNumThreads(before[0])
        torch.set_num_threads(before[1])

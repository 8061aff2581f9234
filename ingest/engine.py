"""Engines run the shards of a plan; each shard is independent, and a lost worker costs one shard, not the run."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass
from typing import Any

from ingest.encode import Report, Task, encode
from shards.memory import keep_freed

_SECONDS_PER_SAMPLE = 5.0
_SECONDS_AT_LEAST = 600.0


@dataclass(frozen=True)
class Lost:
    """A shard that was not written, and why."""

    shard: str
    reason: str


def workers_available() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(tasks: Sequence[Task], *, workers: int) -> Iterator[Report | Lost]:
    """Encodes shards in processes of their own, in any order; never more than two per worker wait.

    A worker that is killed or hangs (five seconds for each sample, ten minutes at least) fails its shard alone.
    With one task or one worker everything happens in this process.
    """
    if workers <= 1 or len(tasks) <= 1:
        for task in tasks:
            yield encode(task)
        return
    import multiprocessing

    from pebble import ProcessExpired, ProcessPool

    context = multiprocessing.get_context("spawn")
    queue = list(reversed(tasks))
    with ProcessPool(max_workers=min(workers, len(tasks)), context=context, initializer=_prepare) as pool:
        running: dict[Any, Task] = {}
        try:
            while queue or running:
                while queue and len(running) < 2 * workers:
                    task = queue.pop()
                    limit = max(_SECONDS_AT_LEAST, _SECONDS_PER_SAMPLE * len(task.shard.samples))
                    running[pool.schedule(encode, args=(task,), timeout=limit)] = task
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    task = running.pop(future)
                    try:
                        yield future.result()
                    except ProcessExpired as error:
                        yield Lost(task.shard.name, f"its worker died with {error.exitcode}: out of memory, or killed")
                    except TimeoutError:
                        yield Lost(task.shard.name, "its worker hung and was ended")
        except BaseException:
            pool.stop()
            raise


def _prepare() -> None:
    """A worker is one core's worth of work, and loads what it needs before its first clock starts."""
    import cv2
    import pyarrow.parquet  # noqa: F401

    cv2.setNumThreads(1)
    keep_freed()

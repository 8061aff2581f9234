"""Freed memory is used again."""

import ctypes
import subprocess
import sys

import pytest

FAULTS = """
import resource
import numpy as np
from shards.memory import keep_freed


def pictures():
    return [np.ones(3 << 20, np.uint8) for _ in range(4)]


keep_freed()
pictures()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    pictures()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="only the GNU C library can be told to")
def test_a_process_keeps_the_memory_that_one_picture_leaves_for_the_next():
    faults = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True)
    assert int(faults.stdout) < 4 * 768  # so many pages of 4 KiB has one round of twenty

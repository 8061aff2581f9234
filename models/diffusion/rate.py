"""Learning rates over a run."""

import math


def warm_up(step: int, steps: int) -> float:
    """Factor on the rate: a line that reaches 1 at the last of the first `steps` steps, then 1.

    >>> [warm_up(step, 4) for step in range(5)]
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """
    return min(1.0, (step + 1) / steps) if steps else 1.0


def half_cosine(step: int, steps: int) -> float:
    """Factor on the rate: from 1 at step 0 down to 0 at `steps`, half a period of a cosine.

    >>> [round(half_cosine(step, 4), 3) for step in (0, 2, 3)]
    [1.0, 0.5, 0.146]
    """
    return 0.5 + 0.5 * math.cos(math.pi * min(step, steps) / steps)

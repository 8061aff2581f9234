"""Memory that one picture leaves serves the next: to clear fresh pages costs as much as to decode into them."""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # mallopt(3)


def keep_freed() -> None:
    """Tells the C library to keep freed blocks of the size of a picture instead of handing them back.

    Holds for this process from now on; its peak stays what it was. Only the GNU library can be told.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for parameter in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
            mallopt(parameter, 1 << 30)

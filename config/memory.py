"""How the process asks the system for memory."""

import ctypes

_M_ARENA_MAX = -8  # in glibc's malloc.h
_HEAPS = 2


def few_heaps() -> None:
    """Glibc gives nearly each thread a heap of its own; with a dozen threads the holes in them are 20 MB, and grow for hours.

    One thread runs Python at a time, so two heaps are enough. Another C library has no such setting and no need of it.
    """
    setting = getattr(ctypes.CDLL(None), "mallopt", None)
    if setting is not None:
        setting(_M_ARENA_MAX, _HEAPS)

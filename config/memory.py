"""How the process asks the system for memory, and gives it back."""

import asyncio
import ctypes

_M_ARENA_MAX = -8  # in glibc's malloc.h
_HEAPS = 2
_GIVE_BACK_SECONDS = 60.0


def few_heaps() -> None:
    """Glibc gives nearly each thread a heap of its own; with a dozen threads the holes in them are 20 MB, and grow for hours.

    One thread runs Python at a time, so two heaps are enough. Another C library has no such setting and no need of it.
    """
    setting = getattr(ctypes.CDLL(None), "mallopt", None)
    if setting is not None:
        setting(_M_ARENA_MAX, _HEAPS)


def give_back() -> None:
    """Whole pages of holes go back to the system; glibc by itself gives back what lies at the end of a heap alone.

    It takes a millisecond or two of a heap's lock, not of the interpreter's.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(ctypes.c_size_t(0))


async def keep_lean() -> None:
    """Give back each minute, until cancelled: what a rush or an outage took would stay taken."""
    while True:
        await asyncio.sleep(_GIVE_BACK_SECONDS)
        await asyncio.to_thread(give_back)

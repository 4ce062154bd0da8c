"""The heaps of a process with many threads, as the C library itself counts them."""

import subprocess
import sys

COUNTED = """
import ctypes, os, tempfile, threading
from config.memory import few_heaps
{begin}
together = threading.Barrier(9)
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
def work():
    libc.malloc(ctypes.c_size_t(1000))
    together.wait()
    together.wait()
for _ in range(8):
    threading.Thread(target=work).start()
together.wait()
with tempfile.NamedTemporaryFile() as told:
    libc.fopen.restype = ctypes.c_void_p
    stream = ctypes.c_void_p(libc.fopen(told.name.encode(), b"w"))
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    print(open(told.name).read().count("<heap "))
together.wait()
"""


def heaps(begin: str) -> int:
    told = subprocess.run(
        [sys.executable, "-c", COUNTED.format(begin=begin)], capture_output=True, text=True, check=True
    )
    return int(told.stdout)


def test_threads_share_two_heaps():
    assert heaps("pass") > 2
    assert heaps("few_heaps()") == 2

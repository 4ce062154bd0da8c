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


TAKEN = """
import ctypes
from config.memory import few_heaps, give_back
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
def take(size):
    block = libc.malloc(ctypes.c_size_t(size))
    ctypes.memset(ctypes.c_void_p(block), 1, size)
    return block
few_heaps()
holes, kept = [], []
for _ in range(500):  # 50 MB, with something that stays behind each 100 kB
    holes.append(take(100_000))
    kept.append(take(100))
before = resident()
for hole in holes:
    libc.free(hole)
between = resident()
give_back()
print(before, between, resident())
"""


def test_holes_are_given_back():
    told = subprocess.run([sys.executable, "-c", TAKEN], capture_output=True, text=True, check=True)
    before, between, after = map(int, told.stdout.split())
    assert before - between < 5_000_000  # freed, and still taken
    assert between - after > 40_000_000

"""What a WAV file says about itself, and whether the file agrees."""

import struct
from typing import NamedTuple

from recordings.domain.errors import NotWhole

HEAD_BYTES = 4096
"""How much of a file's beginning `read_head` needs at most."""

EMPTY_FILE_BYTES = 44
"""A header and no sound: what the switch leaves of a recording in which nobody was bridged."""

_LARGEST = 1 << 32


class Wav(NamedTuple):
    """The shape of the sound in a whole file."""

    rate: int
    channels: int
    bytes_a_second: int
    sound_bytes: int

    @property
    def seconds(self) -> float:
        return self.sound_bytes / self.bytes_a_second


def read_head(head: bytes, size: int) -> Wav:
    """The shape told by the first bytes of a file of `size` bytes.

    Raises NotWhole, with the reason, when the sizes in it do not add up to the file.
    """
    if size < EMPTY_FILE_BYTES or head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise NotWhole(f"It has no WAV header ({size} bytes).")
    (told,) = struct.unpack_from("<I", head, 4)
    if size > EMPTY_FILE_BYTES and told + 8 not in {size, size - 1}:
        raise NotWhole(f"Its header tells of {told + 8} bytes, the file has {size}.")
    rate = channels = bytes_a_second = 0
    position = 12
    while position + 8 <= len(head):
        kind, length = struct.unpack_from("<4sI", head, position)
        position += 8
        if kind == b"fmt " and position + 16 <= len(head):
            _, channels, rate, bytes_a_second = struct.unpack_from("<HHII", head, position)
        if kind == b"data":
            if not (rate and channels and bytes_a_second):
                raise NotWhole("Its sound has no format.")
            if position + length > size:
                raise NotWhole(f"Its sound should end at byte {position + length}, the file has {size}.")
            return Wav(rate, channels, bytes_a_second, length)
        position += length + length % 2
    raise NotWhole("It has no sound part.")


def head_of(rate: int, channels: int, frames: int) -> bytes:
    """The 44 bytes in front of so many frames of 16 bit. Raises NotWhole when they are more than a WAV file holds."""
    frame_bytes = 2 * channels
    sound_bytes = frames * frame_bytes
    if sound_bytes + EMPTY_FILE_BYTES > _LARGEST:
        raise NotWhole("It is longer than a WAV file can be.")
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * frame_bytes, frame_bytes, 16)
    riff = struct.pack("<4sI4s", b"RIFF", sound_bytes + EMPTY_FILE_BYTES - 8, b"WAVE")
    return riff + form + struct.pack("<4sI", b"data", sound_bytes)

"""A sealed file: AES-256-GCM in pieces, so that a part is opened without the rest, and no byte is believed unproved.

Twenty bytes in front (what it is, how large a piece is, eight random bytes), then the pieces, each with its proof of 16
bytes. A piece's nonce is the random bytes and its number. Its number, the beginning and whether it is the last are proved
with it: pieces cannot be exchanged, left out or cut off.
"""

import io
import os
import struct
from collections import OrderedDict
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recordings.adapters.ranged import RangedReader
from recordings.domain.errors import AudioDamaged

MAGIC = b"TIERSL01"
KEY_BYTES = 32
PIECE = 64 * 1024
_BEGINNING = struct.Struct(">8sI8s")
_PROOF = 16
_REMEMBERED = 4
_NUMBER = struct.Struct(">I")


def fresh_key() -> bytes:
    return AESGCM.generate_key(8 * KEY_BYTES)


class _Pieces:
    """Seals and opens single pieces."""

    def __init__(self, key: bytes, beginning: bytes) -> None:
        self._cipher, self._beginning = AESGCM(key), beginning

    def seal(self, number: int, plain: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(number), plain, self._proved(last=last))

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        return self._cipher.decrypt(self._nonce(number), sealed, self._proved(last=last))

    def _nonce(self, number: int) -> bytes:
        return self._beginning[-8:] + _NUMBER.pack(number)

    def _proved(self, *, last: bool) -> bytes:
        return self._beginning + bytes([last])


class SealingWriter(io.RawIOBase):
    """What is written comes into `file` sealed, and nothing of it in the clear.

    Writing goes on at the end; back to the first piece too, where writers put right at last what they wrote first.
    `finish` must be called.
    """

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        super().__init__()
        self._beginning = _BEGINNING.pack(MAGIC, PIECE, os.urandom(8))
        self._file, self._pieces = file, _Pieces(key, self._beginning)
        self._first, self._newest, self._number = bytearray(), bytearray(), 1
        self._position = self._length = 0
        file.write(self._beginning)
        file.write(bytes(PIECE + _PROOF))  # the place of the first piece, sealed last

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._length}[whence]
        self._position = start + offset
        return self._position

    def write(self, data: Any) -> int:
        left = memoryview(data).cast("B")
        count = len(left)
        if self._position < PIECE:
            head = left[: PIECE - self._position]
            self._first[self._position : self._position + len(head)] = head
            self._position += len(head)
            self._length = max(self._length, self._position)
            left = left[len(head) :]
        if left:
            if self._position != self._length:
                raise OSError("only the beginning of a sealed file can be written again")
            self._newest += left
            self._position += len(left)
            self._length = self._position
            while len(self._newest) > PIECE:  # a full one waits: it may be the last
                self._put(last=False)
        return count

    def _put(self, *, last: bool) -> None:
        self._file.write(self._pieces.seal(self._number, bytes(self._newest[:PIECE]), last=last))
        del self._newest[:PIECE]
        self._number += 1

    def finish(self) -> None:
        """Seal what is left, and the first piece."""
        alone = self._length <= PIECE
        if not alone:
            self._put(last=True)
        first = self._pieces.seal(0, bytes(self._first), last=alone)
        self._file.seek(len(self._beginning))
        self._file.write(first)
        if alone:
            self._file.truncate()


class SealedReader(RangedReader):
    """A sealed file as it was before. Raises AudioDamaged where it is not what was sealed with this key."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file = file
        beginning = file.read(_BEGINNING.size)
        try:
            magic, self._piece, _ = _BEGINNING.unpack(beginning)
        except struct.error:
            raise AudioDamaged from None
        sealed = file.seek(0, os.SEEK_END) - _BEGINNING.size
        if magic != MAGIC or not self._piece or sealed < _PROOF:
            raise AudioDamaged
        self._pieces = _Pieces(key, beginning)
        self._last = (sealed - 1) // (self._piece + _PROOF)
        super().__init__(sealed - (self._last + 1) * _PROOF)
        self._open: OrderedDict[int, bytes] = OrderedDict()
        # Proves the length: of a file that was cut nothing is read, not even what is left of it.
        self._plain(self._last)

    def part(self, start: int, most: int) -> bytes:
        number, offset = divmod(start, self._piece)
        return self._plain(number)[offset : offset + most]

    def _plain(self, number: int) -> bytes:
        if number in self._open:
            self._open.move_to_end(number)
            return self._open[number]
        self._file.seek(_BEGINNING.size + number * (self._piece + _PROOF))
        sealed = self._file.read(self._piece + _PROOF)
        try:
            plain = self._pieces.open(number, sealed, last=number == self._last)
        except (InvalidTag, ValueError):
            raise AudioDamaged from None
        self._open[number] = plain
        while len(self._open) > _REMEMBERED:
            self._open.popitem(last=False)
        return plain

    def close(self) -> None:
        self._file.close()
        super().close()

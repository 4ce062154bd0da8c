"""Master keys of this installation, from its settings or from a file beside its data."""

import asyncio
import base64
import binascii
import hashlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recordings.adapters.sealing import KEY_BYTES, fresh_key
from recordings.domain.errors import KeysRefused, KeyUnknown
from recordings.ports import WrappedKey

log = logging.getLogger(__name__)

_NONCE = 12


class MasterKeys:
    """The first one wraps, each opens what it wrapped. A key's id is the beginning of its SHA-256: nobody chooses it."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {master_id(key): key for key in keys}
        self._first = master_id(keys[0])

    async def begin(self) -> None:
        """They are there."""

    async def current(self) -> str:
        return self._first

    async def wrap(self, key: bytes, path: str) -> WrappedKey:
        nonce = os.urandom(_NONCE)
        wrapped = nonce + AESGCM(self._keys[self._first]).encrypt(nonce, key, path.encode())
        return WrappedKey(self._first, base64.b64encode(wrapped).decode())

    async def unwrap(self, wrapped: WrappedKey, path: str) -> bytes:
        key = self._keys.get(wrapped.master)
        if key is None:
            raise KeyUnknown(f"Its id is {wrapped.master}; configured are {', '.join(self._keys)}.")
        try:
            sealed = base64.b64decode(wrapped.wrapped)
            return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], path.encode())
        except (InvalidTag, ValueError):
            raise KeyUnknown(f"The key {wrapped.master} does not open it.") from None


class MasterKeyFile:
    """Master keys in a file, one a line, the one that wraps first. It is read anew whenever it has changed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read: tuple[int, MasterKeys] | None = None

    async def begin(self) -> None:
        """Make a file with one key, unless there is one."""
        await asyncio.to_thread(self._begin)

    def _begin(self) -> None:
        if self._file.exists():
            return
        _write(self._file, [fresh_key()])
        log.warning(
            "recordings: made the master key %s. Keep a copy of it, and not beside the copies of recordings: "
            "without it they cannot be heard",
            self._file,
        )

    async def current(self) -> str:
        return await (await self._keys()).current()

    async def wrap(self, key: bytes, path: str) -> WrappedKey:
        return await (await self._keys()).wrap(key, path)

    async def unwrap(self, wrapped: WrappedKey, path: str) -> bytes:
        return await (await self._keys()).unwrap(wrapped, path)

    async def _keys(self) -> MasterKeys:
        return await asyncio.to_thread(self._load)

    def _load(self) -> MasterKeys:
        try:
            shown = self._file.stat()
            if self._read is None or self._read[0] != shown.st_mtime_ns:
                self._read = (shown.st_mtime_ns, MasterKeys(_read(self._file)))
        except FileNotFoundError:
            raise KeyUnknown(f"The file {self._file} is not there.") from None
        return self._read[1]

    def add_key(self) -> str:
        """Put a new key in front, which wraps from now on; its id. The others still open what they wrapped."""
        keys = _read(self._file) if self._file.exists() else []
        key = fresh_key()
        _write(self._file, [key, *keys])
        return master_id(key)


def master_id(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:12]


def read_keys(text: str, place: str) -> list[bytes]:
    """Keys of 32 bytes in base64, one a line or with commas between them. Raises KeysRefused; `place` says where."""
    words = [word for word in text.replace(",", "\n").split() if word]
    keys = []
    for number, word in enumerate(words, 1):
        try:
            key = base64.b64decode(word, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise KeysRefused(f"{place}: key {number} is not {KEY_BYTES} bytes in base64.")
        keys.append(key)
    if not keys:
        raise KeysRefused(f"{place}: there is no key.")
    return keys


def _read(file: Path) -> list[bytes]:
    if file.stat().st_mode & 0o077:
        raise KeysRefused(f"{file}: others may read it; chmod 600.")
    return read_keys(file.read_text(encoding="utf-8", errors="replace"), str(file))


def _write(file: Path, keys: Sequence[bytes]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(b"".join(base64.b64encode(key) + b"\n" for key in keys))
        out.flush()
        os.fsync(out.fileno())
    part.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

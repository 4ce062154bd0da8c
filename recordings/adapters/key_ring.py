"""Keys of single recordings, unwrapped only where they are used."""

from recordings.adapters.sealing import fresh_key
from recordings.ports import KeyBook, KeyWrapper


class KeyRing:
    def __init__(self, book: KeyBook, wrapper: KeyWrapper) -> None:
        self._book, self._wrapper = book, wrapper

    async def key(self, path: str) -> bytes | None:
        """None: it has none. Raises KeyUnknown."""
        wrapped = await self._book.get(path)
        return None if wrapped is None else await self._wrapper.unwrap(wrapped, path)

    async def make(self, path: str) -> bytes:
        """Its key, written down before anything is sealed with it. Raises KeyUnknown."""
        if not await self._book.masters():
            await self._wrapper.begin()
        wrapped = await self._book.add(path, await self._wrapper.wrap(fresh_key(), path))
        return await self._wrapper.unwrap(wrapped, path)

    async def destroy(self, path: str) -> None:
        await self._book.destroy(path)

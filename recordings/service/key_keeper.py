"""Puts the keys of recordings under another master key; the recordings themselves stay as they are."""

from typing import NamedTuple

from recordings.domain.errors import KeyUnknown
from recordings.ports import KeyBook, KeyWrapper

_AT_ONCE = 200


class Rewrapped(NamedTuple):
    """How many keys the master key in use has now, and how many it could not get, because no key opens them."""

    master: str
    keys: int
    refused: int


class KeyKeeper:
    def __init__(self, book: KeyBook, wrapper: KeyWrapper) -> None:
        self._book, self._wrapper = book, wrapper

    async def rewrap(self) -> Rewrapped:
        """Broken off and begun again, it goes on where it stood. Raises KeyUnknown when there is no master key."""
        master = await self._wrapper.current()
        after, done, refused = "", 0, 0
        while some := await self._book.wrapped_by_others(master, after, _AT_ONCE):
            for path, old in some:
                after = path
                try:
                    key = await self._wrapper.unwrap(old, path)
                except KeyUnknown:
                    refused += 1
                    continue
                await self._book.replace(path, old, await self._wrapper.wrap(key, path))
                done += 1
        return Rewrapped(master, done, refused)

"""A store that came later and the one there was before: what is new goes into the first, what is old is found in both."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import BinaryIO, NamedTuple, TypeVar

from recordings.ports import Lying, Place, Shelf

T = TypeVar("T")


class EitherPlace(NamedTuple):
    first: Place
    second: Place

    def open(self) -> BinaryIO:
        """Raises FileNotFoundError."""
        try:
            return self.first.open()
        except FileNotFoundError:
            return self.second.open()


class Either:
    def __init__(self, first: Shelf, second: Shelf) -> None:
        self._first, self._second = first, second

    def put(self, path: str, changed_at: float, write: Callable[[BinaryIO], T]) -> T:
        return self._first.put(path, changed_at, write)

    def place(self, path: str) -> EitherPlace:
        return EitherPlace(self._first.place(path), self._second.place(path))

    def look(self, path: str) -> Lying | None:
        return self._first.look(path) or self._second.look(path)

    def remove(self, path: str) -> None:
        self._first.remove(path)
        self._second.remove(path)

    def listing(self) -> Iterator[Lying]:
        return chain(self._first.listing(), self._second.listing())

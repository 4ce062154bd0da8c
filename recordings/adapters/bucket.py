"""The store as a bucket of an S3-compatible service, reached with obstore."""

import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TypeVar, cast

from recordings.adapters.ranged import RangedReader
from recordings.domain.errors import FileRefused
from recordings.ports import Lying

if TYPE_CHECKING:
    from obstore.store import S3Store

Written = TypeVar("Written")

_AHEAD = 256 * 1024
"""Bytes fetched at once: enough for seconds of talk, and little for a jump."""
_CHANGED = "tierline-changed"


class Service(NamedTuple):
    """How the bucket is reached. Empty keys: the machine's own role; an empty endpoint: AWS."""

    bucket: str
    endpoint: str
    region: str
    access_key: str
    secret_key: str
    prefix: str

    def __repr__(self) -> str:
        return f"Service({self.bucket!r} at {self.endpoint or 'AWS'!r})"

    def connect(self) -> "S3Store":
        from obstore.store import S3Store

        told: dict[str, Any] = {"region": self.region}
        if self.endpoint:
            told["endpoint"] = self.endpoint
        if self.access_key:
            told |= {"access_key_id": self.access_key, "secret_access_key": self.secret_key}
        return S3Store(
            self.bucket,
            prefix=self.prefix or None,
            client_options={
                "allow_http": self.endpoint.startswith("http:"),
                "connect_timeout": "5s",
                "timeout": "60s",
            },
            retry_config={"max_retries": 3},
            **told,
        )


class BucketPlace(NamedTuple):
    """Where an object lies, for another process too."""

    service: Service
    path: str

    def open(self) -> BinaryIO:
        """Raises FileNotFoundError."""
        return cast("BinaryIO", io.BufferedReader(_Object(self.service.connect(), self.path), _AHEAD))


class Bucket:
    """An object is there whole, or not at all: the service sees to that."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._connected: S3Store | None = None

    @property
    def _store(self) -> "S3Store":
        if self._connected is None:
            self._connected = self._service.connect()
        return self._connected

    def put(self, path: str, changed_at: float, write: Callable[[BinaryIO], Written]) -> Written:
        import obstore

        key = _key(path)
        with tempfile.TemporaryFile() as file:
            written = write(cast("BinaryIO", file))
            file.seek(0)
            with _as_os_errors():
                obstore.put(self._store, key, file, attributes={_CHANGED: repr(changed_at)})
        return written

    def place(self, path: str) -> BucketPlace:
        return BucketPlace(self._service, _key(path))

    def look(self, path: str) -> Lying | None:
        import obstore

        try:
            with _as_os_errors():
                shown = obstore.get(self._store, _key(path), options={"head": True})
        except FileNotFoundError:
            return None
        changed = shown.attributes.get(_CHANGED)
        at = shown.meta["last_modified"].timestamp() if changed is None else float(changed)
        return Lying(path, shown.meta["size"], at)

    def remove(self, path: str) -> None:
        import obstore

        try:
            with _as_os_errors():
                obstore.delete(self._store, _key(path))
        except FileNotFoundError:
            return

    def listing(self) -> Iterator[Lying]:
        import obstore

        with _as_os_errors():
            for page in obstore.list(self._store):
                for shown in page:
                    yield Lying(shown["path"], shown["size"], shown["last_modified"].timestamp())


class _Object(RangedReader):
    """An object, asked for by ranges."""

    def __init__(self, store: "S3Store", path: str) -> None:
        import obstore

        self._store, self._path = store, path
        with _as_os_errors():
            super().__init__(obstore.head(store, path)["size"])

    def part(self, start: int, most: int) -> bytes:
        import obstore

        with _as_os_errors():
            return bytes(obstore.get_range(self._store, self._path, start=start, end=start + most))


def _key(path: str) -> str:
    """Itself. Raises FileRefused when it leads elsewhere, as a folder does."""
    if ".." in path.split("/"):
        raise FileRefused
    return path


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """A service that does not answer, or refuses, is a disk that does not do its work: one line, without its keys."""
    from obstore.exceptions import BaseError

    try:
        yield
    except BaseError as fault:
        raise OSError(f"the bucket: {str(fault).partition(chr(10))[0][:200]}") from None

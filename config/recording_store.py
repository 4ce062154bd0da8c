"""Where recordings are kept, and what seals them, as the settings say."""

from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from config.settings import Recordings, Settings
from recordings.adapters.audio_store import KeepingStore
from recordings.adapters.bucket import Bucket, Service
from recordings.adapters.either import Either
from recordings.adapters.folder import Folder
from recordings.adapters.key_book import SqlKeyBook
from recordings.adapters.key_ring import KeyRing
from recordings.adapters.master_keys import MasterKeyFile, MasterKeys, read_keys
from recordings.adapters.sound import SoundFiles
from recordings.adapters.spool import Spool
from recordings.ports import KeyBook, KeyWrapper, Shelf


class StoreParts(NamedTuple):
    """The store, and the keys of what is in it."""

    store: KeepingStore
    book: KeyBook
    wrapper: KeyWrapper


def make_store(settings: Settings, engine: AsyncEngine) -> StoreParts:
    """Raises KeysRefused."""
    spools = [Spool(switch.recordings_incoming) for switch in settings.every_switch]
    book, wrapper = SqlKeyBook(engine), key_wrapper(settings.recordings)
    store = KeepingStore(spools, _shelf(settings.recordings), SoundFiles(), KeyRing(book, wrapper))
    return StoreParts(store, book, wrapper)


def key_file(told: Recordings) -> MasterKeyFile:
    return MasterKeyFile(told.key_file or told.store.with_name(f"{told.store.name}.key"))


def key_wrapper(told: Recordings) -> KeyWrapper:
    """A key management service would stand here. Raises KeysRefused."""
    text = told.master_keys.get_secret_value()
    return MasterKeys(read_keys(text, "CTI_RECORDINGS__MASTER_KEYS")) if text else key_file(told)


def _shelf(told: Recordings) -> Shelf:
    """What was kept in the folder before there was a bucket is still found there."""
    folder = Folder(told.store)
    if not told.s3_bucket:
        return folder
    service = Service(
        told.s3_bucket,
        told.s3_endpoint,
        told.s3_region,
        told.s3_access_key,
        told.s3_secret_key.get_secret_value(),
        told.s3_prefix,
    )
    return Either(Bucket(service), folder)

"""What the command line does with recordings and their keys."""

from config.assembly import upgraded
from config.errands import COMMAND_LINE
from config.recording_store import key_file, key_wrapper
from config.schema import upgrade
from config.settings import Settings
from cti.adapters.audit import SqlAudit
from cti.adapters.clock import SystemClock
from cti.adapters.database import connect
from cti.domain.errors import NotPossibleNow
from recordings.adapters.key_book import SqlKeyBook
from recordings.domain.errors import KeysRefused
from recordings.service.key_keeper import KeyKeeper, Rewrapped
from recordings.service.store_watch import Orphans


def new_key(settings: Settings) -> str:
    """Its id. Raises KeysRefused."""
    if settings.recordings.master_keys.get_secret_value():
        raise KeysRefused("CTI_RECORDINGS__MASTER_KEYS holds the keys: put the new one in front there.")
    return key_file(settings.recordings).add_key()


async def rewrap(settings: Settings) -> Rewrapped:
    """Raises KeyUnknown when there is no master key, NotPossibleNow when some recordings could not be put under it."""
    engine = connect(settings.database.url)
    try:
        await upgrade(engine)
        done = await KeyKeeper(SqlKeyBook(engine), key_wrapper(settings.recordings)).rewrap()
        told = f"{done.keys} under {done.master}, {done.refused} refused"
        audit = SqlAudit(engine, SystemClock())
        await audit(COMMAND_LINE, "recordings.rewrapped", told)
    finally:
        await engine.dispose()
    if done.refused:
        raise NotPossibleNow(
            f"{done.keys} recordings put under the master key {done.master}; {done.refused} are sealed under keys "
            "that are not configured, and stay as they are."
        )
    return done


async def orphans(settings: Settings) -> Orphans:
    async with upgraded(settings) as (house, _):
        await house.store_watch.look()
        return house.store_watch.orphans

"""Erased numbers on SQLite and on the real PostgreSQL: a ledger that is read again brings none of them back."""

from config.schema import upgrade
from cti.adapters.database import connect
from cti.adapters.erased import ErasedNumbers
from cti.adapters.ledger_store import entry_of, entry_row
from cti.domain.erasing import Number, Person, hidden
from tests.cti.unheard import BASE, ledger

CALLER, FRIEND = "+8613800138000", "013900139000"


async def test_a_number_is_hidden_as_the_callers_and_where_a_caller_was_passed_on_to_it(
    database_url, tmp_path
):
    engine = connect(database_url)
    await upgrade(engine)
    erased = ErasedNumbers(engine, tmp_path / "key")
    entries = ledger(
        f"{BASE}|c1|support|NONE|ENTERQUEUE||{CALLER}|1",
        f"{BASE + 1}|c1|support|101|CONNECT|1|a1|1",
        f"{BASE + 2}|c1|support|101|BLINDTRANSFER|{FRIEND}|from-agents|1|1|1",
    )

    async def shown():
        async with engine.connect() as connection:
            hiding = await erased.hiding(connection, entries)
        [entry] = [entry_of(entry_row(entry)["entry"]) for entry in hiding]
        return entry.caller_number, entry.passed_on.to

    try:
        assert await shown() == (CALLER, FRIEND)
        await erased.remember(Person((Number("86", "13900139000"),)), BASE + 60.0)
        assert await shown() == (CALLER, hidden(FRIEND))
        await erased.remember(Person((Number("86", "13800138000"),)), BASE - 60.0)  # he called again since
        assert await shown() == (CALLER, hidden(FRIEND))
        await erased.remember(Person((Number("86", "13800138000"),)), BASE + 60.0)
        assert await shown() == (hidden(CALLER), hidden(FRIEND))
    finally:
        await engine.dispose()

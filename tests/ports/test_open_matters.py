"""What is owed to a caller, on SQLite and on the real PostgreSQL: found by his number or by who he is, until it is done."""

from care.adapters.open_matters import SqlMatters
from config.schema import upgrade
from cti.adapters.database import connect
from tests.care.world import ANN, SUPPORT, World

PROMISED, GAVE_UP, OTHER = "+8613800000001", "+8613800000002", "+8613800000003"


async def test_promises_that_are_open_the_most_urgent_first(database_url):
    engine = connect(database_url)
    await upgrade(engine)
    world, matters = World(engine), SqlMatters(engine)
    promised = await world.ask(PROMISED, reason="wants an invoice")
    await world.ask(OTHER)
    world.gives_up(GAVE_UP)
    await world.rescues.turn()
    found = await matters.open(None, [PROMISED, GAVE_UP])
    assert sorted((one.kind, one.queue, one.reason) for one in found) == [
        ("callback", SUPPORT, "wants an invoice"),
        ("rescue", SUPPORT, ""),
    ]
    assert [one.due_at for one in found] == sorted(one.due_at for one in found)
    assert await matters.open(None, []) == []
    await world.desk.cancel(promised.id, ANN, "not_wanted")
    assert [one.kind for one in await matters.open(None, [PROMISED, GAVE_UP])] == ["rescue"]
    await engine.dispose()

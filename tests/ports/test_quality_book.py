"""How calls sounded, on SQLite and on the real PostgreSQL."""

from config.schema import upgrade
from cti.adapters.database import connect
from cti.adapters.quality_book import SqlQualityBook
from cti.domain.call_quality import CallQuality, Sounded
from cti.domain.identifiers import AgentId, CallId

CALL = CallId("pbx:1767225700.1")
GOOD = Sounded(3.5, 12.0, 0.25, 41.0, 4.35, 4.1, "opus", "usb", 312)


async def test_the_last_word_of_each_agent_stays(database_url: str) -> None:
    engine = connect(database_url)
    await upgrade(engine)
    book = SqlQualityBook(engine)
    try:
        assert await book.of(CALL) == []
        anna, ben = (CallQuality(CALL, AgentId(agent), 10.0, GOOD) for agent in ("101", "102"))
        assert await book.keep(anna)
        assert await book.keep(ben._replace(at=11.0))
        assert await book.keep(anna._replace(call=CallId("pbx:other")))
        worse = anna._replace(at=20.0, sounded=GOOD._replace(rtt_ms=None, mos=2.5))
        assert not await book.keep(worse)
        assert await book.of(CALL) == [ben._replace(at=11.0), worse]
    finally:
        await engine.dispose()

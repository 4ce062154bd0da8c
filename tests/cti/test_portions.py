"""Large questions in portions, long lists in pages."""

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, select

from cti.adapters.database import connect, page_of, portions

NUMBERS = Table("numbers", MetaData(), Column("number", Integer, primary_key=True))


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (400, [400]), (801, [400, 400, 1])])
def test_everything_is_in_one_portion_in_its_order(count, sizes):
    found = list(portions(iter(range(count))))
    assert [len(some) for some in found] == sizes
    assert [one for some in found for one in some] == list(range(count))


async def test_a_page_and_how_many_there_are_in_all(tmp_path):
    engine = connect(f"sqlite+aiosqlite:///{tmp_path / 'numbers.db'}")
    try:
        async with engine.begin() as connection:
            await connection.run_sync(NUMBERS.create)
            await connection.execute(NUMBERS.insert(), [{"number": number} for number in range(10)])
        largest = select(NUMBERS).where(NUMBERS.c.number > 2).order_by(NUMBERS.c.number.desc())
        for limit, offset, page in [
            (3, 0, [9, 8, 7]),
            (3, 6, [3]),
            (3, 7, []),
            (50, 0, [9, 8, 7, 6, 5, 4, 3]),
        ]:
            rows, total = await page_of(engine, largest, limit, offset)
            assert ([row["number"] for row in rows], total) == (page, 7)
    finally:
        await engine.dispose()

"""What is too much for one statement, in portions; and of a long list one page."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import RowMapping, Select, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.engine import reading

PORTION = 400
"""Ids, or rows, in a statement: databases take some hundreds of values in one."""

Item = TypeVar("Item")


def portions(items: Iterable[Item]) -> Iterator[list[Item]]:
    """In their order; nothing of nothing."""
    left = iter(items)
    while some := list(islice(left, PORTION)):
        yield some


async def page_of(
    engine: AsyncEngine, wanted: Select[Any], limit: int, offset: int
) -> tuple[Sequence[RowMapping], int]:
    """The rows of one page, in the order that `wanted` has, and how many there are in all."""
    counted = select(func.count()).select_from(wanted.order_by(None).subquery())
    async with reading(engine).connect() as connection:
        total = (await connection.execute(counted)).scalar_one()
        rows = (await connection.execute(wanted.limit(limit).offset(offset))).mappings().all()
    return rows, total

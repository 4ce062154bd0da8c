"""Where the marks of erased numbers are, and the key to them."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.erased import ErasedNumbers


def erased_numbers(engine: AsyncEngine, journals: Path) -> ErasedNumbers:
    """`journals`: the folder of journals; the key lies in it, for both hold what the database must not."""
    return ErasedNumbers(engine, journals / "erased.key")

"""The command line's part for what is kept: `cti erase`, `cti retention`."""

import asyncio
import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from config.settings import Settings, load

keeping_app = typer.Typer()


@keeping_app.command()
def erase(
    number: Annotated[str, typer.Option(help="with its country code: +8613800138000")],
) -> None:
    """Erase somebody everywhere: sound, names, numbers, notes. What counts calls stays. Prints the report."""
    print(asyncio.run(_erase(load(), number)))


@keeping_app.command()
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be deleted")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Delete what is older than retention.yaml lets it be, as the server does every day."""
    found = asyncio.run(_retention(load(), dry_run=dry_run))
    if as_json:
        print(json.dumps({"dry_run": dry_run, "classes": found}))
        return
    from config.tables import retention_table

    retention_table(found, dry_run=dry_run)


async def _erase(settings: Settings, number: str) -> str:
    from config.errands import COMMAND_LINE, at_work
    from cti.api.keeping import asked

    async with at_work(settings) as house:
        wanted = asked(house.numbering.parted, number)
        return (await house.keeping.eraser.erase(COMMAND_LINE, wanted)).text


async def _retention(settings: Settings, *, dry_run: bool) -> Mapping[str, Mapping[str, Any]]:
    from config.errands import COMMAND_LINE, at_work

    async with at_work(settings) as house:
        if dry_run:
            return {name: one._asdict() for name, one in (await house.keeping.retention.look()).items()}
        report = await house.keeping.retention.delete(COMMAND_LINE.login)
        classes: Mapping[str, Mapping[str, Any]] = json.loads(report.text)["classes"]
        return classes

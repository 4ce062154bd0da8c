"""The command line: `cti …`. Exit 0 done, 1 refused with one clear line, 2 wrong usage."""

import asyncio
import faulthandler
import gc
import json
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
import uvloop

from config.command_access import audit_app, user_app
from config.command_keeping import keeping_app
from config.command_recordings import recordings_app
from config.memory import few_heaps
from config.reconciling import NoLedger
from config.refused import Refused
from config.settings import Settings, SettingsError, load
from cti.domain.errors import CtiError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
customers_app = typer.Typer(name="customers", no_args_is_help=True, help="The customers' book.")
surveys_app = typer.Typer(name="surveys", no_args_is_help=True, help="What customers said of us.")
for _part in (customers_app, surveys_app, user_app, audit_app, recordings_app, keeping_app):
    app.add_typer(_part)


def main() -> None:
    """Run one command; every expected refusal is one line on stderr and exit 1."""
    try:
        app(standalone_mode=True)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as problem:
        refusal = _expected(problem)
        if refusal is None:
            raise
        print(f"cti: {refusal}", file=sys.stderr)
        raise SystemExit(1) from None


def _expected(problem: BaseException) -> BaseException | None:
    """The refusal behind a problem, unwrapped from the groups tasks put around it; None for a fault of ours."""
    while isinstance(problem, BaseExceptionGroup) and len(problem.exceptions) == 1:
        problem = problem.exceptions[0]
    return problem if isinstance(problem, (CtiError, SettingsError, Refused, NoLedger, OSError)) else None


def _run(work: Callable[[Settings], Coroutine[Any, Any, None]], **given: Any) -> None:
    asyncio.run(work(load(**given)))


@app.command()
def serve() -> None:
    """Run the server on the settings in the environment, `.env` or `cti.toml`."""
    few_heaps()
    gc.disable()  # while half a million objects are made that all stay
    from config.running import serve as run

    gc.enable()
    faulthandler.register(signal.SIGUSR1)  # a server that does not answer says where it stands
    uvloop.run(run(load()))


@app.command()
def demo(
    pbx: Annotated[str, typer.Option(help="simulated, or asterisk for a real one from .pbx/")] = "simulated",
    folder: Annotated[Path, typer.Option(help="where the demo keeps its files")] = Path(".run"),
    speed: Annotated[float, typer.Option(min=0.1, max=50, help="how fast the simulated day goes")] = 1.0,
) -> None:
    """Run a living call centre with everything embedded, and print the address and the logins."""
    from config.demo import run

    if pbx not in ("simulated", "asterisk"):
        raise Refused(f"--pbx {pbx}: say simulated or asterisk")
    asyncio.run(run(folder, pbx, speed))


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="a raw AMI byte stream; the banner is optional")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a call, then the summary")] = False,
    pbx: Annotated[str, typer.Option(help="the name to put into call ids")] = "pbx1",
    threshold: Annotated[float, typer.Option(min=0, help="service level target, seconds")] = 20.0,
) -> None:
    """Print the calls a raw AMI stream tells of."""
    from cti.adapters.ami.trace import Replay
    from cti.domain.export import call_json
    from cti.domain.identifiers import PbxName

    player = Replay(PbxName(pbx))
    with file.open("rb") as stream:
        while chunk := stream.read(1 << 16):
            player.feed(chunk)
    calls, summary = player.finish(threshold)
    if as_json:
        for call in calls:
            _print_json(call_json(call))
        _print_json({"summary": summary})
        return
    from config.tables import calls_table, summary_table

    calls_table(calls)
    summary_table(summary)


@app.command()
def ledger(
    file: Annotated[
        Path, typer.Argument(help="the switch's queue_log; or the word `import`, and then files")
    ],
    files: Annotated[list[Path] | None, typer.Argument(help="behind `import`: oldest file first")] = None,
    threshold: Annotated[float, typer.Option(min=0, help="service level target, seconds")] = 20.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="one JSON object a visit, then the summary")
    ] = False,
    pbx: Annotated[str, typer.Option(help="with `import`: the switch's name, if not CTI_AMI__PBX")] = "",
) -> None:
    """Print the visits a queue_log tells of; with `import`, turn them into calls of this installation."""
    from cti.domain.ledger import ledger as read

    if files:
        if str(file) != "import":
            raise Refused(f"{files[0]}: one file at a time, or `cti ledger import FILE…`")
        _import_ledger(files, pbx)
        return
    with file.open(encoding="utf-8", errors="replace", newline="\n") as lines:
        visits, summary = read(lines, threshold)
    if as_json:
        for visit in visits:
            _print_json(visit)
        _print_json({"summary": summary})
        return
    from config.tables import summary_table, visits_table

    visits_table(visits)
    summary_table(summary)


def _import_ledger(files: list[Path], pbx: str) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from config.errands import import_ledger

    settings = load()
    sizes = sum(file.stat().st_size for file in files)
    seen = sys.stderr.isatty()
    with Progress(console=Console(stderr=True), transient=True, disable=not seen) as shown:
        reading = shown.add_task("reading", total=sizes)
        judging = shown.add_task("comparing", total=None)
        came = asyncio.run(
            import_ledger(
                settings,
                files,
                pbx,
                lambda done: shown.update(reading, completed=done),
                lambda count: shown.update(judging, description=f"comparing: {count} visits"),
            )
        )
    print(
        f"{came.lines} lines, {came.visits} visits: {came.fresh} new, {came.visits - came.fresh} known already"
    )
    if came.malformed:
        print(f"{came.malformed} lines could not be read and were left out")
    if came.open:
        print(
            f"{came.open} visits are still open at the end: import the file that follows together with these"
        )


@app.command()
def reconcile(
    since: Annotated[
        str, typer.Option("--from", help="of joining: 2026-11-22T09:00, or seconds since 1970")
    ] = "",
    until: Annotated[str, typer.Option(help="likewise")] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="one JSON object a difference, then the summary")
    ] = False,
) -> None:
    """Hold our records against the switch's ledger, repair what was missed; exit 1 when something is unexplained."""
    from zoneinfo import ZoneInfo

    from config.errands import reconcile as compare
    from config.tables import differences_table, reconciliation_table
    from cti.api.kpi import instant

    settings = load()
    zone = ZoneInfo(settings.timezone)
    span = instant("from", since or None, zone), instant("until", until or None, zone)
    summaries, differences = asyncio.run(compare(settings, span, lambda _: None))
    if as_json:
        for difference in differences:
            _print_json(difference)
        _print_json({"summary": summaries})
    else:
        differences_table(differences)
        reconciliation_table(summaries)
    unexplained = sum(difference["state"] == "unexplained" for difference in differences)
    if unexplained:
        raise Refused(f"{unexplained} differences are unexplained: each is listed above")


@app.command()
def preflight(
    etc: Annotated[
        Path | None, typer.Option(help="the switch's /etc/asterisk, if it can be read here")
    ] = None,
) -> None:
    """Check a switch for what silently breaks priority; exit 1 when a problem was found."""
    from config.errands import preflight as check
    from config.tables import findings_table

    findings = asyncio.run(check(load(), etc))
    findings_table(findings)
    if any(finding.level == "problem" for finding in findings):
        raise Refused("problems were found; each says what to do")


@app.command()
def simulate(
    folder: Annotated[Path, typer.Option(help="ledger and recordings go here")] = Path(".run/pbx"),
    port: Annotated[int, typer.Option(help="AMI port")] = 5038,
    fastagi: Annotated[str, typer.Option(help="host:port to ask for priorities")] = "127.0.0.1:4573",
    speed: Annotated[float, typer.Option(min=0.1, max=50)] = 1.0,
) -> None:
    """Run the simulated PBX alone, with live traffic."""
    from config.demo import simulate as run

    host, _, agi_port = fastagi.rpartition(":")
    if not host or not agi_port.isdigit():
        raise Refused(f"--fastagi {fastagi}: say host:port")
    asyncio.run(run(folder, port, (host, int(agi_port)), speed))


@app.command()
def export(
    since: Annotated[
        str | None, typer.Option("--from", help="calls that began at or after, ISO-8601")
    ] = None,
    until: Annotated[str | None, typer.Option(help="… and before")] = None,
    heard: Annotated[
        bool,
        typer.Option("--heard", help="only what the switch told us live: what `cti rebuild` gives again"),
    ] = False,
) -> None:
    """Print every call and every agent's state as JSON lines, in one order: the same facts give the same bytes."""
    from config.errands import export as run

    _run(lambda settings: run(settings, since, until, sys.stdout.buffer, heard=heard))


@app.command()
def rebuild(
    database: Annotated[
        str, typer.Option(help="an empty database: sqlite+aiosqlite:///file, postgresql+asyncpg://…")
    ],
) -> None:
    """Tell the whole journal to an empty database: the same calls must come of it."""
    from config.errands import rebuild as run

    _run(lambda settings: run(settings, database))


@app.command()
def openapi() -> None:
    """Print the API's description."""
    from config.errands import describe

    print(json.dumps(asyncio.run(describe()), indent=1, sort_keys=True))


@customers_app.command("import")
def customers_import(file: Annotated[Path, typer.Argument(help="CSV; the README tells its columns")]) -> None:
    """Take over customers from a CSV file: all rows or none."""
    from config.errands import import_customers

    report = asyncio.run(import_customers(load(), file))
    print(f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged")


@surveys_app.command("import")
def surveys_import(
    file: Annotated[
        Path,
        typer.Argument(help="CSV: number,score,scale,answered_at and, if known, id,call,agent,queue,comment"),
    ],
) -> None:
    """Take over answers from a CSV file of the site's own survey tool: all rows or none, each answer once."""
    from config.errands import import_surveys

    report = asyncio.run(import_surveys(load(), file))
    unchanged = "" if report.new else "; nothing was changed"
    print(f"{report.new} new, {report.known} known already{unchanged}")


def _print_json(value: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(value) + b"\n")

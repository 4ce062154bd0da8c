"""The command line's part for recordings: `cti recordings …`."""

import asyncio

import typer

from config.settings import load

recordings_app = typer.Typer(
    name="recordings", no_args_is_help=True, help="The store of recordings and its keys."
)


@recordings_app.command("new-key")
def new_key() -> None:
    """Put a new master key in front of the key file: it seals from now on, a running server included."""
    from config.errands_recordings import new_key as run

    master = run(load())
    typer.echo(f"{master} seals from now on; `cti recordings rewrap` puts the older recordings under it")


@recordings_app.command()
def rewrap() -> None:
    """Put the keys of all recordings under the master key that stands first; then older ones are no longer needed."""
    from config.errands_recordings import rewrap as run

    done = asyncio.run(run(load()))
    typer.echo(f"{done.keys} recordings put under the master key {done.master}")


@recordings_app.command()
def orphans() -> None:
    """List the sound files that belong to no recording; nothing deletes them."""
    from config.errands_recordings import orphans as run

    found = asyncio.run(run(load()))
    for orphan in found.items:
        typer.echo(f"{orphan.place}\t{orphan.path}\t{orphan.size}\t{orphan.reason}")
    typer.echo(f"{found.total} files belong to no recording", err=True)

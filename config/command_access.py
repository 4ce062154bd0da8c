"""The command line's part for people: `cti user …`, `cti audit …`."""

import asyncio
import sys
from typing import Annotated

import typer

from config.refused import Refused
from config.settings import load

user_app = typer.Typer(name="user", no_args_is_help=True, help="Who may sign in.")
audit_app = typer.Typer(name="audit", no_args_is_help=True, help="Who did what.")


@user_app.command("add")
def user_add(
    login: str,
    role: Annotated[str, typer.Option(help="agent, reviewer, supervisor, operator or administrator")],
    name: Annotated[str, typer.Option(help="as shown to others")] = "",
    agent: Annotated[
        str | None, typer.Option(help="the queue member's name, for people who take calls")
    ] = None,
    language: Annotated[str, typer.Option(help="zh or en")] = "zh",
    sip_user: Annotated[str | None, typer.Option(help="the browser phone's account on the switch")] = None,
    team: Annotated[
        list[str] | None, typer.Option(help="as often as there are teams; none: all agents")
    ] = None,
) -> None:
    """Add somebody who may sign in; passwords are asked for, or read from stdin, one a line."""
    from config.errands import add_user
    from cti.domain.access import Role

    if role not in set(Role):
        raise Refused(f"--role {role}: say one of {', '.join(Role)}")
    if language not in ("zh", "en"):
        raise Refused(f"--language {language}: say zh or en")
    password = _secret("Password: ")
    sip = (sip_user, _secret("SIP password: ")) if sip_user else None
    asyncio.run(
        add_user(load(), login, password, name or login, Role(role), agent, language, sip, team or [])
    )
    print(f"{login} may sign in as {role}")


@user_app.command("password")
def user_password(login: str) -> None:
    """Give somebody a new password, asked for or read from stdin; all sessions of that user end."""
    from config.errands import change_user
    from cti.service.people import Changes

    asyncio.run(change_user(load(), login, Changes(password=_secret("New password: "))))
    print(f"{login} has a new password")


@user_app.command("rename")
def user_rename(login: str, new: str) -> None:
    """Give somebody another login, for example to free it for the identity provider's user of that login."""
    from config.errands import change_user
    from cti.service.people import Changes

    if not new or any(sign.isspace() for sign in new):
        raise Refused("a login has no spaces")
    asyncio.run(change_user(load(), login, Changes(login=new)))
    print(f"{login} signs in as {new}")


@user_app.command("deactivate")
def user_deactivate(login: str) -> None:
    """Let somebody in no more: sessions, API tokens and open pages end within a second."""
    from config.errands import change_user
    from cti.service.people import Changes

    asyncio.run(change_user(load(), login, Changes(active=False)))
    print(f"{login} may not sign in any more")


@user_app.command("activate")
def user_activate(
    login: str,
    no_second_factor: Annotated[bool, typer.Option(help="take a lost authenticator app away")] = False,
) -> None:
    """Let somebody in again."""
    from config.errands import change_user
    from cti.service.people import Changes

    asyncio.run(change_user(load(), login, Changes(active=True), second_factor=not no_second_factor))
    print(f"{login} may sign in")


@audit_app.command("verify")
def audit_verify() -> None:
    """Read the whole audit log and say where its chain breaks; exit 1 when it does."""
    from config.errands import verify_audit

    verifier, broken = asyncio.run(verify_audit(load()))
    if broken is not None:
        raise Refused(
            f"the audit log breaks at line {broken.id}, after {verifier.count} good ones: {broken.why}"
        )
    print(f"{verifier.count} lines, unbroken; the last seal is {verifier.last}")


def _secret(prompt: str) -> str:
    if sys.stdin.isatty():
        import getpass

        return getpass.getpass(prompt)
    return sys.stdin.readline().rstrip("\n")

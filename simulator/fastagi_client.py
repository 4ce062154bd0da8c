"""The AGI application calling a FastAGI server: the environment goes out, commands come back, the channel obeys."""

import asyncio
import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final

from simulator.channels import Channel
from simulator.frames import text

PATIENCE: Final = 0.5  # seconds, TIMEOUT(absolute) of the shipped dialplan
VERSION: Final = "22.10.1"
_WORD: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


class Answer(Enum):
    DONE = auto()
    NOBODY_THERE = auto()
    TOO_LATE = auto()


async def ask(host: str, port: int, path: str, channel: Channel, arguments: tuple[str, ...]) -> Answer:
    """What the server set before it went silent is kept."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                url = f"agi://{host}:{port}/{path}"
                lines = "".join(f"{line}\n" for line in _environment(url, path, channel, arguments))
                writer.write((lines + "\n").encode("utf-8", "surrogateescape"))
                while command := await reader.readline():
                    writer.write(_obey(text(command).strip(), channel).encode("utf-8", "surrogateescape"))
                    await writer.drain()
            finally:
                writer.close()
    except TimeoutError:
        return Answer.TOO_LATE
    except (OSError, ValueError):  # dead, or a line without end
        return Answer.NOBODY_THERE
    return Answer.DONE


def _environment(url: str, path: str, channel: Channel, arguments: tuple[str, ...]) -> Iterator[str]:
    yield "agi_network: yes"
    yield f"agi_network_script: {path}"
    yield f"agi_request: {url}"
    yield f"agi_channel: {channel.name}"
    yield "agi_language: en"
    yield "agi_type: PJSIP"
    yield f"agi_uniqueid: {channel.uniqueid}"
    yield f"agi_version: {VERSION}"
    yield f"agi_callerid: {_one_line(channel.number)}"
    yield f"agi_calleridname: {_one_line(channel.caller_name)}"
    yield "agi_callingpres: 0"
    yield "agi_callingani2: 0"
    yield "agi_callington: 0"
    yield "agi_callingtns: 0"
    yield f"agi_dnid: {channel.dialled or 'unknown'}"
    yield "agi_rdnis: unknown"
    yield f"agi_context: {channel.context}"
    yield f"agi_extension: {channel.exten}"
    yield f"agi_priority: {channel.priority}"
    yield "agi_enhanced: 0.0"
    yield "agi_accountcode: "
    yield "agi_threadid: 140000000000000"
    for number, argument in enumerate(arguments, 1):
        yield f"agi_arg_{number}: {argument}"


def _one_line(value: str | None) -> str:
    return value or "unknown"


def _obey(command: str, channel: Channel) -> str:
    words = [quoted or bare for quoted, bare in _WORD.findall(command)]
    match [word.upper() for word in words[:2]]:
        case ["SET", "VARIABLE"] if len(words) == 4:
            channel.variables[words[2]] = words[3]
            return "200 result=1\n"
        case ["GET", "VARIABLE"] if len(words) == 3:
            value = channel.variables.get(words[2])
            return "200 result=0\n" if value is None else f"200 result=1 ({value})\n"
        case ["VERBOSE", _]:
            return "200 result=1\n"
        case ["NOOP" | "ANSWER", *_]:
            return "200 result=0\n"
        case _:
            return "510 Invalid or unknown command\n"

"""Callers and agents' phones, played by SIPp: real SIP, real sound, told by the harness when to do what."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
import os
import shutil
import socket
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from tools.pbx import Pbx, PbxMissing, free_port

TEMPLATES = Path(__file__).resolve().parent
TRUNK = "127.0.0.2"  # where callers come from: the address pjsip.conf takes for the trunk
MEDIA = itertools.count(12000 + os.getpid() % 50 * 100, 8)  # each SIPp looks for free ports from here on
COUNTER = itertools.count(1)
HEAR = b'<ereg regexp="[a-z]+" search_in="hdr" header="X-Do:" assign_to="do"/>'
BUSY = -1.0  # as `answers_after`: the agent declines each call


def _alaw(sample: int) -> int:
    """One 16-bit sample as G.711 A-law."""
    sign, magnitude = (0x80, sample) if sample >= 0 else (0, -sample - 1)
    magnitude >>= 4
    exponent = max(0, magnitude.bit_length() - 5)
    mantissa = (magnitude >> max(1, exponent)) & 0x0F if exponent else (magnitude >> 1) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55


@cache
def tone(hertz: int) -> Path:
    """A file with one second of a tone, headerless A-law at 8 kHz, as SIPp plays it."""
    path = Path(tempfile.gettempdir()) / f"tierline-tone-{hertz}.al"
    samples = (round(8000 * math.sin(2 * math.pi * hertz * index / 8000)) for index in range(8000))
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(bytes(_alaw(sample) for sample in samples))
    fresh.rename(path)
    return path


def _media() -> int:
    """An even port, so that two SIPp processes that start together do not reach for the same one."""
    first = next(MEDIA)
    return 12000 + (first - 12000) % 7900


class Sipp:
    """One SIPp process with one scenario."""

    def __init__(
        self, pbx: Pbx, template: str, words: dict[str, bytes], *, ip: str, port: int, calls: int
    ) -> None:
        if shutil.which("sipp") is None:
            raise PbxMissing(
                "`sipp` is not installed: run `apt-get install sip-tester` (as root), then `make pbx`."
            )
        self.pbx, self.ip, self.port = pbx, ip, port
        self.name = f"{template}-{os.getpid()}-{next(COUNTER)}"
        self.call_id = f"{self.name}@{ip}"  # of an outgoing call
        self._folder = pbx.directory / "sipp"
        self._folder.mkdir(exist_ok=True)
        self._scenario = self._folder / f"{self.name}.xml"
        self._scenario.write_bytes(_filled(template, words))
        self._calls = calls
        self._process: asyncio.subprocess.Process | None = None
        self._said = itertools.count(1)

    async def start(self) -> None:
        arguments = ["-sf", str(self._scenario), "-i", self.ip, "-mi", self.ip, "-p", str(self.port)]
        arguments += ["-mp", str(_media()), "-nostdin", "-cid_str", f"{self.name}@{self.ip}"]
        arguments += ["-default_behaviors", "all,-bye"]  # a call we gave up sends nothing of its own accord
        if self._calls:
            arguments += ["-m", str(self._calls)]
        arguments += ["-trace_err", "-error_file", str(self._folder / f"{self.name}.err")]
        if os.environ.get("TIERLINE_SIPP_TRACE"):
            arguments += ["-trace_msg", "-message_file", str(self._folder / f"{self.name}.msg")]
        # Telephones have machines of their own: here they give way to the switch, the server and the pages.
        self._process = await asyncio.create_subprocess_exec(
            *("nice", "-n", "10", "sipp"),
            f"{self.pbx.host}:{self.pbx.sip_port}",
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )

    def tell(self, what: str, *, call_id: str | None = None, to: str = "") -> None:
        """An INFO to the phone inside a call, from nobody: its scenario does what X-Do says."""
        number = next(self._said)
        lines = [
            f"INFO sip:phone@{self.ip}:{self.port} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK-{self.name}-{number}",
            f"From: <sip:harness@127.0.0.1>;tag={number}",
            f"To: <sip:phone@{self.ip}>",
            f"Call-ID: {call_id or self.call_id}",
            f"CSeq: {number} INFO",
            f"X-Do: {what}",
            *([f"X-To: <{to}>"] if to else []),
            "Content-Length: 0",
        ]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
            mouth.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), (self.ip, self.port))

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def ended(self, timeout: float = 10.0) -> int:
        """SIPp's exit code: 0 when each call went as its scenario says."""
        if self._process is None:
            return 0
        return await asyncio.wait_for(self._process.wait(), timeout)

    async def stop(self) -> None:
        if self.running and self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


class SippCaller(Sipp):
    """Somebody who calls a number of ours through the trunk. A `bytes` name goes out as it is.

    `sound`: hertz of a tone, or a file as `tone` makes them, again and again; `says`: what is played instead once it is
    told the word (of small letters).
    """

    def __init__(
        self,
        pbx: Pbx,
        did: str,
        number: str = "",
        name: str | bytes = "",
        *,
        ip: str = TRUNK,
        sound: int | Path = 440,
        says: Mapping[str, Path] | None = None,
    ) -> None:
        words = {"did": did.encode(), "from": _from(number, name, ip), "audio": _audio(sound)}
        words |= _sayings(says or {}, back=1)
        words["told"] = b"<action>" + HEAR + words["told"] + b"</action>" if says else b""
        super().__init__(pbx, "caller", words, ip=ip, port=free_port(socket.SOCK_DGRAM, ip), calls=1)
        self.number = number

    async def hang_up(self) -> None:
        self.tell("bye")
        await self.ended()


class SippAgent(Sipp):
    """An agent's desk phone, registered with its password; `answers_after` None lets it ring.

    `sound` and `says` as a caller's; each call to it begins with `sound`.
    """

    def __init__(
        self,
        pbx: Pbx,
        name: str,
        *,
        answers_after: float | None = 1.0,
        sound: int | Path = 660,
        says: Mapping[str, Path] | None = None,
    ) -> None:
        words = {"name": name.encode(), "ring": _ring(answers_after), "audio": _audio(sound)}
        words |= _sayings(says or {}, back=2)
        super().__init__(pbx, "agent", words, ip="127.0.0.1", port=free_port(socket.SOCK_DGRAM), calls=0)
        self.agent = name

    async def start(self) -> None:
        await self.register()
        await super().start()
        for _ in range(150):  # known to the switch once it has answered an OPTIONS
            if "Avail" in await asyncio.to_thread(self.pbx.cli, f"pjsip show aor {self.agent}"):
                return
            await asyncio.sleep(0.1)
        raise PbxMissing(f"The phone of agent {self.agent} is not reachable: see {self.pbx.messages}.")

    async def register(self, expires: int = 3600) -> None:
        """Log on from the phone's own port, or off (0); only while the phone itself is not running."""
        words = {
            "name": self.agent.encode(),
            "password": password(self.agent),
            "expires": str(expires).encode(),
        }
        knock = Sipp(self.pbx, "register", words, ip=self.ip, port=self.port, calls=1)
        await knock.start()
        if await knock.ended():
            raise PbxMissing(f"The phone of agent {self.agent} could not register: see {self.pbx.messages}.")

    async def log_off(self) -> None:
        await self.stop()
        await self.register(0)


class SippConsult(Sipp):
    """A second line of an agent's phone, calling a colleague or a queue."""

    def __init__(self, pbx: Pbx, agent: str, to: str) -> None:
        words = {
            "name": agent.encode(),
            "password": password(agent),
            "did": to.encode(),
            "audio": _audio(520),
        }
        super().__init__(pbx, "consult", words, ip="127.0.0.1", port=free_port(socket.SOCK_DGRAM), calls=1)


def password(agent: str) -> bytes:
    return f"tierline-{agent}".encode()  # as shipped in pjsip.conf


def _from(number: str, name: str | bytes, ip: str) -> bytes:
    if not number:
        return b'"Anonymous" <sip:anonymous@anonymous.invalid>'
    raw = name.encode() if isinstance(name, str) else name
    shown = b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'" ' if raw else b""
    return shown + f"<sip:{number}@{ip}>".encode()


def _audio(sound: int | Path) -> bytes:
    if not sound:
        return b""
    return f"<nop>{_played(tone(sound) if isinstance(sound, int) else sound)}</nop>".encode()


def _played(file: Path) -> str:
    return f'<action><exec rtp_stream="{escape(str(file))},-1,8"/></action>'


def _sayings(says: Mapping[str, Path], *, back: int) -> dict[str, bytes]:
    """What follows a word: it is told from others, leads to its sound, and then `back` to the label that waits for words."""
    told, ways, played = [], [], []
    for label, (word, file) in enumerate(says.items(), 20):
        told.append(f'<strcmp assign_to="is{word}" variable="do" value="{word}"/>')
        told.append(f'<test assign_to="say{word}" variable="is{word}" compare="equal" value="0"/>')
        ways.append(f'<nop next="{label}" test="say{word}"/>')
        played.append(f'<label id="{label}"/><nop next="{back}">{_played(file)}</nop>')
    return {
        name: "\n".join(lines).encode() for name, lines in (("told", told), ("ways", ways), ("says", played))
    }


def _ring(answers_after: float | None) -> bytes:
    if answers_after is None:
        return b'<recv request="CANCEL" next="11"/>'
    if answers_after == BUSY:
        return b'<nop next="12"/>'
    if answers_after <= 0:
        return b""
    return (
        f'<recv request="CANCEL" timeout="{round(answers_after * 1000)}" ontimeout="1" next="11"/>'.encode()
    )


def _filled(template: str, words: dict[str, bytes]) -> bytes:
    text = (TEMPLATES / f"{template}.xml").read_bytes()
    for word, value in words.items():
        text = text.replace(f"@{word}@".encode(), value)
    return text

"""A telephone switch that speaks just enough SIP over WebSocket for one softphone in a page."""

import asyncio
import re
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect

FINGERPRINT = ":".join(["AB"] * 32)


def sdp(setup: str, direction: str = "sendrecv") -> str:
    lines = [
        "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0", "a=msid-semantic: WMS s",
        "m=audio 9 UDP/TLS/RTP/SAVPF 0 101", "c=IN IP4 127.0.0.1", "a=rtcp-mux", "a=mid:0",
        "a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuvwx", f"a=fingerprint:sha-256 {FINGERPRINT}",
        f"a=setup:{setup}", "a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000", f"a={direction}",
        "a=ssrc:1 cname:s", "a=msid:s t", "a=candidate:1 1 UDP 2130706431 127.0.0.1 9 typ host", "a=end-of-candidates",
    ]  # fmt: skip
    return "\r\n".join(lines) + "\r\n"


def header(message: str, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.+?)\r?$", message, re.IGNORECASE | re.MULTILINE)
    return found.group(1) if found else ""


class FakeSwitch:
    """`log` holds what the page said: methods and status lines, in order."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.messages: list[str] = []
        self.socket: WebSocket | None = None
        self._contact = "sip:101@127.0.0.1"
        self._tag = ""
        self._cseq = 1
        self._caller = '"Wang Lihua" <sip:+8613812345678@127.0.0.1>'
        self.silent = False  # hears, and says nothing: the way to it is dead
        self.refusals: dict[str, list[str]] = {}  # status lines a method gets before it is served

    async def serve(self, socket: WebSocket) -> None:
        await socket.accept(subprotocol="sip")
        self.socket = socket
        try:
            while True:
                text = await socket.receive_text()
                if text.strip():
                    await self._hear(text)
        except (WebSocketDisconnect, RuntimeError):
            self.socket = None

    async def _hear(self, text: str) -> None:
        first = text.split("\r\n", 1)[0]
        self.messages.append(text)
        self.log.append(first.split(" SIP/2.0")[0] if not first.startswith("SIP/") else first)
        if first.startswith("SIP/2.0 200") and "INVITE" in header(text, "CSeq"):
            self._tag = header(text, "To")
            await self._say(self._request("ACK", "", self._cseq))
        elif not first.startswith("SIP/"):
            await self._answer(first.split(" ")[0], text)

    async def _answer(self, method: str, text: str) -> None:
        if method == "ACK":
            return
        if self.refusals.get(method):
            await self._reply(text, self.refusals[method].pop(0), [])
        elif method == "REGISTER":
            self._contact = header(text, "Contact").split(";")[0].strip("<>")
            await self._reply(text, "200 OK", [f"Contact: {header(text, 'Contact')}", "Expires: 120"])
        elif method == "INVITE":
            wish = re.search(r"a=(sendonly|sendrecv|recvonly|inactive)", text)
            back = {"sendonly": "recvonly", "inactive": "inactive"}.get(
                wish.group(1) if wish else "", "sendrecv"
            )
            await self._reply(
                text, "200 OK", ["Contact: <sip:switch@127.0.0.1;transport=ws>"], sdp("passive", back)
            )
        elif method == "REFER":
            await self._reply(text, "202 Accepted", [])
            body = "SIP/2.0 200 OK\r\n"
            extra = [
                "Event: refer",
                "Subscription-State: terminated;reason=noresource",
                "Content-Type: message/sipfrag",
            ]
            await self._say(self._request("NOTIFY", body, self._next(), extra))
        else:
            await self._reply(text, "200 OK", [])

    def _next(self) -> int:
        self._cseq += 1
        return self._cseq

    def _request(self, method: str, body: str, cseq: int, extra: list[str] | None = None) -> str:
        to = self._tag or "<sip:101@127.0.0.1>"
        lines = [
            f"{method} {self._contact} SIP/2.0", f"Via: SIP/2.0/WS 127.0.0.1;branch=z9hG4bK{method}{cseq}", "Max-Forwards: 70",
            f"From: {self._caller};tag=switch", f"To: {to}", "Call-ID: customer-1",
            f"CSeq: {cseq} {method}", "Contact: <sip:switch@127.0.0.1;transport=ws>", *(extra or []),
            f"Content-Length: {len(body.encode())}",
        ]  # fmt: skip
        return "\r\n".join(lines) + "\r\n\r\n" + body

    async def _reply(self, text: str, status: str, extra: list[str], body: str = "") -> None:
        to = header(text, "To")
        lines = [f"SIP/2.0 {status}", *(f"{name}: {header(text, name)}" for name in ("Via", "From"))]
        lines.append(f"To: {to if 'tag=' in to else to + ';tag=switch'}")
        lines += [f"{name}: {header(text, name)}" for name in ("Call-ID", "CSeq")]
        lines += (
            extra
            + (["Content-Type: application/sdp"] if body else [])
            + [f"Content-Length: {len(body.encode())}"]
        )
        await self._say("\r\n".join(lines) + "\r\n\r\n" + body)

    async def _say(self, text: str) -> None:
        if self.silent:
            return
        assert self.socket is not None, "no softphone is connected"
        await self.socket.send_text(text)

    async def ring(self, caller: str = '"Wang Lihua" <sip:+8613812345678@127.0.0.1>') -> None:
        """A customer calls."""
        self._tag, self._caller = "", caller
        await self._say(
            self._request(
                "INVITE",
                sdp("actpass"),
                self._cseq,
                ["Content-Type: application/sdp", "Allow: ACK,BYE,INVITE,REFER,NOTIFY"],
            )
        )

    async def hang_up(self) -> None:
        await self._say(self._request("BYE", "", self._next()))

    async def wait_for(self, start: str, seconds: float = 8.0) -> Any:
        """The page's message beginning so."""
        for _ in range(int(seconds / 0.05)):
            for line, message in zip(self.log, self.messages, strict=True):
                if line.startswith(start):
                    return message
            await asyncio.sleep(0.05)
        raise AssertionError(f"the page never said {start}; it said {self.log}")

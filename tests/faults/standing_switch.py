"""The benchmarks' switch that only prints, which here knows what it has told: after a cut it lists the channels and callers that still are."""

import asyncio
import sys
import time
from typing import Any

from tests.benchmarks import switch as printing
from tests.benchmarks.children import obey, run, say
from tests.benchmarks.stream import Frame, Stream

SHOWN = ("Channel", "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName", "ConnectedLineNum", "ConnectedLineName",
         "Context", "Exten", "Priority", "Uniqueid", "Linkedid")  # fmt: skip


LISTED = ("StateInterface", "Membership", "Penalty", "CallsTaken", "LastCall", "LastPause", "InCall", "Status", "Paused",
          "PausedReason", "Wrapuptime")  # fmt: skip
LOOK = 0.002  # seconds between two looks at what the line has taken
ASLEEP = 0.02  # seconds: whoever wakes later than that has slept himself


class Line:
    """A line that counts what was written to it, as Asterisk writes: an event at a time, each with its time to be taken."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.write_to, self.drain, self.close = writer.write, writer.drain, writer.close
        self.written = 0

    def write(self, data: bytes) -> None:
        self.written += len(data)
        self.write_to(data)

    @property
    def waiting(self) -> int:
        """Bytes that the line has not taken."""
        return self._writer.transport.get_write_buffer_size()


class StandingSwitch(printing.Switch):
    """Takes note of each frame as it goes out, and of the longest time that the line took nothing of what waited."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(stream)
        self._longest = 0.0
        self._legs: dict[str, dict[str, str]] = {}
        self._bridges: dict[str, str] = {}
        self._waiting: dict[str, dict[str, str]] = {}
        self._members: dict[tuple[str, str], dict[str, str]] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(writer)
        watching = asyncio.ensure_future(self._watch(line))
        try:
            await super().serve(reader, line)
        finally:
            watching.cancel()

    async def _watch(self, line: Line) -> None:
        taken, since, looked = 0, 0.0, 0.0
        while True:
            now = time.monotonic()
            if line.waiting == 0 or line.written - line.waiting > taken or now - looked > ASLEEP:
                taken, since = line.written - line.waiting, now
            self._longest = max(self._longest, now - since)
            looked = now
            await asyncio.sleep(LOOK)

    def rush(self, factor: float) -> dict[str, Any]:
        """From now on everything comes so many times as fast."""
        self._stream.hurry(factor)
        return {}

    def longest_standstill(self) -> dict[str, Any]:
        """Seconds since this was asked last; Asterisk parts with whoever takes nothing for 0.1 s by default."""
        longest, self._longest = self._longest, 0.0
        return {"seconds": longest}

    def note(self, frames: list[Frame]) -> None:
        for frame in frames:
            told = dict(
                line.partition(": ")[::2] for line in frame.data.decode("utf-8", "replace").split("\r\n")
            )
            event, leg = told.get("Event", ""), told.get("Uniqueid", "")
            if event == "Hangup":
                self._legs.pop(leg, None)
                self._bridges.pop(leg, None)
            elif event in {"Newchannel", "Newstate"}:
                self._legs[leg] = {**told, "since": told["Timestamp"]}
            elif event == "BridgeEnter":
                self._bridges[leg] = told["BridgeUniqueid"]
            elif event == "BridgeLeave":
                self._bridges.pop(leg, None)
            elif event == "QueueCallerJoin":
                self._waiting[leg] = told
            elif event == "QueueCallerLeave":
                self._waiting.pop(leg, None)
            elif event == "QueueMemberStatus":
                self._members[told["Queue"], told["Interface"]] = told

    def standing(self) -> dict[str, Any]:
        return {"legs": len(self._legs), "waiting": len(self._waiting), "bridged": len(self._bridges)}

    async def flood(self) -> dict[str, Any]:
        told = await super().flood()
        self.note(self._frames)
        return told

    def _answer(self, fields: dict[str, str], writer: asyncio.StreamWriter) -> None:
        action = fields.get("action", "").lower()
        if action not in {"coreshowchannels", "queuestatus"}:
            super()._answer(fields, writer)
            return
        marked = f"ActionID: {fields['actionid']}\r\n" if "actionid" in fields else ""
        items = self._channels(marked) if action == "coreshowchannels" else self._entries(marked)
        text = f"Response: Success\r\n{marked}EventList: start\r\nMessage: will follow\r\n\r\n" + "".join(
            items
        )
        name = "CoreShowChannelsComplete" if action == "coreshowchannels" else "QueueStatusComplete"
        text += f"Event: {name}\r\n{marked}EventList: Complete\r\nListItems: {len(items)}\r\n\r\n"
        writer.write(text.encode())

    def _channels(self, marked: str) -> list[str]:
        now = time.time()
        return [
            f"Event: CoreShowChannel\r\n{marked}"
            + "".join(f"{key}: {told.get(key, '')}\r\n" for key in SHOWN)
            + f"BridgeId: {self._bridges.get(leg, '')}\r\nDuration: {_clock(now - float(told['since']))}\r\n\r\n"
            for leg, told in self._legs.items()
        ]

    def _entries(self, marked: str) -> list[str]:
        now = time.time()
        members = [
            f"Event: QueueMember\r\n{marked}Queue: {told['Queue']}\r\nName: {told['MemberName']}\r\nLocation: {told['Interface']}\r\n"
            + "".join(f"{key}: {told.get(key, '')}\r\n" for key in LISTED)
            + "\r\n"
            for told in self._members.values()
        ]
        return members + [
            f"Event: QueueEntry\r\n{marked}Queue: {told['Queue']}\r\nPosition: {place}\r\nChannel: {told['Channel']}\r\nUniqueid: {leg}\r\n"
            f"CallerIDNum: {told['CallerIDNum']}\r\nCallerIDName: {told['CallerIDName']}\r\nWait: {max(0, int(now - float(told['Timestamp'])))}\r\n"
            "Priority: 0\r\n\r\n"
            for place, (leg, told) in enumerate(self._waiting.items(), 1)
        ]


def _clock(seconds: float) -> str:
    whole = max(0, int(seconds))
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


async def main(asked: dict[str, Any]) -> None:
    switch = StandingSwitch(Stream(live=asked["live"]))
    server = await asyncio.start_server(switch.serve, "127.0.0.1", asked.get("port", 0), limit=1 << 20)
    say(port=server.sockets[0].getsockname()[1])
    await obey(
        switch.introduce,
        switch.prepare,
        switch.flood,
        switch.play,
        switch.standing,
        switch.rush,
        switch.longest_standstill,
    )


if __name__ == "__main__":
    run(main, sys.argv[1])

"""What we ask of Asterisk. Each action is sent once: what a lost connection swallowed is never sent again."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from cti.adapters.ami.line import Line
from cti.adapters.ami.message import Message
from cti.adapters.ami.quarantine import Gate
from cti.adapters.ami.snapshot import SnapshotDraft
from cti.domain.errors import SwitchRefused, UnsafeAction
from cti.domain.identifiers import ChannelId, QueueName
from cti.domain.signals import SnapshotTaken
from cti.ports import Clock, NewCall

_AFTER_THE_CALLER = ("Wait", "Priority")  # what QueueEntry prints after the caller's own text
_AT_ONCE = 100  # list items
_ASKED_AGAIN = {"Uniqueid": "UNIQUEID", "Linkedid": "CHANNEL(linkedid)"}


class AmiSwitch:
    """The switch, by its connection for actions."""

    def __init__(
        self, line: Line, clock: Clock, *, action_seconds: float = 5.0, list_seconds: float = 15.0
    ) -> None:
        """How long an answer, or a whole list, may take."""
        self._line = line
        self._clock = clock
        self._action_seconds = action_seconds
        self._list_seconds = list_seconds

    async def change_priority(self, queue: QueueName, channel_name: str, priority: int) -> None:
        await self._do(
            "QueueChangePriorityCaller",
            {"Queue": queue, "Caller": channel_name, "Priority": str(priority), "Immediate": "yes"},
        )

    async def pause(
        self, agent_interface: str, paused: bool, reason: str, queue: QueueName | None = None
    ) -> None:
        fields = {"Interface": agent_interface, "Paused": "true" if paused else "false", "Reason": reason}
        await self._do("QueuePause", fields | ({"Queue": queue} if queue else {}))

    async def make(self, call: NewCall) -> None:
        variables = ",".join(f"{name}={value}" for name, value in call.variables.items())
        if variables.count(",") + 1 > max(1, len(call.variables)):
            raise UnsafeAction("A variable has a comma in it.")  # Asterisk reads another one behind it
        fields = {
            "Channel": call.endpoint,
            "Context": call.context,
            "Exten": call.exten,
            "Priority": "1",
            "CallerID": call.caller_id,
            "Timeout": str(round(call.seconds * 1000)),
            "ChannelId": call.channel,
            "Async": "true",  # else the answer, and all others, wait until somebody picked up
        }
        await self._do("Originate", fields | ({"Variable": variables} if variables else {}))

    async def hang_up(self, channel_name: str) -> None:
        await self._do("Hangup", {"Channel": channel_name})

    async def send_to(self, channel_name: str, context: str, exten: str) -> None:
        fields = {"Channel": channel_name, "Context": context, "Exten": exten, "Priority": "1"}
        await self._do("Redirect", fields)

    async def withdraw(self, queue: QueueName, channel_name: str, info: str) -> None:
        fields = {"Queue": queue, "Caller": channel_name, "WithdrawInfo": info}
        await self._do("QueueWithdrawCaller", fields)

    async def add_member(
        self, queue: QueueName, interface: str, name: str, penalty: int, *, paused: bool
    ) -> None:
        fields = {"Queue": queue, "Interface": interface, "MemberName": name, "Penalty": str(penalty)}
        await self._do("QueueAdd", fields | {"Paused": "true" if paused else "false"})

    async def remove_member(self, queue: QueueName, interface: str) -> None:
        await self._do("QueueRemove", {"Queue": queue, "Interface": interface})

    async def transfer(self, channel_name: str, context: str, exten: str) -> None:
        await self._do("BlindTransfer", {"Channel": channel_name, "Context": context, "Exten": exten})

    async def consult(self, channel_name: str, context: str, exten: str) -> None:
        """`#` says that the number is whole; without it the switch waits three seconds for more digits."""
        await self._do("Atxfer", {"Channel": channel_name, "Context": context, "Exten": f"{exten}#"})

    async def end_consultation(self, channel_name: str) -> None:
        await self._do("CancelAtxfer", {"Channel": channel_name})

    async def press(self, channel_name: str, keys: str) -> None:
        for key in keys:
            await self._do("PlayDTMF", {"Channel": channel_name, "Digit": key, "Receive": "true"})

    async def variable(self, channel_name: str, name: str) -> str:
        fields = {"Channel": channel_name, "Variable": name}
        answer = await self._line.ask("Getvar", fields, self._action_seconds)
        return answer.response.get("Value") or ""

    async def set_variable(self, channel_name: str, name: str, value: str) -> None:
        await self._do("Setvar", {"Channel": channel_name, "Variable": name, "Value": value})

    async def mute_recording(self, channel_name: str, muted: bool) -> None:
        fields = {"Channel": channel_name, "Direction": "both", "State": "1" if muted else "0"}
        await self._do("MixMonitorMute", fields)

    async def set_penalty(self, queue: QueueName, interface: str, penalty: int) -> None:
        await self._do("QueuePenalty", {"Queue": queue, "Interface": interface, "Penalty": str(penalty)})

    async def write_ledger(
        self, queue: QueueName, event: str, uniqueid: ChannelId | None, interface: str, message: str
    ) -> None:
        fields = {"Queue": queue, "Event": event, "Interface": interface, "Message": message}
        await self._do("QueueLog", fields | ({"Uniqueid": uniqueid} if uniqueid else {}))

    async def ask(self, action: str, fields: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
        """The response and the list's items; a header that repeats is one value of several lines."""
        answer = await self._line.ask(action, fields, self._list_seconds)
        return [_headers(message) async for message in _by_and_by((answer.response, *answer.items))]

    async def snapshot(self) -> SnapshotTaken:
        """All that exists now; `at` is the switch's time before it was asked, so what is younger may be in it or not."""
        pong = await self._line.ask("Ping", {}, self._action_seconds)
        channels = await self._line.ask("CoreShowChannels", {}, self._list_seconds)
        queues = await self._line.ask("QueueStatus", {}, self._list_seconds)
        gate, draft = Gate(), SnapshotDraft(pong.response.at or self._clock.now())
        async for item in _by_and_by((*channels.items, *queues.items)):
            if gate.reason(item.frame, item.name) is None:
                draft.add(item)
            elif item.name == "CoreShowChannel":
                draft.add(await self._true_channel(item))
            else:
                draft.add(_true_entry(item))
        return draft.whole()

    async def _do(self, action: str, fields: Mapping[str, str]) -> None:
        await self._line.ask(action, fields, self._action_seconds)

    async def _true_channel(self, forged: Message) -> Message:
        """A channel whose caller wrote headers of his own: its name stands before them, the ids are asked for again."""
        lines = [b"Event: " + forged.name.encode(), b"Channel: " + (forged.get("Channel") or "").encode()]
        for key, variable in _ASKED_AGAIN.items():
            try:
                fields = {"Channel": forged.get("Channel") or "", "Variable": variable}
                answer = await self._line.ask("Getvar", fields, self._action_seconds)
            except SwitchRefused:
                continue  # gone meanwhile
            lines.append(f"{key}: {answer.response.get('Value') or ''}".encode())
        return Message(b"\r\n".join(lines), forged.name)


async def _by_and_by(messages: Sequence[Message]) -> AsyncIterator[Message]:
    """One after the other, and a turn for everything else after every few of them: a big switch lists tens of thousands."""
    for place, message in enumerate(messages, 1):
        if place % _AT_ONCE == 0:
            await asyncio.sleep(0)
        yield message


def _true_entry(forged: Message) -> Message:
    """A waiting caller who wrote headers of his own: what stands before his text, and the last of what stands after."""
    lines = [forged.frame.partition(b"\r\nCallerIDNum:")[0]]
    lines += [f"{key}: {(forged.all(key) or [''])[-1] or ''}".encode() for key in _AFTER_THE_CALLER]
    return Message(b"\r\n".join(lines), forged.name)


def _headers(message: Message) -> dict[str, str]:
    headers: dict[str, str] = {}
    for key, value in message.items():
        if value is not None:
            headers[key] = f"{headers[key]}\n{value}" if key in headers else value
    return headers

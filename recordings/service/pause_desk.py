"""Pauses a recording while something is said that nobody may keep, and sees to it that it goes on again."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, NamedTuple

from cti.domain import events
from cti.domain.access import Audit, User
from cti.domain.errors import CtiError, NotPossibleNow, SwitchRefused
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, pbx_of
from cti.domain.jobs import Job
from recordings.domain.errors import NotRecorded
from recordings.domain.pauses import RESUME_RECORDING, Pause, PauseState, Silence, Why, ended, pause_id
from recordings.ports import Clock, Jobs
from recordings.ports.pauses import PauseBook, RecordedLine

log = logging.getLogger(__name__)

CONFIRM_SECONDS = 1.0
"""The switch has answered; its event, which carries the moment, comes on another line."""

_LISTENED_WITHIN = 7 * 86_400.0
"""Seconds after which nobody waits for a file any more."""
_REMEMBERED = 20_000

Alert = Callable[[str, Pause], None]
"""Tells the agent and the supervisors; the word says what of: `resumed_by_itself` or `not_silent`."""


class _Wish(NamedTuple):
    """Who asked the switch, so that its event finds him; `due_at`: when it ends by itself."""

    by: str
    agent: AgentId | None
    why: Why
    due_at: float | None = None


_NOBODY = _Wish("switch", None, Why.UNKNOWN)


class PauseDesk:
    """What the switch tells is what is written down; a button only asks for it."""

    def __init__(
        self,
        lines: Mapping[PbxName, RecordedLine],
        seconds: float,
        book: PauseBook,
        record: Audit,
        clock: Clock,
        jobs: Jobs,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        alert: Alert,
    ) -> None:
        """`seconds`: the longest pause."""
        self._lines, self._seconds, self._book, self._record = lines, seconds, book, record
        self._clock, self._jobs, self._spawn, self._alert = clock, jobs, spawn, alert
        self._open: dict[ChannelId, Pause] = {}
        self._wishes: dict[ChannelId, _Wish] = {}
        # Pauses whose file ended while they lasted: the next one begins paused.
        self._carried: dict[ChannelId, Pause] = {}
        self._overdue: set[str] = set()
        self._told: dict[ChannelId, asyncio.Event] = {}
        self._unchecked: dict[str, None] = {}  # calls and legs whose files are to be listened to
        self._counts: Counter[str] = Counter()

    async def open(self) -> None:
        """Take up what a server before this one left open, or unheard."""
        for pause in await self._book.unsettled(self._clock.now() - _LISTENED_WITHIN):
            self._to_be_checked(pause.call, pause.channel)
            if pause.state is PauseState.OPEN:
                self._open[pause.channel] = pause
        self._counts.update(await self._book.counts())

    def taken_up(self) -> None:
        """The calls are known again: of a pause that ended unwritten nobody knows where in the file it did."""
        for channel, pause in [*self._open.items()]:
            line = self._lines.get(pause.pbx)
            legs = [] if line is None else line.of_channel(channel)
            if not any(leg.paused_at is not None for leg in legs):
                self._open[channel] = pause._replace(sound_since=None)
                self._end(channel, self._clock.now(), None, PauseState.ENDED)

    # buttons

    async def pause(self, user: User, why: str) -> float:
        """Silence in the file of the agent's own call, both directions; since when."""
        line, legs = self._own(user)
        await self._record(user, "recording.pause", f"{legs[0].call} {why}")
        wish = _Wish(user.login, user.agent, Why(why))
        for leg in legs:
            if leg.paused_at is None:
                await self._ask(line, leg.channel, leg.name, wish)
        begun = [self._open[leg.channel].since for leg in legs if leg.channel in self._open]
        return min(begun, default=self._clock.now())

    async def resume(self, user: User) -> None:
        line, legs = self._own(user)
        paused = [leg for leg in legs if leg.paused_at is not None or leg.channel in self._open]
        if not paused:
            raise NotPossibleNow("The recording is not paused.")
        await self._record(user, "recording.resume", legs[0].call)
        for leg in paused:
            await self._unmute(line, leg.channel, leg.name, PauseState.RESUMED)

    def _own(self, user: User) -> tuple[RecordedLine, Sequence[Any]]:
        if user.agent is None:
            raise NotPossibleNow("Your account takes no calls: only agents have calls of their own.")
        for line in self._lines.values():
            legs = line.of_agent(user.agent)
            if legs:
                return line, legs
        raise NotRecorded

    async def _ask(self, line: RecordedLine, channel: ChannelId, name: str, wish: _Wish) -> None:
        self._wishes[channel] = wish
        told = self._told[channel] = asyncio.Event()
        try:
            await line.mute(name, True)
            await _soon(told)
        finally:
            self._told.pop(channel, None)
            self._wishes.pop(channel, None)
        if channel not in self._open:  # the switch did it, and its event is not here: that line is down
            call = next((leg.call for leg in line.of_channel(channel)), None)
            if call is not None:
                self._begin(call, channel, None, self._clock.now(), None, wish)

    async def _unmute(self, line: RecordedLine, channel: ChannelId, name: str, state: PauseState) -> None:
        told = self._told[channel] = asyncio.Event()
        try:
            await line.mute(name, False)
            await _soon(told)
        finally:
            self._told.pop(channel, None)
        if channel in self._open:
            self._end(channel, self._clock.now(), None, state)

    # reactions

    def paused(self, event: events.RecordingPaused) -> None:
        if event.channel not in self._open:
            wish = self._wishes.get(event.channel, _NOBODY)
            self._begin(event.call, event.channel, event.file, event.at, event.sound, wish)
        self._heard(event.channel)

    def resumed(self, event: events.RecordingResumed) -> None:
        pause = self._open.get(event.channel)
        if pause is not None:
            by_itself = pause.id in self._overdue
            state = PauseState.RESUMED_BY_ITSELF if by_itself else PauseState.RESUMED
            self._end(event.channel, event.at, event.sound, PauseState.ENDED if event.ended else state)
            if event.ended:
                self._carried[event.channel] = pause
        self._heard(event.channel)

    def started(self, event: events.RecordingStarted) -> None:
        """Another file of a leg that was paused: it begins paused, and its time runs on."""
        pause = self._carried.pop(event.channel, None)
        if pause is not None:
            wish = _Wish(pause.by, pause.agent, pause.why, pause.since + self._seconds)
            self._spawn(self._again(event.call, event.channel, wish))

    def asked(self, event: events.RecordingPauseAsked) -> None:
        """By a step of the dialplan."""
        line = self._lines.get(pbx_of(event.call))
        if line is not None:
            self._spawn(self._for_the_dialplan(line, event))

    def cleared(self, event: events.CallCleared) -> None:
        for channel in [channel for channel, pause in self._open.items() if pause.call == event.call]:
            self._end(channel, event.record.ended_at or event.at, None, PauseState.ENDED)
        for channel in [channel for channel, pause in self._carried.items() if pause.call == event.call]:
            del self._carried[channel]

    def merged(self, event: events.CallsMerged) -> None:
        for channel, pause in self._open.items():
            if pause.call == event.absorbed:
                self._open[channel] = pause._replace(call=event.call)
                self._book.keep(self._open[channel])
                self._to_be_checked(event.call)

    async def _again(self, call: CallId, channel: ChannelId, wish: _Wish) -> None:
        line = self._lines.get(pbx_of(call))
        legs = [] if line is None else line.of_channel(channel)
        try:
            for leg in legs:
                if line is not None:
                    await self._ask(line, channel, leg.name, wish)
        except CtiError as refusal:
            log.warning("recording of %s could not be paused again: %s", call, refusal)

    async def _for_the_dialplan(self, line: RecordedLine, event: events.RecordingPauseAsked) -> None:
        try:
            if event.paused:
                wish = _Wish("dialplan", None, Why.PAYMENT)
                await self._ask(line, event.channel, event.channel_name, wish)
            else:
                await self._unmute(line, event.channel, event.channel_name, PauseState.RESUMED)
        except CtiError as refusal:
            log.warning(
                "a payment step of %s could not pause or resume its recording: %s", event.call, refusal
            )

    # the job

    async def end_overdue(self, job: Job) -> float | None:
        """Nobody ended it: go on recording, and say so."""
        pause = next((one for one in self._open.values() if one.id == job.subject), None)
        if pause is None:
            return None
        line = self._lines.get(pause.pbx)
        legs = [] if line is None else line.of_channel(pause.channel)
        self._overdue.add(pause.id)
        try:
            if line is None or not legs:  # it hung up while nobody listened
                self._end(pause.channel, self._clock.now(), None, PauseState.ENDED)
                return None
            try:
                await self._unmute(line, pause.channel, legs[0].name, PauseState.RESUMED_BY_ITSELF)
            except SwitchRefused:  # gone this very moment
                self._end(pause.channel, self._clock.now(), None, PauseState.ENDED)
                return None
        finally:
            self._overdue.discard(pause.id)
        log.warning("recording of %s was paused for %.0f s and goes on by itself", pause.call, self._seconds)
        self._alert("resumed_by_itself", pause)
        return None

    # inside

    def _begin(
        self,
        call: CallId,
        channel: ChannelId,
        file: str | None,
        at: float,
        sound: float | None,
        wish: _Wish,
    ) -> None:
        pause = Pause(
            id=pause_id(channel, at),
            call=call,
            pbx=pbx_of(call),
            channel=channel,
            file=file,
            agent=wish.agent,
            by=wish.by,
            why=wish.why,
            since=at,
            until=None,
            sound_since=sound,
            sound_until=None,
            state=PauseState.OPEN,
            silence=Silence.UNCHECKED,
            loudest=None,
        )
        self._open[channel] = pause
        self._counts[PauseState.OPEN] += 1
        self._to_be_checked(call, channel)
        self._book.keep(pause)
        due = self._clock.now() + self._seconds if wish.due_at is None else wish.due_at
        self._jobs.ask(RESUME_RECORDING, pause.id, at=due)

    def _end(self, channel: ChannelId, at: float, sound: float | None, state: PauseState) -> None:
        pause = self._open.pop(channel, None)
        if pause is None:
            return
        self._counts[PauseState.OPEN] -= 1
        self._counts[state] += 1
        self._book.keep(ended(pause, max(at, pause.since), sound, state))
        if pause.id not in self._overdue:
            self._jobs.drop(RESUME_RECORDING, pause.id)

    def _to_be_checked(self, *ids: str) -> None:
        self._unchecked |= dict.fromkeys(ids)
        while len(self._unchecked) > _REMEMBERED:
            del self._unchecked[next(iter(self._unchecked))]

    def is_to_be_checked(self, *ids: str) -> bool:
        """Whether one of these, a call or a leg, was paused lately."""
        return any(one in self._unchecked for one in ids)

    def _heard(self, channel: ChannelId) -> None:
        told = self._told.get(channel)
        if told is not None:
            told.set()

    def judged(self, pause: Pause) -> None:
        """A file was listened to."""
        self._counts[pause.silence] += 1
        if pause.silence is Silence.NOT_SILENT:
            self._alert("not_silent", pause)

    def counts(self) -> Mapping[str, int]:
        """Pauses by where they stand, and by what their files said."""
        heard = [one for one in Silence if one is not Silence.UNCHECKED]
        return {one.value: self._counts[one] for one in (*PauseState, *heard)}


async def _soon(told: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(CONFIRM_SECONDS):
            await told.wait()
    except TimeoutError:
        return

"""How calls ended: given by agents, owed until given, told to the switch's ledger as well."""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import tzinfo

from cti.domain import events
from cti.domain.access import User
from cti.domain.desk_states import NONE_GIVEN, DeskStates
from cti.domain.dispositions import Disposition, may_give, next_version
from cti.domain.errors import SwitchError, Unknown
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName
from cti.domain.intervals import DAY, midnight
from cti.domain.jobs import Job
from cti.domain.records import SegmentRecord
from cti.ports import Clock, Dispositions, Jobs, Switch

log = logging.getLogger(__name__)

SETTLE_DISPOSITION = "settle_disposition"
"""The kind of job that records that none was given, when after-call work is over."""
TELL_LEDGER = "tell_ledger"
"""The kind of job that writes dispositions into the switch's ledger."""
LEDGER_EVENT = "DISPOSITION"
LOOK_SECONDS = 2.0
AWAY_SECONDS = 10.0

GRACE = 2.0
"""Seconds after the end of after-call work in which a disposition may still be on its way."""
OWED_DAYS = 14
"""How far back an agent's list of calls to complete goes."""
_AT_ONCE = 100


class DispositionDesk:
    """One for all switches."""

    def __init__(
        self,
        policy: DeskStates,
        store: Dispositions,
        jobs: Jobs,
        clock: Clock,
        zone: tzinfo,
        live: Callable[[CallId], Sequence[SegmentRecord]],
        longest_seconds: float,
        must_reach: Callable[[User, Collection[str]], None],
        warn: Callable[[AgentId], None],
    ) -> None:
        """`live`: the segments of a call that is not kept yet. `longest_seconds`: of after-call work, extensions included.

        `must_reach` raises Unknown when none of these agents is the user's. `warn` says that an agent owes one more.
        """
        self._must_reach, self._warn = must_reach, warn
        self._policy, self._store, self._jobs = policy, store, jobs
        self._clock, self._zone, self._live, self._longest = clock, zone, live, longest_seconds
        self.switches: Mapping[PbxName, Switch] = {}
        self.given: Counter[tuple[str, str]] = Counter()  # by queue and code

    # reactions

    def segment_ended(self, event: events.SegmentEnded) -> None:
        """The agent left a customer: a required disposition is owed from now on, whatever dies."""
        segment = event.segment
        if segment.queue is not None and segment.ended_at is not None:
            self._owe(
                segment.call, segment.channel, segment.agent, segment.queue, segment.ended_at, self._longest
            )

    def wrap_up_ended(self, event: events.WrapUpEnded) -> None:
        """After-call work is over sooner than it might have been."""
        if event.queue is not None:
            ended_at = event.at - event.seconds
            self._owe(event.call, event.channel, event.agent, event.queue, ended_at, 0.0)

    def _owe(
        self, call: CallId, channel: ChannelId, agent: AgentId, queue: QueueName, ended_at: float, wait: float
    ) -> None:
        if not self._policy.ending(queue).required:
            return
        subject = f"{call} {channel}"
        said = {"agent": str(agent), "queue": str(queue), "ended_at": repr(ended_at)}
        self._jobs.drop(SETTLE_DISPOSITION, subject)
        self._jobs.ask(SETTLE_DISPOSITION, subject, said, at=self._clock.now() + wait + GRACE)

    # jobs

    async def settle(self, job: Job) -> None:
        """Record that none was given, if none was."""
        call, channel = job.subject.split(" ", 1)
        said = job.payload
        none = Disposition(
            CallId(call), ChannelId(channel), 1, AgentId(said["agent"]), QueueName(said["queue"]),
            float(said["ended_at"]), NONE_GIVEN, "", self._clock.now(), "",
        )  # fmt: skip
        if await self._store.newest(none.call, none.channel) is None and await self._store.add(none):
            self.given[none.queue, NONE_GIVEN] += 1
            self._warn(none.agent)

    async def tell_ledger(self, _: Job) -> float | None:
        """Write what each switch's ledger lacks. One that is away is waited for, and keeps nobody else waiting."""
        away = 0
        for pbx, switch in self.switches.items():
            try:
                await self._tell_all(pbx, switch)
            except SwitchError as refusal:
                away += 1
                log.warning("dispositions wait to be written to the ledger of %s: %s", pbx, refusal)
        return self._clock.now() + AWAY_SECONDS if away else None

    async def _tell_all(self, pbx: PbxName, switch: Switch) -> None:
        """What is written is not written again."""
        for given in await self._store.untold(pbx, _AT_ONCE):
            number = ChannelId(given.call.rpartition(":")[2])
            message = f"{given.code}|{given.version}"
            await switch.write_ledger(given.queue, LEDGER_EVENT, number, str(given.agent), message)
            await self._store.told(given)

    # what people do

    async def give(
        self, user: User, call: CallId, channel: ChannelId, code: str, note: str, seen: int
    ) -> Disposition:
        """Raises Unknown, NotAllowed, QuestionRefused or NotPossibleNow."""
        segment = next((one for one in self._live(call) if one.channel == channel), None)
        segment = segment or await self._store.segment(call, channel)
        if segment is None or segment.queue is None:
            raise Unknown("There is no conversation of a queue under this number.")
        self._must_reach(user, {segment.agent})
        now = self._clock.now()
        ended_at = segment.ended_at or now
        known = await self._store.newest(call, channel)
        owed = known is not None and known.code == NONE_GIVEN
        may_give(user, segment.agent, ended_at, midnight(now, self._zone), owed=owed)
        self._policy.ending(segment.queue).check(code, note)
        version = next_version(known, seen)
        given = Disposition(
            call,
            channel,
            version,
            segment.agent,
            segment.queue,
            ended_at,
            code,
            note.strip(),
            now,
            user.login,
        )
        if not await self._store.add(given):
            next_version(given, seen)  # somebody was quicker
        self._jobs.drop(SETTLE_DISPOSITION, f"{call} {channel}")
        self.given[given.queue, code] += 1
        return given

    async def of_call(self, user: User, call: CallId) -> Sequence[Disposition]:
        """Raises Unknown."""
        found = await self._store.of_call(call)
        self._must_reach(user, {one.agent for one in found})
        return found

    async def owed(self, agent: AgentId) -> Sequence[Disposition]:
        """Calls this agent should still complete."""
        since = self._clock.now() - OWED_DAYS * DAY
        return await self._store.of_agent(agent, since, NONE_GIVEN)

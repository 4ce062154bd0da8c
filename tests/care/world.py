"""A desk on a real database, a floor and a clock that do what a test says."""

from pathlib import Path
from zoneinfo import ZoneInfo

from care.adapters.policy_file import parse
from care.adapters.store import SqlCare
from care.domain.callback import Conversation, Progress
from care.domain.hours import OpeningHours
from care.domain.turn import FreeAgent, Standing
from care.ports import Waiting
from care.service.attempts import Attempts
from care.service.callbacks import CallbackDesk, Wish
from care.service.news import CareNews
from care.service.rescues import RescueDesk
from cti.domain.access import Role, User
from cti.domain.dialling import Goal, Refusal
from cti.domain.events import VisitEnded
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, PhoneNumber, QueueName, Tier
from cti.domain.records import Outcome, VisitRecord

NOW = 1_800_000_000.0
ALWAYS = OpeningHours(ZoneInfo("Asia/Shanghai"))
PBX, SUPPORT = PbxName("pbx"), QueueName("support")
SHIPPED = Path(__file__).parents[2] / "config" / "policies" / "callbacks.yaml"
ANN = User("1", "ann", "Ann", Role.AGENT, AgentId("101"), "en")
BEN = User("2", "ben", "Ben", Role.AGENT, AgentId("102"), "en")
CHIEF = User("3", "cho", "Cho", Role.SUPERVISOR, None, "en")


def policy(**changes):
    return parse(SHIPPED.read_bytes(), "callbacks.yaml", lambda queue: ALWAYS)._replace(**changes)


class Floor:
    """What a test sets is what the switch shows."""

    def __init__(self):
        self.lines, self.agents, self.callers, self.seen = {}, [], [], {}
        self.made, self.withdrawn, self.places, self.fault = [], [], [], None
        self.talking, self.gone = set(), set()

    def line(self, pbx, queue):
        return self.lines.get((pbx, queue), ())

    def free(self):
        return self.agents

    def ready(self, *names):
        self.agents = [FreeAgent(PBX, AgentId(name), NOW, {SUPPORT: 0}) for name in names]

    def queue_of(self, queue):
        return PBX if queue == SUPPORT else None

    def waiting(self):
        return self.callers

    async def progress(self, call):
        return self.seen.get(call)

    async def make(self, attempt):
        self.made.append(attempt)
        if self.fault is not None:
            raise self.fault

    async def withdraw(self, one):
        if self.fault is not None:
            raise self.fault
        self.withdrawn.append(one.channel_name)

    def logged_on(self, agent):
        return agent not in self.gone

    def busy(self, pbx, agent):
        return agent in self.talking

    def engaged(self, number):
        return number in self.talking

    def keep_place(self, call, queue, priority):
        self.places.append((call, priority))


class World:
    def __init__(self, engine, **changes):
        self.time = NOW
        self.store, self.floor, self.policy = SqlCare(engine), Floor(), policy(**changes)
        self.told, self.past, self.never, self.credit = [], [], set(), 0
        self.begin()

    def begin(self):
        """A server begins: what another one knew is in the database or nowhere."""
        common = (self.store, self.policy, self.floor, self)
        ids = iter(f"c{number}" for number in range(100))
        self.desk = CallbackDesk(*common, self.identify, self.place, self, new_id=lambda: next(ids))
        self.rescues = RescueDesk(*common, self.identify, self, self)
        self.attempts = Attempts(self.desk, self.rescues, *common, self)
        self.news = CareNews(self.store, lambda pbx, change: self.told.append(change), self.flush)

    def now(self):
        return self.time

    def normalise(self, text):
        return PhoneNumber(text) if text and text.startswith("+") else None

    def goal(self, number):
        refused = number.startswith("+99") or number in self.never
        return Refusal.ABROAD if refused else Goal(number.lstrip("+"), number)

    async def identify(self, number):
        return None, None, Tier.GOLD

    def place(self, queue, tier, joined_at):
        return int(2_000_000_000 - (joined_at - NOW)) + self.credit

    async def flush(self):
        pass

    async def ended(self, since, until):
        return self.past

    async def ask(self, number="+8613800000001", **more):
        return await self.desk.ask(Wish(SUPPORT, number, "key", **more))

    async def turn(self, seconds=1.0):
        self.time += seconds
        await self.attempts.turn()

    async def state(self, callback):
        return (await self.desk.get(callback.id)).state

    def shows(self, callback, *, lasts=True, rung=False, talk=None):
        """What the switch shows of the newest attempt's call."""
        attempt = self.floor.made[-1]
        spoken = None if talk is None else Conversation(attempt.agent, self.time - talk, talk)
        self.floor.seen[CallId(f"{PBX}:{attempt.channel}")] = Progress(lasts, rung, spoken)

    async def steps(self, callback):
        return [line.step for line in await self.store.story(callback.id)]

    async def answered(self, number="+8613800000001", call="pbx:9.9", **more):
        """A queue gave him an agent a moment ago."""
        self.gives_up(number, call, outcome=Outcome.ANSWERED, **more)
        await self.rescues.turn()

    def gives_up(self, number="+8613800000001", call="pbx:1.1", tier=Tier.GOLD, **more):
        self.rescues.visit_ended(VisitEnded(self.time, call, visit(self.time, number, call, tier, **more)))


def visit(at, number, call="pbx:1.1", tier=Tier.GOLD, outcome=Outcome.ABANDONED, waited=60.0):
    return VisitRecord(
        CallId(call), PBX, ChannelId(call.partition(":")[2]), 1, SUPPORT, tier, at - waited, 1, outcome, at, waited,
        None, None, None, at, "caller", number,
    )  # fmt: skip


def caller(number, call, joined_at, priority, tier=Tier.GOLD, since=None):
    return Waiting(
        PBX, SUPPORT, CallId(call), f"PJSIP/trunk-{call}", number, None, None, tier, joined_at, priority, None,
        joined_at if since is None else since,
    )  # fmt: skip


def standing(*priorities):
    return {(PBX, SUPPORT): [Standing(priority, NOW) for priority in priorities]}

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from cti.adapters.database import METADATA, connect
from cti.domain.access import Role, User
from cti.domain.identifiers import AgentId, CallId, ChannelId, QueueName, Tier
from qa.adapters.draw_store import SqlDraws
from qa.adapters.fairness_store import SqlFairness
from qa.adapters.review_store import SqlReviews
from qa.adapters.review_work import SqlReviewWork
from qa.adapters.scorecard_files import ScorecardFolder
from qa.domain.sampling import WorkRules
from qa.service.review_desk import ReviewDesk
from qa.service.work_desk import WorkDesk
from recordings.domain.events import RecordingStored
from recordings.domain.naming import RecordingId

T0 = 1_800_000_000.0
SHIPPED = Path(__file__).parents[2] / "config" / "policies" / "scorecards"


class SetClock:
    def __init__(self) -> None:
        self.time = T0

    def now(self) -> float:
        return self.time


class Recordings:
    def __init__(self) -> None:
        self.stored: list[RecordingStored] = []

    async def stored_since(self, since: float, limit: int = 1000) -> Sequence[RecordingStored]:
        return [event for event in sorted(self.stored, key=lambda e: e.at) if event.at >= since][:limit]


def stored(n: int = 1, at: float = T0, queue: str = "support", agent: str = "101") -> RecordingStored:
    return RecordingStored(
        at=at,
        recording=RecordingId(f"tierline:tierline-1800000000.{n}-1800000000"),
        call=CallId(f"tierline:tierline-1800000000.{n}"),
        visit_uniqueid=ChannelId(f"tierline-1800000000.{n}"),
        queue=QueueName(queue),
        agent=AgentId(agent),
        tier=Tier.GOLD,
        started_at=at - 60,
        duration_seconds=50.0,
        corrects=False,
    )


def user(login: str = "rita", role: Role = Role.REVIEWER, agent: str | None = None) -> User:
    return User(login, login, login.title(), role, None if agent is None else AgentId(agent), "zh")


class Stage:
    """A desk on a real database, with a clock that is set by hand."""

    def __init__(self, engine, cards: Path = SHIPPED, *, everything: bool = True) -> None:
        self.everything = everything
        self.clock, self.recordings, self.scores = SetClock(), Recordings(), []
        self.store, self.cards = SqlReviews(engine), cards
        self.draws, self.fairness, self.seen = SqlDraws(engine), SqlFairness(engine), SqlReviewWork(engine)
        self.reviewers = [user(), user("omar"), user("lead", Role.SUPERVISOR)]
        self.start()

    def start(self) -> None:
        """Begin, or begin again after the process was gone."""
        self.desk = ReviewDesk(
            self.store,
            ScorecardFolder(self.cards),
            self.recordings,
            self.clock,
            self.scores.append,
            claim_seconds=3600,
            everything=self.everything,
        )

        async def reviewers():
            return self.reviewers

        rules = WorkRules(assign=True, due_seconds=86_400.0, lease_seconds=3600.0, languages={})
        self.work = WorkDesk(
            self.desk, self.seen, self.fairness, reviewers, reviewers, lambda *_: False, rules, self.clock
        )

    async def laid_out(self, *events: RecordingStored) -> None:
        for event in events or (stored(),):
            self.desk.propose(event)
        await self.desk.turn()


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator:
    engine = connect(f"sqlite+aiosqlite:///{tmp_path / 'qa.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield engine
    await engine.dispose()


@pytest.fixture
async def stage(engine) -> Stage:
    return Stage(engine)


@pytest.fixture
def make():
    """Makers of stored recordings, users and stages."""

    class Makers:
        T0 = T0

    Makers.stored, Makers.user, Makers.stage = staticmethod(stored), staticmethod(user), Stage
    return Makers


@pytest.fixture(scope="session")
def card():
    return next(one for one in ScorecardFolder(SHIPPED).cards() if one.id == "service-call")

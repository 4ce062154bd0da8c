"""Scorecards written and published in the database that several servers share, on SQLite and on the real PostgreSQL."""

import asyncio
from pathlib import Path

import pytest

from config.schema import upgrade
from cti.adapters.database import connect
from cti.domain.access import Role, User
from cti.domain.identifiers import AgentId, CallId, ChannelId, QueueName, Tier
from qa.adapters.review_store import SqlReviews
from qa.adapters.schedule_store import SqlSchedules
from qa.adapters.scorecard_files import ScorecardFolder, YamlScorecards
from qa.adapters.scorecard_shelf import SqlScorecardShelf
from qa.domain.errors import (
    DraftMoved,
    DraftUnknown,
    NotPublishedHere,
    ScorecardRefused,
    ScorecardUnknown,
    VersionTaken,
    WholeHouseOnly,
)
from qa.domain.publishing import Publication
from qa.domain.report import Breakdown, ReportFilter
from qa.domain.report_schedule import Every, Format, Schedule
from qa.domain.review import ReviewSearch, review_of
from qa.domain.scorecard import ItemKind
from qa.domain.scoring import Answer
from qa.service.review_desk import ReviewDesk
from qa.service.scorecard_desk import ScorecardDesk
from recordings.domain.events import RecordingStored
from recordings.domain.naming import RecordingId

NOW = 1_800_000_000.0
GRACE = User("grace", "grace", "Grace", Role.SUPERVISOR, None, "en")
RITA = User("rita", "rita", "Rita", Role.REVIEWER, None, "en")
SHIPPED = Path("config/policies/scorecards")


class Clock:
    time = NOW

    def now(self):
        return self.time


class Nothing:
    async def stored_since(self, since, limit=500):
        return []


class Server:
    """One of several, each with its own folder of cards."""

    def __init__(self, engine, clock, folder=SHIPPED):
        self.store, self.clock = SqlReviews(engine), clock
        self.reviews = ReviewDesk(self.store, ScorecardFolder(folder), Nothing(), clock)
        self.cards = ScorecardDesk(
            SqlScorecardShelf(engine), self.store, self.reviews, YamlScorecards(), clock
        )

    async def review(self, number, queue="support"):
        event = RecordingStored(
            NOW, RecordingId(f"pbx:{number}-1"), CallId(f"pbx:{number}"), ChannelId(str(number)), QueueName(queue),
            AgentId("101"), Tier.GOLD, NOW - 60, 50.0, corrects=False,
        )  # fmt: skip
        self.reviews.propose(event)
        await self.reviews.turn()
        return await self.reviews.get(review_of(event.recording))


@pytest.fixture
async def engine(database_url):
    engine = connect(database_url)
    await upgrade(engine)
    yield engine
    await engine.dispose()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def server(engine, clock):
    one = Server(engine, clock)
    await one.reviews.open()
    return one


def stricter(card, mark=90):
    return card._replace(pass_mark=mark)


async def published(server, card, note="why"):
    draft = await server.cards.save(GRACE, card, 0)
    ready = await server.cards.ready(GRACE, card.id, draft.revision)
    return await server.cards.publish(GRACE, ready, draft.revision, note)


async def test_drafts_are_kept_with_their_faults_and_not_over_each_other(server):
    card = server.reviews.scorecard("service-call")
    half = card._replace(sections=card.sections[:1])
    first = await server.cards.save(GRACE, half, 0)
    assert (first.revision, first.author) == (1, "grace")
    assert [fault.place for fault in server.cards.faults(half)] == ["sections"]
    for stale in (0, 2):
        with pytest.raises(DraftMoved):
            await server.cards.save(RITA, card, stale)
    second = await server.cards.save(RITA, card, 1)
    assert await server.cards.draft(card.id) == second
    assert list(await server.cards.drafts()) == [second]
    await server.cards.drop(card.id)
    with pytest.raises(DraftUnknown):
        await server.cards.drop(card.id)
    with pytest.raises(ScorecardRefused):
        await server.cards.save(GRACE, card._replace(id="No Name"), 0)


async def test_a_draft_may_be_next_to_nothing(server):
    empty = server.reviews.scorecard("service-call")._replace(id="empty", sections=(), queues=None)
    draft = await server.cards.save(GRACE, empty, 0)
    assert (await server.cards.draft("empty")).card == empty
    with pytest.raises(ScorecardRefused, match="they must make 100"):
        await server.cards.ready(GRACE, "empty", draft.revision)


async def test_a_published_version_wins_and_old_reviews_keep_theirs(server):
    before = await server.review(1)
    told = await published(server, stricter(server.reviews.scorecard("service-call")), "stricter")
    assert (told.card.version, told.published_by, told.note) == (2, "grace", "stricter")
    after = await server.review(2)
    assert (before.scorecard_version, after.scorecard_version) == (1, 2)
    assert (
        server.reviews.scorecard("service-call", 1).pass_mark,
        server.reviews.scorecard("service-call").pass_mark,
    ) == (80, 90)
    versions = await server.cards.versions("service-call")
    assert [(one.card.version, serves) for one, serves in versions] == [(2, True), (1, False)]
    with pytest.raises(DraftUnknown):
        await server.cards.draft("service-call")
    with pytest.raises(ScorecardUnknown):
        await server.cards.versions("none")


async def test_two_servers_agree(engine, server, clock):
    other = Server(engine, clock)
    await other.reviews.open()
    await published(server, stricter(server.reviews.scorecard("service-call")))
    review = await server.review(1)
    # before the other has looked: it knows the very version of a review all the same
    good = {
        item.id: Answer("yes" if item.kind is ItemKind.YES_NO else 4)
        for item in other.reviews.scorecard("service-call").items()
    }
    await other.reviews.claim(review.id, RITA)
    scored = await other.reviews.score(review.id, RITA, good, "")
    assert (scored.scorecard_version, scored.score) == (2, 100.0)
    clock.time += 5
    third = Server(engine, clock)
    await third.reviews.turn()
    for one in (other, third):
        assert one.reviews.scorecard("service-call").pass_mark == 90
    await third.cards.withdraw(GRACE, "service-call")
    clock.time += 5
    await other.reviews.turn()
    assert other.reviews.scorecard("service-call").version == 1


async def test_one_of_two_who_publish_at_once(engine, server, clock):
    shelf, card = SqlScorecardShelf(engine), server.reviews.scorecard("service-call")
    draft = await server.cards.save(GRACE, stricter(card), 0)
    ready = await server.cards.ready(GRACE, card.id, draft.revision)
    tries = [shelf.publish(Publication(ready, NOW, name, ""), 1) for name in ("grace", "rita")]
    ended = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["DraftMoved", "NoneType"]
    again = await server.cards.save(GRACE, stricter(card, 95), 0)
    with pytest.raises(VersionTaken):
        await shelf.publish(Publication(ready, NOW, "rita", ""), again.revision)
    assert await server.cards.draft(card.id) == again, "nothing has happened"


async def test_what_may_not_be_published(server):
    card = server.reviews.scorecard("service-call")
    with pytest.raises(DraftUnknown):
        await server.cards.ready(GRACE, card.id, 1)
    draft = await server.cards.save(GRACE, card, 0)
    with pytest.raises(ScorecardRefused, match="the same as version 1"):
        await server.cards.ready(GRACE, card.id, draft.revision)
    with pytest.raises(DraftMoved):
        await server.cards.ready(GRACE, card.id, draft.revision + 1)
    with pytest.raises(WholeHouseOnly):
        await server.cards.ready(GRACE._replace(teams=frozenset({"east"})), card.id, draft.revision)
    rival = card._replace(id="rival", queues=frozenset({QueueName("sales")}))
    draft = await server.cards.save(GRACE, rival, 0)
    with pytest.raises(
        ScorecardRefused, match="queues: sales-call is the scorecard for the queue sales already"
    ):
        await server.cards.ready(GRACE, "rival", draft.revision)


async def test_withdrawn_here_and_not_what_comes_from_a_file(server):
    with pytest.raises(NotPublishedHere):
        await server.cards.withdraw(GRACE, "service-call")
    extra = server.reviews.scorecard("sales-call")._replace(id="vip", queues=frozenset({QueueName("vip")}))
    await published(server, extra)
    assert (await server.review(1, "vip")).scorecard == "vip"
    await server.cards.withdraw(GRACE, "vip")
    assert (await server.review(2, "vip")).scorecard == "service-call"
    kept = (await server.reviews.search(ReviewSearch(), 9, 0)).items
    assert {one.scorecard for one in kept} == {"vip", "service-call"}
    assert server.reviews.scorecard("vip", 1).queues == {"vip"}, "old reviews can still be shown"
    assert (await published(server, extra)).card.version == 2, "a version is never given twice"


async def test_a_file_that_comes_later_with_a_published_version(engine, server, clock, tmp_path, caplog):
    await published(server, stricter(server.reviews.scorecard("service-call")))
    for file in SHIPPED.glob("*.yaml"):
        text = file.read_text("utf-8")
        (tmp_path / file.name).write_text(
            text.replace("version: 1", "version: 2").replace("pass_mark: 80", "pass_mark: 60"), "utf-8"
        )
    upgraded = Server(engine, clock, tmp_path)
    await upgraded.reviews.open()
    assert upgraded.reviews.scorecard("service-call").pass_mark == 90, "reviews were made with it"
    assert upgraded.reviews.scorecard("sales-call").pass_mark == 60
    assert "passed over" in caplog.text


async def test_schedules(engine):
    store = SqlSchedules(engine)
    one = Schedule(
        "s", "周报", "u-1", Every.WEEK, 450, ("a@example.com", "b@example.com"), Format.PDF, "zh", Breakdown.TEAM,
        ReportFilter(queue="销售"), active=True, created_at=NOW,
    )  # fmt: skip
    await store.add(one)
    await store.note(
        one._replace(name="not this", sent_at=NOW, delivered=("1 a@example.com",), problem="later")
    )
    await store.change(one._replace(name="月报", every=Every.MONTH, active=False))
    assert list(await store.all()) == [
        one._replace(
            name="月报",
            every=Every.MONTH,
            active=False,
            sent_at=NOW,
            delivered=("1 a@example.com",),
            problem="later",
        )
    ]
    await store.remove(one.id)
    assert await store.get(one.id) is None

"""The desk on a real database."""

import asyncio
import itertools
from pathlib import Path

import pytest

from cti.adapters.database import METADATA, connect
from cti.domain.access import Role
from qa.adapters.review_store import SqlReviews
from qa.domain.errors import (
    AlreadyScored,
    AnswersRefused,
    ClaimedByAnother,
    NotClaimed,
    OwnCall,
    ReviewUnknown,
    ScorecardChanged,
)
from qa.domain.review import ReviewSearch, ReviewState, review_of
from qa.domain.scorecard import ItemKind
from qa.domain.scoring import Answer

ALL = ReviewSearch()


def counted(**some):
    return {state: some.get(state.value, 0) for state in ReviewState}


def good(card, **changes):
    answers = {i.id: Answer("yes" if i.kind is ItemKind.YES_NO else 4) for i in card.items()}
    return answers | changes


@pytest.fixture
async def review(stage, make):
    await stage.laid_out()
    (found,) = (await stage.desk.search(ALL, 10, 0)).items
    return found.id


async def test_a_stored_recording_becomes_one_open_review(stage, make, card):
    event = make.stored()
    await stage.laid_out(event, event)
    await stage.laid_out(event)
    page = await stage.desk.search(ALL, 10, 0)
    assert page.total == 1
    review = page.items[0]
    assert (review.state, review.recording, review.call, review.agent) == (
        "open",
        event.recording,
        event.call,
        "101",
    )
    assert (review.scorecard, review.scorecard_version) == (card.id, card.version)
    assert stage.desk.counts() == counted(open=1)
    assert await stage.desk.of_recordings([event.recording, "other"]) == {event.recording: review.id}


async def test_claim_score_and_read_back(stage, make, card, review):
    rita = make.user()
    claimed = await stage.desk.claim(review, rita)
    assert (claimed.state, claimed.reviewer, claimed.claimed_until) == ("claimed", "rita", make.T0 + 3600)
    stage.clock.time += 600
    answers = good(card, need=Answer(2, "想法 'quoted'", 12.5), privacy=Answer("no", "told a stranger"))
    after = await stage.desk.score(review, rita, answers, "总评")
    # resolution 40·(10·2/4 + 20 + 10)/40 = 35, the rest whole
    assert (after.state, after.score, after.result) == ("scored", 95.0, "fail")
    assert after.critical_errors == ("compliance",)
    assert await stage.desk.get(review) == after
    kept = await stage.desk.evaluation(review)
    assert (kept.answers, kept.comment, kept.reviewer, kept.at) == (answers, "总评", "rita", make.T0 + 600)
    assert stage.scores == [kept.score]
    assert stage.desk.counts() == counted(scored=1)
    for refused in (
        stage.desk.score(review, rita, answers, ""),
        stage.desk.claim(review, rita),
        stage.desk.release(review, rita),
    ):
        with pytest.raises(AlreadyScored):
            await refused


async def test_only_who_holds_it(stage, make, card, review):
    rita, omar = make.user(), make.user("omar")
    with pytest.raises(NotClaimed):
        await stage.desk.score(review, rita, good(card), "")
    with pytest.raises(NotClaimed):
        await stage.desk.release(review, rita)
    await stage.desk.claim(review, rita)
    with pytest.raises(ClaimedByAnother):
        await stage.desk.claim(review, omar)
    with pytest.raises(NotClaimed):
        await stage.desk.score(review, omar, good(card), "")
    with pytest.raises(NotClaimed):
        await stage.desk.release(review, omar)
    await stage.desk.release(review, rita)
    assert (await stage.desk.claim(review, omar)).reviewer == "omar"
    assert stage.scores == []


async def test_claims_run_out(stage, make, card, review):
    rita, omar = make.user(), make.user("omar")
    await stage.desk.claim(review, rita)
    stage.clock.time += 3000
    assert (await stage.desk.claim(review, rita)).claimed_until == make.T0 + 6600  # renewed
    stage.clock.time += 3600
    assert (await stage.desk.get(review)).state is ReviewState.OPEN
    with pytest.raises(NotClaimed):
        await stage.desk.score(review, rita, good(card), "")
    assert (await stage.desk.claim(review, omar)).reviewer == "omar"
    stage.clock.time += 3601
    await stage.desk.turn()
    assert (await stage.desk.search(ReviewSearch(state=ReviewState.OPEN), 10, 0)).total == 1
    assert stage.desk.counts() == counted(open=1)


async def test_two_at_once_and_one_succeeds(stage, make, review, monkeypatch):
    get, all_have_read, reads = stage.store.get, asyncio.Barrier(3), itertools.count()

    async def read_together(id_):
        found = await get(id_)
        if next(reads) < 3:
            await all_have_read.wait()
        return found

    monkeypatch.setattr(stage.store, "get", read_together)
    results = await asyncio.gather(
        *(stage.desk.claim(review, make.user(name)) for name in ("rita", "omar", "li")),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == [
        "ClaimedByAnother",
        "ClaimedByAnother",
        "Review",
    ]
    assert stage.desk.counts()["claimed"] == 1


async def test_a_claim_renewed_in_the_same_moment_does_not_refuse_the_score(
    stage, make, card, review, monkeypatch
):
    rita, get, looks = make.user(), stage.store.get, itertools.count()
    await stage.desk.claim(review, rita)

    async def renewed_after_the_look(id_):
        found = await get(id_)
        if next(looks) == 1:  # the last one before it writes
            await stage.desk.renew(review, rita)
        return found

    monkeypatch.setattr(stage.store, "get", renewed_after_the_look)
    after = await stage.desk.score(review, rita, good(card), "")
    assert (after.state, after.score) == ("scored", 100.0)
    assert len(stage.scores) == 1
    assert stage.desk.counts() == counted(scored=1)


async def test_nobody_reviews_their_own_call(stage, make, review):
    with pytest.raises(OwnCall):
        await stage.desk.claim(review, make.user("ann", Role.SUPERVISOR, agent="101"))
    await stage.desk.claim(review, make.user("ann", Role.SUPERVISOR, agent="102"))


async def test_refused_answers_change_nothing(stage, make, card, review):
    await stage.desk.claim(review, make.user())
    for answers in (
        {},
        good(card, other=Answer("yes")),
        good(card, need=Answer("yes")),
        good(card, correct=Answer("no")),
    ):
        with pytest.raises(AnswersRefused):
            await stage.desk.score(review, make.user(), answers, "")
    assert (await stage.desk.get(review)).state is ReviewState.CLAIMED
    assert await stage.desk.evaluation(review) is None
    assert stage.scores == []


async def test_preview_saves_nothing_and_needs_no_claim(stage, make, card, review):
    found = await stage.desk.preview(review, {"need": Answer(2), "correct": Answer("no")})
    assert (found.score, found.result) == (50.0, "fail")
    assert len(found.unanswered) == len(list(card.items())) - 2
    assert (await stage.desk.get(review)).state is ReviewState.OPEN
    assert await stage.desk.evaluation(review) is None


async def test_lists(stage, make):
    await stage.laid_out(
        *(make.stored(n, make.T0 + n, ["support", "sales"][n % 2], f"10{n}") for n in range(5))
    )
    await stage.desk.claim(review_of(make.stored(3).recording), make.user())

    async def found(**asked):
        return [r.agent for r in (await stage.desk.search(ReviewSearch(**asked), 10, 0)).items]

    assert await found() == ["104", "103", "102", "101", "100"]
    assert await found(queue="sales") == ["103", "101"]
    assert await found(reviewer="rita") == ["103"]
    assert await found(state=ReviewState.OPEN, agent="102") == ["102"]
    page = await stage.desk.search(ALL, 2, 1)
    assert ([r.agent for r in page.items], page.total) == (["103", "102"], 5)
    for unknown in ("none", "a\0b"):
        with pytest.raises(ReviewUnknown):
            await stage.desk.get(unknown)


class TestRestart:
    async def test_counts_and_claims_are_kept(self, stage, make, review):
        await stage.desk.claim(review, make.user())
        stage.start()
        await stage.desk.turn()
        assert stage.desk.counts() == counted(claimed=1)

    async def test_recordings_nobody_told_of_are_laid_out(self, stage, make):
        await stage.laid_out(make.stored(0))
        stage.recordings.stored = [
            make.stored(n, make.T0 + min(n, 3)) for n in range(1300)
        ]  # most in one moment
        stage.start()
        await stage.desk.turn()
        await stage.desk.turn()
        assert (await stage.desk.search(ALL, 1, 0)).total == 1300
        assert stage.desk.counts()["open"] == 1300

    async def test_more_than_the_queue_holds_is_asked_for_again(self, stage, make):
        stage.desk._capacity = 2
        await stage.desk.turn()
        stage.recordings.stored = [make.stored(n) for n in range(9)]
        for event in stage.recordings.stored:
            stage.desk.propose(event)
        assert (stage.desk.backlog, stage.desk.lost) == (2, 7)
        await stage.desk.turn()
        assert stage.desk.counts()["open"] == 9

    async def test_run_survives_a_database_that_fails(self, stage, make, monkeypatch, caplog):
        add = stage.store.add
        calls = []

        async def flaky(reviews):
            calls.append(len(reviews))
            if len(calls) < 3:
                raise ConnectionError
            return await add(reviews)

        monkeypatch.setattr(stage.store, "add", flaky)
        stage.desk.propose(make.stored())
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(stage.desk.run(tick=0.02))
            async with asyncio.timeout(10):
                while not stage.desk.counts()["open"]:
                    await asyncio.sleep(0.01)
            running.cancel()
        assert stage.desk.failures == 2
        assert "1800000000" not in caplog.text


class TestVersions:
    @pytest.fixture
    def cards(self, tmp_path):
        folder = tmp_path / "cards"
        folder.mkdir()
        shipped = Path(__file__).parents[2] / "config" / "policies" / "scorecards" / "service-call.yaml"
        (folder / "one.yaml").write_text(shipped.read_text("utf-8"), "utf-8")
        return folder

    async def test_a_new_version_leaves_old_reviews_with_theirs(self, engine, make, cards, card):
        stage = make.stage(engine, cards)
        await stage.laid_out(make.stored(1))
        text = (cards / "one.yaml").read_text("utf-8")
        text = text.replace("weight: 40", "weight: 30").replace(
            "weight: 20\n    items", "weight: 30\n    items"
        )
        (cards / "one.yaml").write_text(text.replace("version: 1", "version: 2"), "utf-8")
        stage.start()
        await stage.laid_out(make.stored(2, make.T0 + 1))
        new, old = (await stage.desk.search(ALL, 9, 0)).items
        assert (old.scorecard_version, new.scorecard_version) == (1, 2)
        marks = []
        for review in (old, new):
            await stage.desk.claim(review.id, make.user())
            answers = good(card, need=Answer(0, "x"), solution=Answer(0, "x"), ownership=Answer("no", "x"))
            marks.append((await stage.desk.score(review.id, make.user(), answers, "")).score)
        assert marks == [60.0, 70.0]
        assert stage.desk.scorecard(card.id, 1) == card
        assert stage.desk.scorecard(card.id).version == 2

    async def test_a_version_in_use_may_not_change(self, engine, make, cards):
        stage = make.stage(engine, cards)
        await stage.laid_out()
        text = (cards / "one.yaml").read_text("utf-8")
        (cards / "one.yaml").write_text(text.replace("pass_mark: 80", "pass_mark: 70"), "utf-8")
        stage.start()
        with pytest.raises(ScorecardChanged, match=r"next version\. \(service-call, version 1\)"):
            await stage.desk.open()
        (cards / "one.yaml").write_text("# a comment is no change\n" + text, "utf-8")
        stage.start()
        await stage.desk.open()


class TestStore:
    """On SQLite and on PostgreSQL."""

    @pytest.fixture
    async def engine(self, database_url):
        engine = connect(database_url)
        async with engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        yield engine
        await engine.dispose()

    async def test_the_whole_way(self, engine, make, card):
        stage = make.stage(engine)
        await stage.laid_out(make.stored(1), make.stored(2))
        review = review_of(make.stored(1).recording)
        await stage.desk.claim(review, make.user())
        answers = good(card, need=Answer("na"), closing=None)
        del answers["closing"]
        after = await stage.desk.score(review, make.user(), answers, "好")
        assert await stage.desk.get(review) == after
        assert (await stage.desk.evaluation(review)).answers == answers
        assert not await SqlReviews(engine).replace(after)  # a revision is written once
        stage.start()
        await stage.desk.open()
        assert stage.desk.counts() == counted(open=1, scored=1)
        assert card in [one.card for one in await stage.store.publications()]
        assert await stage.store.newest() == make.T0

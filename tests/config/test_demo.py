"""What the demo is furnished with."""

import csv
import time

from care.adapters.last_satisfaction import SqlSatisfaction
from config.demo import answers, callers, furnish
from config.demo_staff import SESSIONS, Staff, people_of
from config.running import running
from cti.domain.identifiers import AgentId, CallId, ChannelId, QueueName, Tier
from qa.domain.review import Purpose, ReviewSearch, ReviewState
from recordings.domain.events import RecordingStored
from recordings.domain.naming import RecordingId
from tests.config.house import open_house, sampled, settings, until


async def test_the_demos_customers_have_said_lately_how_content_they_were(tmp_path):
    async with open_house(tmp_path) as house:
        file = answers(tmp_path, time.time())
        with file.open(encoding="utf-8", newline="") as rows:
            said = [row["number"] for row in csv.DictReader(rows)]
        report = await house.care.surveys.import_file(file)
        assert (report.new, report.known) == (len(said), 0)
        assert set(said) <= {number for number, _ in callers()}
        for number in said:
            assert await SqlSatisfaction(house.engine, house.clock).last([number]) is not None


async def test_in_a_demo_calls_are_judged_disputed_compared_and_coached(tmp_path, caplog):
    given = {"policies": sampled(tmp_path, "  share: 0.25", "  share: 1")}
    async with running(settings(tmp_path, **given)) as house:
        await furnish(house)
        await furnish(house)  # as at the next start
        staff, now = Staff(house, await people_of(house), seed=7), house.clock.now()
        for n in range(120):  # many, for who is given which to score, and who minds, depends on the day
            agent = AgentId(str(102 + n % 7))
            house.bus.publish(
                RecordingStored(
                    now, RecordingId(f"pbx1:{n}-1"), CallId(f"pbx1:{n}"), ChannelId(str(n)), QueueName("support"),
                    agent, Tier.GOLD, now - 300 + n, 50.0, corrects=False,
                )
            )  # fmt: skip
        await until(lambda: house.review_desk.backlog == 0, 30)
        for _ in range(5 * SESSIONS + 20):
            await house.quality.turn(None)
            await staff.turn()
        reviews, quality = house.quality.reviews, house.quality
        scored = await reviews.search(ReviewSearch(state=ReviewState.SCORED, purpose=Purpose.SCORE), 100, 0)
        assert scored.total > 60  # a third is a visitor's to score
        assert len({review.score for review in scored.items}) > 5
        report = await quality.calibrations.agreement(None, None)
        assert report.calls >= SESSIONS - 1
        assert {"unclear", "reliable"} <= {one.verdict for one in report.questions}
        disputes = await quality.disputes.page(None, None, 50, 0)
        assert {one.outcome for one in disputes.items} >= {None}
        assert any(one.outcome is not None for one in disputes.items)
        assert (await quality.coaching.page(None, 50, 0, only_open=False)).total > 0
        assert (await house.keeping.holds.page(10, 0))[1] == 1
    assert "demo:" not in caplog.text

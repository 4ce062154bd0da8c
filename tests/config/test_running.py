"""The order in which an installation comes to life."""

import pytest

from config import running
from cti.domain.errors import AnotherServer
from cti.domain.events import CallerRecognised
from cti.domain.identifiers import ChannelId, QueueName, Tier
from routing.domain.decision import Question
from tests.config.house import open_house, until


async def test_routing_answers_before_all_that_was_is_known_and_is_heard_of_afterwards(tmp_path, monkeypatch):
    recover, seen, heard = running.recover, [], []

    async def asked_meanwhile(house, branch):
        branch.bus.connect({CallerRecognised: [heard.append]})
        question = Question(ChannelId("a.1"), "PJSIP/trunk-1", QueueName("support"), "+15550100", None)
        decision = await branch.router.decide(question)
        seen.append((decision.tier, branch.journal.position, branch.bookkeeper.number, list(heard)))
        await recover(house, branch)

    monkeypatch.setattr(running, "recover", asked_meanwhile)
    async with open_house(tmp_path):
        [(tier, *untouched)] = seen
        assert tier is not None
        assert untouched == [0, 0, []]  # neither journal nor books nor anybody else has heard of it
        [recognised] = heard
        assert recognised.call == "pbx1:a.1"


async def test_calls_are_repaired_by_the_policy_that_is_live_not_by_the_file(tmp_path):
    async with open_house(tmp_path) as house:
        desk, reconciler = house.policy_desk, house.first.reconciler
        assert (await reconciler._introduce([]))[""].tier is Tier.IRON
        file = (await desk.version(desk.live)).text
        kept = await desk.keep("Ann", "", file.replace("unknown_tier: iron", "unknown_tier: lead"))
        await desk.go_live(kept.number)
        assert (await reconciler._introduce([]))[""].tier is Tier.LEAD


async def test_a_part_that_fails_begins_again_and_ends_nobody(monkeypatch, caplog):
    monkeypatch.setattr(running, "FIRST_PAUSE", 0.0)
    begun = []

    async def publishing():
        begun.append(1)
        if len(begun) < 3:
            raise OSError("database is locked")

    await running._kept_up(publishing)
    assert len(begun) == 3
    assert caplog.text.count("publishing failed; it begins again") == 2


async def test_a_server_that_another_took_over_from_ends():
    async def keeping():
        raise AnotherServer

    with pytest.raises(AnotherServer):
        await running._kept_up(keeping)


async def test_every_part_has_a_name_for_the_log(tmp_path, monkeypatch):
    names, kept_up = [], running._kept_up

    async def named(work):
        names.append(running._name(work))
        await kept_up(work)

    monkeypatch.setattr(running, "_kept_up", named)
    async with open_house(tmp_path):
        await until(lambda: {"JobDesk.run", "prune", "_tell_the_floor", "_keep_checkpoints"} <= {*names}, 30)
    assert [name for name in names if "<" in name or " " in name] == []

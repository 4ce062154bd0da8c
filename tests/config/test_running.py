"""The order in which an installation comes to life."""

from config import running
from cti.domain.events import CallerRecognised
from cti.domain.identifiers import ChannelId, QueueName
from routing.domain.decision import Question
from tests.config.house import open_house


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

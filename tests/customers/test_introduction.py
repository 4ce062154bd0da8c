"""What pops show of a caller: at once what is known, the rest into the open pop."""

import asyncio

from cti.domain.events import CallCleared, CallerRecognised, CallQueued
from cti.domain.identifiers import AgentId, CallId, ChannelId, CustomerId, PhoneNumber, QueueName, Tier
from customers.domain.customer import Contact, Customer
from customers.domain.errors import UnknownCustomer
from customers.service.introduction import Introduction

CALL = CallId("pbx1:a.1")
PETRA = Customer(
    CustomerId("c-1"), "Petra", "Northgate", Tier.PLATINUM, "import", (PhoneNumber("+12025550101"),), "en",
    AgentId("101"), "calls on Mondays", "top 5 %", 0.0,
)  # fmt: skip
CONTACT = Contact(10.0, "pbx1:a.0", "support", AgentId("102"), "answered", 60.0)


class Desk:
    """A customers' desk that knows Petra, and counts how often it is asked."""

    def __init__(self):
        self.asked, self.numbers = 0, []

    async def get(self, customer):
        self.asked += 1
        if customer != PETRA.id:
            raise UnknownCustomer
        return PETRA

    async def last_contacts(self, customer, number, limit=5):
        self.numbers.append(number)
        return [CONTACT]


class Stage:
    def __init__(self):
        self.desk, self.refreshed, self.tasks = Desk(), [], []
        self.introduction = Introduction(
            self.desk,
            lambda call: {"en": "First in line.", "zh": "排在首位。"},
            self._spawn,
            self.refreshed.append,
        )

    def _spawn(self, work):
        self.tasks.append(asyncio.ensure_future(work))

    async def settle(self):
        await asyncio.gather(*self.tasks)

    def recognise(self, customer=PETRA.id, tier=Tier.PLATINUM):
        self.introduction.recognised(CallerRecognised(1.0, CALL, customer, "Petra", tier, "import"))


def queued(number="+12025550101"):
    return CallQueued(1.0, CALL, ChannelId("a.1"), "PJSIP/trunk-1", QueueName("support"), 1, number, None)


async def test_the_name_and_tier_at_once_the_rest_when_it_comes():
    stage = Stage()
    stage.recognise()
    early = stage.introduction.describe(CALL)
    assert (early.name, early.tier, early.details) == ("Petra", Tier.PLATINUM, None)
    await stage.settle()
    late = stage.introduction.describe(CALL)
    assert late.details["company"] == "Northgate"
    assert late.contacts == [CONTACT._asdict()]
    assert late.position_note["zh"] == "排在首位。"
    assert stage.refreshed == [CALL]


async def test_recognised_twice_is_asked_once_and_loses_nothing():
    stage = Stage()
    stage.recognise()
    stage.recognise()
    await stage.settle()
    assert stage.desk.asked == 1
    assert stage.introduction.describe(CALL).details["note"] == "calls on Mondays"


async def test_a_stranger_has_earlier_calls_by_the_number():
    stage = Stage()
    stage.introduction.queued(queued("+15550199"))
    stage.recognise(customer=None, tier=Tier.IRON)
    await stage.settle()
    assert stage.desk.numbers == ["+15550199"]
    assert stage.introduction.describe(CALL).contacts == [CONTACT._asdict()]


async def test_a_history_that_cannot_be_read_leaves_the_pop_as_it_is(caplog):
    stage = Stage()
    stage.recognise(customer=CustomerId("gone"))
    await stage.settle()
    assert stage.refreshed == []
    assert stage.introduction.describe(CALL).name == "Petra"


async def test_a_cleared_call_is_forgotten():
    stage = Stage()
    stage.recognise()
    stage.introduction.cleared(CallCleared(2.0, CALL, None))
    await stage.settle()
    assert stage.refreshed == []
    assert stage.introduction.describe(CALL).tier is None

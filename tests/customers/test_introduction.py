"""What pops show of a caller: at once what is known, the rest into the open pop."""

import asyncio

from cti.domain.events import CallCleared, CallDelivered, CallerRecognised, CallQueued
from cti.domain.identifiers import AgentId, CallId, ChannelId, CustomerId, PhoneNumber, QueueName, Tier
from customers.domain.customer import Contact, Customer, Matter, Satisfaction, TierChange
from customers.domain.errors import UnknownCustomer
from customers.service.introduction import Introduction

CALL = CallId("pbx1:a.1")
PETRA = Customer(
    CustomerId("c-1"), "Petra", "Northgate", Tier.PLATINUM, "import", (PhoneNumber("+12025550101"),), "en",
    AgentId("101"), "calls on Mondays", "top 5 %", 0.0,
)  # fmt: skip
MATTER = Matter("callback", "cb-1", "support", 400.0, "wants an invoice")
SAID = Satisfaction(2, 5, True, 90.0, "Nobody called me back.")
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

    async def lookup(self, number):
        if number == "lost":
            raise OSError("the database is gone")
        return PETRA if number in PETRA.numbers else None

    async def tier_change(self, customer):
        return TierChange(5.0, customer, Tier.GOLD, Tier.PLATINUM, "two years of orders", "maria")

    def normalise(self, number):
        return number

    async def last_contacts(self, customer, number, limit=5):
        self.numbers.append(number)
        return [CONTACT]


class Stage:
    def __init__(self):
        self.desk, self.refreshed, self.tasks, self.owed = Desk(), [], [], []
        self.published, self.asked_of = [], []
        self.introduction = Introduction(self.desk, self, self, self, self._spawn)

    def why_first(self, call):
        return {"en": "First in line.", "zh": "排在首位。"}

    def promised_at(self, call):
        return 90.0

    def dialled(self, call):
        return "+12025550000"

    def recognised(self, call, customer):
        self.published.append((call, customer.id))

    def refresh(self, call):
        self.refreshed.append(call)

    async def open(self, customer, numbers):
        self.owed.append((customer, numbers))
        return [MATTER]

    async def last(self, numbers):
        self.asked_of.append(numbers)
        return SAID if PETRA.numbers[0] in numbers else None

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
    assert early.satisfaction is None
    await stage.settle()
    late = stage.introduction.describe(CALL)
    assert late.details["company"] == "Northgate"
    assert late.contacts == [CONTACT._asdict()]
    assert late.position_note["zh"] == "排在首位。"
    assert late.tier_reason == {"at": 5.0, "reason": "two years of orders"}
    assert (late.promised_at, late.dialled) == (90.0, "+12025550000")
    assert late.matters == [MATTER._asdict()]
    assert stage.owed == [(PETRA.id, ["+12025550101"])]
    assert late.satisfaction == SAID._asdict()
    assert stage.asked_of == [["+12025550101"]]
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
    assert stage.desk.numbers == stage.asked_of[0] == ["+15550199"]
    profile = stage.introduction.describe(CALL)
    assert (profile.contacts, profile.satisfaction) == ([CONTACT._asdict()], None)


async def test_a_stranger_is_decided_for_before_he_stands_in_line():
    """The switch asks for his place first, and tells his number to everybody with the line."""
    stage = Stage()
    stage.recognise(customer=None, tier=Tier.IRON)
    await stage.settle()
    early = stage.introduction.describe(CALL)
    assert (early.known, early.contacts) == (True, None)
    stage.introduction.queued(queued("+15550199"))
    stage.recognise(customer=None, tier=Tier.IRON)
    await stage.settle()
    assert stage.desk.numbers == ["+15550199"]
    assert stage.introduction.describe(CALL).contacts == [CONTACT._asdict()]
    assert stage.refreshed == [CALL]


async def test_before_anybody_is_recognised_nothing_is_said_of_him():
    unknown = Stage().introduction.describe(CALL)
    assert (unknown.known, unknown.contacts) == (False, None)


async def test_a_history_that_cannot_be_read_is_said_to_be_so(caplog):
    stage = Stage()
    stage.recognise(customer=CustomerId("gone"))
    await stage.settle()
    profile = stage.introduction.describe(CALL)
    assert (profile.name, profile.contacts, profile.unreadable) == ("Petra", None, True)
    assert stage.refreshed == [CALL]


async def test_a_cleared_call_is_forgotten():
    stage = Stage()
    stage.recognise()
    stage.introduction.cleared(CallCleared(2.0, CALL, None))
    await stage.settle()
    assert stage.refreshed == []
    assert stage.introduction.describe(CALL).tier is None


def rings(number, queue=None):
    return CallDelivered(2.0, CALL, AgentId("101"), ChannelId("b.1"), queue, None, number, None, None)


async def test_a_customer_who_rings_an_agent_directly_is_recognised_for_everybody():
    """Nobody routed the call, so nobody has looked him up."""
    stage = Stage()
    stage.introduction.delivered(rings("+12025550101"))
    await stage.settle()
    assert stage.published == [(CALL, PETRA.id)]


async def test_a_stranger_who_rings_an_agent_directly_is_known_to_be_one():
    stage = Stage()
    stage.introduction.delivered(rings("+15550199"))
    await stage.settle()
    profile = stage.introduction.describe(CALL)
    assert (stage.published, profile.known, profile.customer) == ([], True, None)
    assert profile.contacts == [CONTACT._asdict()]


async def test_who_was_recognised_or_stands_in_a_line_is_not_looked_up_again():
    stage = Stage()
    stage.introduction.delivered(rings("+12025550101", QueueName("support")))
    stage.recognise()
    stage.introduction.delivered(rings("+12025550101"))
    await stage.settle()
    assert stage.published == []


async def test_a_direct_caller_who_cannot_be_looked_up_is_not_called_new(caplog):
    stage = Stage()
    stage.introduction.delivered(rings("lost"))
    await stage.settle()
    profile = stage.introduction.describe(CALL)
    assert (profile.known, profile.unreadable, stage.refreshed) == (True, True, [CALL])


async def test_who_hung_up_while_he_was_looked_up_leaves_nothing_behind():
    stage = Stage()
    stage.introduction.delivered(rings("+12025550101"))
    stage.introduction.cleared(CallCleared(2.0, CALL, None))
    await stage.settle()
    assert stage.published == []
    assert stage.introduction.describe(CALL).known is False

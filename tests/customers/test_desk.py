import asyncio

import pytest

from cti.domain.identifiers import CustomerId, Tier
from customers.adapters.csv_file import CsvFiles
from customers.adapters.numbering import NumberingPlan
from customers.domain.errors import FieldRefused, NumberTaken, UnknownCustomer
from customers.service.desk import CustomerDesk, CustomerFields

ANN = CustomerFields(name="Ann", tier=Tier.GOLD, numbers=("13800000001",))


async def test_added_found_changed(desk, clock):
    ann = await desk.add(ANN, "admin", "new contract")
    assert await desk.get(ann.id) == ann == await desk.lookup("+86 138 0000 0001")
    clock.time += 5
    changed = await desk.change(ann.id, CustomerFields(tier=Tier.PLATINUM, owner="101"), "boss", "grown")
    assert await desk.lookup("13800000001") == changed
    assert (changed.tier, changed.tier_source, changed.owner, changed.name) == (
        Tier.PLATINUM,
        "manual",
        "101",
        "Ann",
    )
    history = [line.tier_change for line in await desk.timeline(ann.id) if line.tier_change]
    assert [(c.at, c.from_tier, c.to_tier, c.reason, c.actor) for c in history] == [
        (1_800_000_005.0, Tier.GOLD, Tier.PLATINUM, "grown", "boss"),
        (1_800_000_000.0, None, Tier.GOLD, "new contract", "admin"),
    ]


async def test_what_is_refused_changes_nothing(desk):
    ann = await desk.add(ANN, "admin")
    bob = await desk.add(CustomerFields(name="Bob", numbers=("13800000002",)), "admin")
    with pytest.raises(NumberTaken):
        await desk.change(bob.id, CustomerFields(numbers=("+8613800000001",)), "admin", "")
    with pytest.raises(FieldRefused, match="reason"):
        await desk.change(bob.id, CustomerFields(tier=Tier.LEAD), "admin", " ")
    with pytest.raises(FieldRefused, match="numbers"):
        await desk.change(bob.id, CustomerFields(numbers=("hello",)), "admin", "")
    with pytest.raises(FieldRefused, match="name"):
        await desk.add(CustomerFields(numbers=("13800000003",)), "admin")
    with pytest.raises(FieldRefused, match="control"):
        await desk.change(bob.id, CustomerFields(name="Bob\r\nAction: Logoff"), "admin", "")
    with pytest.raises(UnknownCustomer):
        await desk.get(CustomerId("nobody"))
    assert await desk.get(ann.id) == ann
    assert await desk.get(bob.id) == bob


async def test_the_store_itself_refuses_a_second_holder(desk, store):
    ann = await desk.add(ANN, "admin")
    with pytest.raises(NumberTaken):
        await store.save([ann._replace(id=CustomerId("other"))], [])
    assert (await store.by_id(CustomerId("other"))) is None


async def test_a_known_number_needs_no_disk(desk, store, monkeypatch, clock):
    ann = await desk.add(ANN, "admin")
    assert desk.remembered("13800000001") is None
    await desk.lookup("13800000001")
    await desk.lookup("13800000009")
    monkeypatch.setattr(store, "by_number", None)
    assert desk.remembered("013800000001").customer == ann
    assert await desk.lookup("+8613800000001") == ann
    assert desk.remembered("13800000009").customer is None  # that nobody is there is known too
    assert desk.remembered("anonymous").customer is None
    clock.time += 61
    assert desk.remembered("13800000001") is None


async def test_a_dead_database_leaves_what_was_known(desk, store, monkeypatch, clock, caplog):
    ann = await desk.add(ANN, "admin")
    await desk.lookup("13800000001")
    clock.time += 3600

    async def dead(number):
        raise OSError(f"disk gone, looking for {number}")

    monkeypatch.setattr(store, "by_number", dead)
    assert await desk.lookup("13800000001") == ann
    with pytest.raises(OSError, match="disk gone"):
        await desk.lookup("13800000002")
    assert "13800000001" not in caplog.text
    assert "Ann" not in caplog.text


async def test_a_lookup_overtaken_by_a_change_is_not_remembered(desk, store, monkeypatch):
    ann = await desk.add(ANN, "admin")
    read, go = asyncio.Event(), asyncio.Event()
    by_number = store.by_number

    async def slow(number):
        found = await by_number(number)
        read.set()
        await go.wait()
        return found

    monkeypatch.setattr(store, "by_number", slow)
    async with asyncio.TaskGroup() as group:
        old = group.create_task(desk.lookup("13800000001"))
        await read.wait()
        await desk.change(ann.id, CustomerFields(tier=Tier.LEAD), "boss", "why")
        go.set()
    assert old.result().tier is Tier.GOLD
    assert desk.remembered("13800000001") is None
    assert (await desk.lookup("13800000001")).tier is Tier.LEAD


async def test_memory_stays_bounded(store, calls, clock, monkeypatch):
    desk = CustomerDesk(store, NumberingPlan("CN"), calls, CsvFiles(), clock, remembered=50)
    monkeypatch.setattr("customers.service.desk.NORMALISED", 70)
    ann = await desk.add(ANN, "admin")
    assert await desk.lookup("13800000001") == ann
    for n in range(300):
        await desk.lookup(str(13900000000 + n))
    assert len(desk._remembered) == 50
    assert len(desk._numbers) <= 70
    assert desk.remembered("13800000001").customer == ann  # many strangers push no customer out


async def test_strangers_are_forgotten_when_their_time_is_over(desk, clock):
    await desk.lookup("13800000009")
    clock.time += 61
    assert desk.remembered("13800000009") is None
    await desk.lookup("13800000008")
    assert len(desk._remembered) == 1
    await desk.add(ANN._replace(numbers=("13800000008",)), "admin")
    assert desk.remembered("13800000008") is None  # a stranger no longer


async def test_search(desk):
    ann = await desk.add(ANN._replace(company="Bright_100%"), "admin")
    await desk.add(CustomerFields(name="王小明", tier=Tier.LEAD, numbers=("13900000002",)), "admin")

    async def names(text, tier=None):
        page = await desk.search(text, tier, 10, 0)
        assert page.total == len(page.items)
        return {customer.name for customer in page.items}

    assert await names("") == {"Ann", "王小明"}
    assert await names("ann") == {"Ann"}
    assert await names("小明") == {"王小明"}
    assert await names("t_100%") == {"Ann"}
    assert await names("%") == {"Ann"}
    assert await names("139 0000 0002") == {"王小明"}
    assert await names("0000") == {"Ann", "王小明"}
    assert await names(ann.id) == {"Ann"}
    assert await names("", Tier.LEAD) == {"王小明"}
    assert await names("' or 1=1 --") == set()
    page = await desk.search("", None, 1, 1)
    assert (page.total, len(page.items)) == (2, 1)


async def test_contacts_of_known_and_unknown_callers(desk, calls):
    ann = await desk.add(ANN, "admin")
    assert await desk.last_contacts(ann, "13800000001") == calls.found
    assert await desk.last_contacts(None, "013900000009", 3) == calls.found
    assert await desk.last_contacts(None, "anonymous") == []
    assert calls.asked == [(ann.id, ann.numbers, 5), (None, ("+8613900000009",), 3)]


async def test_who_must_know_is_told_after_the_commit(desk, store):
    told = []
    desk._changed = told.append
    ann = await desk.add(ANN, "admin")
    await desk.change(ann.id, CustomerFields(name="Ann"), "admin", "")  # nothing changes
    assert told == [[ann]]


def test_a_customer_is_not_printed():
    from customers.domain.customer import Customer

    text = repr(Customer("c-1", "Ann", "", Tier.GOLD, "manual", ("+86138",), "", None, "", "", 0.0))
    assert text == "Customer(c-1)"

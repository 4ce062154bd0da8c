import pytest

from cti.domain.identifiers import Tier
from customers.domain.customer import Customer
from customers.domain.errors import FileUnreadable, ImportRefused
from customers.service.desk import ImportReport

HEADER = "id,name,company,tier,numbers,language,owner,note,value_note\n"
ZH = "客户编号,姓名,公司,等级,手机,电话,语言,客户经理,备注,价值说明\n"


async def everyone(desk) -> dict[str, Customer]:
    return {customer.id: customer for customer in (await desk.search("", None, 500, 0)).items}


def content(customer: Customer) -> tuple:
    return (
        customer.name,
        customer.company,
        customer.tier,
        customer.numbers,
        customer.language,
        customer.owner,
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
async def test_chinese_headers_in_every_encoding(desk, tmp_path, encoding, line_end):
    file = tmp_path / "客户.csv"
    text = (
        ZH + '7,王小明,"光明, 有限公司",铂金,13800138000;+4930123456,020-12345678,zh,101,"第一行""A""",年费\n'
    )
    file.write_bytes(text.replace("\n", line_end).encode(encoding))
    assert await desk.import_file(file, "admin") == ImportReport(added=1, changed=0, unchanged=0)
    customer = (await everyone(desk))["7"]
    numbers = ("+8613800138000", "+4930123456", "+862012345678")
    assert content(customer) == ("王小明", "光明, 有限公司", Tier.PLATINUM, numbers, "zh", "101")
    assert (customer.note, customer.value_note, customer.tier_source) == ('第一行"A"', "年费", "import")
    assert await desk.lookup("0049 30 123456") == customer


async def test_every_problem_is_named_and_nothing_is_loaded(desk):
    await desk.import_bytes("old.csv", (HEADER + "1,Ann,,gold,13800000001,,,,\n").encode(), "admin")
    before = await everyone(desk)
    text = HEADER + (
        "2,Bob,,gold,13800000002,,,,\n"  # in order, and still not loaded
        "3,,,gold,13800000003,,,,\n"
        "4,Dan,,silver,13800000004,,,,\n"
        "5,Eve,,iron,13800000002,,,,\n"
        '6,"Fay\nFay",,iron,12x,german!,,,\n'
        "2,Bob,,iron,,,,,\n"
        ",Gil,,iron,13800000001,,,,\n"
        "8,Hal,,iron\n"
        "a/b,Ida,,iron,,,,,\n"
        "9,Joe,,iron,138001380001234567,,,,\n"
    )
    with pytest.raises(ImportRefused) as refused:
        await desk.import_bytes("new.csv", text.encode(), "admin")
    assert [problem.at("new.csv") for problem in refused.value.problems] == [
        "new.csv:3:3: name: is missing; every customer needs a name",
        'new.csv:4:8: tier: "silver" is no tier; use platinum, gold, iron or lead',
        "new.csv:5:13: numbers: stands in line 2 already",
        "new.csv:6:3: name: holds a control character; type it again",
        'new.csv:7:16: language: "german!" is no language code; use one like zh or en',
        'new.csv:8:1: id: "2" stands in line 2 already',
        "new.csv:9:12: numbers: belongs to customer 1; to change that customer, put 1 into the column id",
        "new.csv:10:8: line: has 4 fields where the header has 9; quote commas",
        "new.csv:11:1: id: may hold letters, digits and . _ @ - only",
        'new.csv:12:13: numbers: "138001380001234567" fits no numbering plan of CN; write it with +country code',
    ]
    assert str(refused.value).startswith("Nothing was imported. 10 problems; correct the file")
    assert await everyone(desk) == before


async def test_a_million_problems_are_counted_not_listed(desk):
    text = HEADER + "1,,,gold,,,,,\n" * 5000
    with pytest.raises(ImportRefused) as refused:
        await desk.import_bytes("x.csv", text.encode(), "admin")
    assert (len(refused.value.problems), refused.value.total) == (1000, 5000)
    assert str(refused.value).endswith("… and 4000 more")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "x.csv:1:1: header: the file is empty"),
        ("\n\n", "x.csv:1:1: header: the file is empty"),
        ("name,numbers\nA,1\n", 'x.csv:1:1: header: no column "tier"'),
        ("name,tier,numbers,shoe size\n", 'x.csv:1:19: header: "shoe size" is no known column'),
        ("name,tier,numbers,姓名\n", 'x.csv:1:19: header: "姓名": a second column for name'),
        ('"name,tier\n', "x.csv:1:1: line: a quote is opened here and never closed"),
    ],
)
async def test_a_broken_header_is_one_clear_message(desk, text, place):
    with pytest.raises(ImportRefused) as refused:
        await desk.import_bytes("x.csv", text.encode(), "admin")
    assert place in str(refused.value)


async def test_no_text_at_all(desk, tmp_path):
    with pytest.raises(FileUnreadable, match=r"line 2, byte 3: neither UTF-8 nor GB 18030"):
        await desk.import_bytes("x.csv", b"name,tier,numbers\nab\xff\xff,gold,1\n", "admin")
    with pytest.raises(FileUnreadable, match=r"a NUL"):
        await desk.import_bytes("x.csv", b"PK\0\0", "admin")
    with pytest.raises(FileUnreadable, match="No such file"):
        await desk.import_file(tmp_path / "none.csv", "admin")


async def test_importing_again_changes_what_changed_only(desk, clock):
    await desk.import_bytes(
        "a.csv", (HEADER + "1,Ann,X,gold,13800000001,,,hi,\n2,Bob,,iron,101,,,,\n").encode(), "a"
    )
    assert (await desk.lookup("13800000001")).name == "Ann"
    clock.time += 10
    # A column that is not in the file leaves what is there; numbers may change hands inside one file.
    text = "id,name,tier,numbers\n1,Ann,platinum,101\n2,Bob,iron,13800000001\n3,New,lead,\n"
    assert await desk.import_bytes("b.csv", text.encode(), "b") == ImportReport(
        added=1, changed=2, unchanged=0
    )
    assert (await desk.lookup("13800000001")).name == "Bob"
    ann = await desk.lookup("101")
    assert (ann.name, ann.company, ann.note, ann.tier) == ("Ann", "X", "hi", Tier.PLATINUM)
    history = [line.tier_change for line in await desk.timeline(ann.id) if line.tier_change]
    assert [(c.from_tier, c.to_tier, c.reason, c.actor) for c in history] == [
        (Tier.GOLD, Tier.PLATINUM, "import of b.csv", "b"),
        (None, Tier.GOLD, "import of a.csv", "a"),
    ]
    assert await desk.import_bytes("b.csv", text.encode(), "b") == ImportReport(
        added=0, changed=0, unchanged=3
    )


async def test_a_failure_while_writing_leaves_nothing(desk, store, monkeypatch):
    await desk.import_bytes("a.csv", (HEADER + "1,Ann,,gold,13800000001,,,,\n").encode(), "a")
    before = await everyone(desk)
    monkeypatch.setattr("customers.adapters.store._history_row", lambda change: {})
    text = HEADER + "".join(f"n{n},Name,,gold,{13900000000 + n},,,,\n" for n in range(1200))
    with pytest.raises(Exception, match=r"."):
        await desk.import_bytes("b.csv", text.encode(), "a")
    assert await everyone(desk) == before

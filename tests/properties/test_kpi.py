"""What must hold for figures of any calls."""

from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from cti.domain import kpi
from cti.domain.identifiers import AgentId, QueueName, Tier
from cti.domain.intervals import grid, midnight
from cti.domain.ledger import ledger
from cti.domain.ledger_lines import FINISHED, OTHERS, RUNG, UNSERVED
from cti.domain.records import Direction, OfferRecord, OfferResult, Outcome, SegmentRecord, VisitRecord
from cti.domain.sheets import Grouping, Sheet, View
from cti.domain.tallies import Tally, tally
from cti.domain.targets import KpiPolicy, KpiRules
from tests.cti import kpi_records

BERLIN = ZoneInfo("Europe/Berlin")
LONG_DAY = midnight(1_792_929_600.0, BERLIN)  # 2026-10-25, 25 hours
END = midnight(LONG_DAY, BERLIN, days=1)
NOW = END + 86_400
RULES = KpiRules(
    exact_targets={(None, Tier.PLATINUM): 10.0}, self_service_queues=frozenset({QueueName("sales")})
)
POLICY = KpiPolicy((RULES,))

queues = st.sampled_from([QueueName("support"), QueueName("sales")])
tiers = st.none() | st.sampled_from(Tier)
agents = st.sampled_from([AgentId("101"), AgentId("102")])
moments = st.floats(LONG_DAY, END, exclude_max=True)
spans = st.floats(0, 7200)


@st.composite
def visits(draw: st.DrawFn) -> VisitRecord:
    outcome = draw(st.none() | st.sampled_from(Outcome))
    return kpi_records.visit(draw(moments), outcome, draw(spans), queue=draw(queues), tier=draw(tiers))


@st.composite
def segments(draw: st.DrawFn, inside: bool = False) -> SegmentRecord:
    began = draw(moments)
    ended = began + draw(spans)
    wrap_up = draw(st.none() | spans)
    if inside:
        ended = min(ended, END - 1)
        wrap_up = None if wrap_up is None else min(wrap_up, END - 1 - ended)
    if ended < began:
        ended, wrap_up = began, None
    hold = draw(st.floats(0, 1)) * (ended - began)
    return kpi_records.segment(
        began,
        ended,
        hold_seconds=hold,
        wrap_up_seconds=wrap_up,
        transferred=draw(st.booleans()),
        direction=draw(st.sampled_from(Direction)),
        agent=draw(agents),
        queue=draw(st.none() | queues),
        tier=draw(tiers),
    )


@st.composite
def offers(draw: st.DrawFn) -> OfferRecord:
    rung = draw(moments)
    result = draw(st.none() | st.sampled_from(OfferResult))
    return kpi_records.offer(draw(agents), rung, None if result is None else rung + draw(spans), result)


blocked = st.tuples(moments, st.none() | queues, tiers)
days = st.tuples(
    st.lists(visits(), max_size=30), st.lists(segments(), max_size=20), st.lists(blocked), st.lists(offers())
)
Day = tuple[
    list[VisitRecord],
    list[SegmentRecord],
    list[tuple[float, QueueName | None, Tier | None]],
    list[OfferRecord],
]


def sums(day: Day) -> Tally:
    return tally(*day, rules=RULES)


@given(days, days)
def test_tallies_of_parts_add_up_to_the_tally_of_the_whole(first: Day, second: Day) -> None:
    whole: Day = (first[0] + second[0], first[1] + second[1], first[2] + second[2], first[3] + second[3])
    assert sums(first) + sums(second) == sums(second) + sums(first) == sums(whole)
    assert sums(first) + Tally() == sums(first)


@given(days)
def test_every_ratio_lies_between_none_and_all(day: Day) -> None:
    shown = kpi.figures(sums(day))
    rates = [value for name, value in shown.items() if name.endswith("_rate")]
    for value in [*rates, *shown["service_levels"].values()]:
        assert value is None or 0 <= value <= 1


@given(days)
def test_visits_are_the_sum_of_their_outcomes(day: Day) -> None:
    seen = sums(day)
    assert seen.offered == len(day[0])
    assert seen.offered == seen.answered + seen.abandoned + seen.flowed_out + seen.lost + seen.open


def laid_out(day: Day, view: View, length: int | None, group: Grouping) -> Sheet:
    sheet = Sheet(grid(LONG_DAY, END, length, BERLIN), POLICY, view, group, NOW, occupancy=True)
    for visit in day[0]:
        sheet.visit(visit)
    for segment in day[1]:
        sheet.segment(segment)
    for at, queue, tier in day[2]:
        sheet.blocked(at, queue, tier)
    for offer in day[3]:
        sheet.offer(offer)
    return sheet


def total(sheet: Sheet) -> Tally:
    return sum(sheet.cells.values(), Tally())


@settings(max_examples=60)
@given(days, st.sampled_from(View), st.sampled_from([900, 3600, 86_400]), st.sampled_from(Grouping))
def test_intervals_and_groups_sum_up_to_the_day(day: Day, view: View, length: int, group: Grouping) -> None:
    whole, parts = total(laid_out(day, view, None, Grouping.NONE)), total(laid_out(day, view, length, group))
    if group in {Grouping.QUEUE, Grouping.TIER}:
        whole.occupied_ms = parts.occupied_ms = 0  # told of agents only
    assert parts == whole


@settings(max_examples=60)
@given(st.lists(segments(inside=True)))
def test_clipping_loses_not_a_millisecond(conversations: list[SegmentRecord]) -> None:
    day: Day = ([], conversations, [], [])
    clipped, whole = total(laid_out(day, View.CLIPPED, 900, Grouping.NONE)), sums(day)
    clipped.occupied_ms = 0
    assert clipped == whole


@given(days)
def test_ratios_of_a_final_interval_by_arrival_do_not_depend_on_what_comes_later(day: Day) -> None:
    """What joins or begins after an interval never changes it."""
    edge = LONG_DAY + 12 * 3600
    early: Day = (
        [visit for visit in day[0] if visit.joined_at < edge],
        [segment for segment in day[1] if segment.began_at < edge],
        [refusal for refusal in day[2] if refusal[0] < edge],
        [offer for offer in day[3] if offer.rung_at < edge],
    )
    cells, grown = (
        {
            key: cell
            for key, cell in laid_out(part, View.BY_ARRIVAL, 3600, Grouping.QUEUE).cells.items()
            if key[0] < 12
        }
        for part in (early, day)
    )
    assert cells == grown


words = st.sampled_from(
    [
        "ENTERQUEUE",
        "CONNECT",
        "QUEUESTART",
        "AGENTDUMP",
        "SYSCOMPAT",
        *UNSERVED,
        *FINISHED,
        *RUNG,
        *sorted(OTHERS),
        "DID",
    ]
)
data = st.lists(st.sampled_from(["", "0", "1", "3", "20", "x", "APP", "LINK", "-1", "9" * 30]), max_size=7)
log_lines = st.builds(
    lambda at, callid, queue, agent, event, rest: "|".join(
        [str(1_795_311_215 + at), callid, queue, agent, event, *rest]
    ),
    st.integers(0, 60),
    st.sampled_from(["c1", "c2", "c3", "NONE"]),
    st.sampled_from(["support", "Support", "sales"]),
    st.sampled_from(["NONE", "101", "102"]),
    words,
    data,
)


@given(st.lists(log_lines | st.text(max_size=40), max_size=60), st.booleans())
def test_any_ledger_gives_one_outcome_a_join(lines: list[str], ended: bool) -> None:
    texts = [line + "\n" * ended for line in lines]
    found, summary = ledger(texts, 20)
    joins = [line for line in lines if line.count("|") >= 4 and line.split("|")[4] == "ENTERQUEUE"]
    assert len(found) == len(joins) == summary["visits"]
    assert sum(summary["outcomes"].values()) + summary["open"] == summary["visits"]
    for visit in found:
        assert visit["outcome"] == "answered" or (visit["agent"], visit["talk_seconds"]) == (None, None)
        assert visit["wait_seconds"] is None or visit["wait_seconds"] >= 0
    level = summary["kpi"]["service_level"]["value"]
    assert level is None or 0 <= level <= 1


@given(st.lists(log_lines, max_size=40), st.integers(0, 40))
def test_the_end_of_a_ledger_never_changes_what_an_earlier_line_decided(lines: list[str], cut: int) -> None:
    texts = [line + "\n" for line in lines]
    before, after = ledger(texts[:cut], 20)[0], ledger(texts, 20)[0]
    for early, late in zip(before, after, strict=False):
        assert early["uniqueid"] == late["uniqueid"]
        if early["outcome"] is not None:
            assert (early["outcome"], early["wait_seconds"]) == (late["outcome"], late["wait_seconds"])

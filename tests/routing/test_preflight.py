from pathlib import Path

import pytest

from cti.domain.errors import SwitchRefused, SwitchUnreachable
from routing.adapters.asterisk_files import AsteriskFiles, setting
from routing.adapters.switch_facts import AskedFacts
from routing.domain.preflight import RULES, Facts, Level, QueueFacts, findings
from routing.domain.preflight_texts import CHECKS
from routing.service.preflight import Preflight
from tests.routing.policies import policy

SHIPPED = Path(__file__).parents[2] / "config" / "asterisk"
BASELINE = 2_000_000_000 - (1_800_000_000 - 1_767_225_600)
SUPPORT = QueueFacts("support", "rrmemory", ("PJSIP/101",), ((BASELINE, 5),), autofill=True)
FIT = Facts(
    "22.10.1", "tierline", 0.0, (SUPPORT,), "no", True, True, 5000, True, True,
    frozenset({"QueueStatus", "QueueChangePriorityCaller", "QueuePause", "QueuePenalty", "QueueWithdrawCaller", "Originate", "Redirect"}),
    frozenset({"QueueStatus"}),
)  # fmt: skip


def raised(facts: Facts) -> set[tuple[str, str]]:
    return {(f.key, f.subject) for f in findings(facts) if f.level is not Level.OK}


def test_a_fit_switch_raises_nothing():
    assert raised(FIT) == set()
    assert len(findings(FIT)) >= len(RULES)


@pytest.mark.parametrize(
    ("change", "key", "level"),
    [
        ({"version": "18.19.0"}, "version_old", Level.PROBLEM),
        ({"version": "certified/20.4-cert1"}, "version_old", Level.PROBLEM),
        ({"version": "16.30.0"}, "version_old", Level.PROBLEM),
        ({"version": None}, "version_unseen", Level.WARNING),
        ({"system_name": ""}, "system_name_missing", Level.PROBLEM),
        ({"clock_ahead_seconds": -3.0}, "clock_differs", Level.WARNING),
        ({"clock_ahead_seconds": 3600.0}, "clock_differs", Level.PROBLEM),
        ({"queues": (SUPPORT._replace(autofill=False),)}, "autofill_off", Level.PROBLEM),
        ({"queues": (SUPPORT._replace(autofill=None),)}, "autofill_unseen", Level.WARNING),
        ({"queues": (SUPPORT._replace(strategy="linear"),)}, "strategy_linear", Level.WARNING),
        (
            {"queues": (SUPPORT._replace(members=("Local/101@from-queue/n",)),)},
            "members_local",
            Level.WARNING,
        ),
        ({"queues": (SUPPORT._replace(members=()),)}, "members_none", Level.WARNING),
        ({"queues": (SUPPORT._replace(priorities=((0, 60),)),)}, "baseline_not_seen", Level.PROBLEM),
        ({"queues": ()}, "queues_none", Level.PROBLEM),
        ({"force_longest_waiting_caller": "yes"}, "longest_forced", Level.PROBLEM),
        ({"force_longest_waiting_caller": None}, "longest_unseen", Level.WARNING),
        ({"baseline_in_dialplan": False}, "baseline_missing", Level.PROBLEM),
        ({"asks_us_in_dialplan": False}, "asks_nobody", Level.WARNING),
        ({"timestamps": False}, "timestamps_off", Level.PROBLEM),
        ({"sequence_numbers": False}, "sequence_off", Level.PROBLEM),
        ({"sequence_numbers": None}, "sequence_unseen", Level.WARNING),
        ({"write_timeout_ms": 100}, "write_timeout_short", Level.PROBLEM),
        ({"write_timeout_ms": None}, "write_timeout_unseen", Level.WARNING),
        ({"actions_may": frozenset({"QueueStatus"})}, "rights_missing", Level.PROBLEM),
        ({"actions_may": FIT.actions_may | {"Command"}}, "rights_too_many", Level.WARNING),
        ({"events_may": FIT.events_may | {"Originate"}}, "rights_too_many", Level.WARNING),
        ({"events_may": None}, "rights_unseen", Level.WARNING),
    ],
)
def test_what_breaks_the_order_is_told(change, key, level):
    told = [finding for finding in findings(FIT._replace(**change)) if finding.level is not Level.OK]
    assert [(finding.key, finding.level) for finding in told] == [(key, level)]
    assert told[0].remedy["en"]
    assert told[0].remedy["zh"]


def test_nothing_seen_is_nothing_sworn():
    assert not [
        f
        for f in findings(Facts(queues=(SUPPORT._replace(autofill=None, priorities=()),)))
        if f.level is Level.OK
    ]


@pytest.mark.parametrize("key", CHECKS)
def test_every_text_is_there_in_both_languages(key):
    sentence, remedy = CHECKS[key]
    assert set(sentence) == {"en", "zh"}
    assert set(remedy) in (set(), {"en", "zh"})


class Pbx:
    """Answers as Asterisk 22 does."""

    def __init__(self, clock) -> None:
        self.refused: set[str] = set()
        self.answers = {
            "QueueStatus": [
                {"Response": "Success", "EventList": "start"},
                {"Event": "QueueParams", "Queue": "support", "Strategy": "rrmemory", "Weight": "0"},
                {"Event": "QueueMember", "Queue": "support", "Name": "101", "Location": "PJSIP/101"},
                {
                    "Event": "QueueEntry",
                    "Queue": "support",
                    "Position": "1",
                    "Wait": "5",
                    "Priority": str(BASELINE),
                },
                {"Event": "QueueStatusComplete", "ListItems": "3"},
            ],
            "CoreSettings": [{"Response": "Success", "AsteriskVersion": "22.10.1", "SystemName": "tierline"}],
            "ListCommands": [{"Response": "Success"} | {n: f"Does. (Priv: {n})" for n in FIT.actions_may}],
            "Ping": [{"Response": "Success", "Ping": "Pong", "Timestamp": f"{clock.time:.6f}"}],
            "ShowDialPlan": [
                {"Response": "Success"},
                {
                    "Event": "ListDialplan",
                    "Application": "Set",
                    "AppData": "QUEUE_PRIO=$[2000000000-${EPOCH}+1767225600]",
                },
                {
                    "Event": "ListDialplan",
                    "Application": "AGI",
                    "AppData": "agi://127.0.0.1:4573/route,support",
                },
            ],
        }

    async def ask(self, action, fields):
        if action in self.refused:
            raise SwitchRefused
        return self.answers[action]


async def test_asked_of_the_switch(stage):
    pbx = Pbx(stage.clock)
    facts = AskedFacts(
        pbx.ask,
        stage.clock,
        ask_events=pbx.ask,
        event_headers=lambda: ["Event", "Timestamp", "SequenceNumber"],
    )
    seen = await facts.facts()
    assert seen == FIT._replace(
        queues=(SUPPORT._replace(autofill=None),), force_longest_waiting_caller=None, write_timeout_ms=None,
        events_may=FIT.actions_may,
    )  # fmt: skip
    pbx.refused = {"CoreSettings", "ListCommands", "Ping", "ShowDialPlan"}
    assert raised(await AskedFacts(pbx.ask, stage.clock).facts()) >= {
        ("version_unseen", ""),
        ("rights_unseen", "actions"),
    }


@pytest.mark.parametrize(("told", "ahead"), [(3600.0, 3600.0), (-3600.0, -3600.0), (0.0, 0.0)])
async def test_clock_difference(stage, told, ahead):
    pbx = Pbx(stage.clock)
    pbx.answers["Ping"][0]["Timestamp"] = f"{stage.clock.time + told:.6f}"
    assert (await AskedFacts(pbx.ask, stage.clock).facts()).clock_ahead_seconds == ahead


async def test_with_the_files_beside_it_everything_is_seen(stage):
    pbx = Pbx(stage.clock)
    del pbx.answers["ShowDialPlan"][1:]
    pbx.answers["CoreSettings"] = []
    seen = await AskedFacts(pbx.ask, stage.clock, asterisk_etc=SHIPPED).facts()
    queues = (SUPPORT._replace(penalty_limit=0),)
    expected = FIT._replace(version=None, actions_may=None, events_may=None, queues=queues)
    assert seen._replace(actions_may=None) == expected


async def test_an_unreachable_switch_is_an_error_and_keeps_the_last_findings(stage):
    pbx = Pbx(stage.clock)
    preflight = Preflight(AskedFacts(pbx.ask, stage.clock, asterisk_etc=SHIPPED))
    assert await preflight.look() == preflight.last
    assert preflight.problems == 0

    async def dead(action, fields):
        raise SwitchUnreachable

    preflight._switch = AskedFacts(dead, stage.clock)
    with pytest.raises(SwitchUnreachable):
        await preflight.look()
    assert preflight.last


def test_files_as_asterisk_reads_them(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "queues.conf").write_text(
        "[general]\nautofill = yes ; said once\n;-- autofill = no\n--;\n[base](!)\nstrategy=ringall\n"
        '[support](base)\nmember => PJSIP/101\n#include "site/*.conf"\n#tryinclude none.conf\n'
    )
    (tmp_path / "site" / "queues.conf").write_text("[support](+)\nautofill=no\n[general](+)\nautofill = No\n")
    sections = AsteriskFiles(tmp_path).sections("queues.conf")
    assert set(sections) == {"general", "support"}
    assert setting(sections, "general", "autofill") == "no"
    assert (setting(sections, "support", "strategy"), setting(sections, "support", "autofill")) == (
        "ringall",
        "no",
    )
    assert AsteriskFiles(tmp_path).sections("manager.conf") is None
    (tmp_path / "asterisk.conf").write_text(
        "[options]\nsystemname = x\n#include asterisk.conf\n"
    )  # a loop ends
    assert setting(AsteriskFiles(tmp_path).sections("asterisk.conf"), "options", "systemname") == "x"


def test_penalties_that_do_not_count_are_told():
    queue = QueueFacts("support", "rrmemory", ("PJSIP/101",), (), penalty_limit=5)
    told = [finding for finding in findings(Facts(queues=(queue,))) if finding.key == "penalties_off"]
    assert [(one.level, one.subject) for one in told] == [(Level.WARNING, "support")]
    assert "5 members or fewer" in told[0].sentence["en"]
    assert not any(
        one.key == "penalties_off" for one in findings(Facts(queues=(queue._replace(penalty_limit=0),)))
    )


async def test_a_queue_that_the_policy_sends_callers_to_must_be_there():
    rules = """hours: {support: {mon-fri: [09:00-18:00], closed: slaes}}
overflow: {support: [{after: 60, to: sales}, {nobody: true, to: lobby}], elsewhere: [{after: 60, to: unknown}]}
surge:
  support:
    enter: {longest_wait: 60, seconds: 30}
    leave: {longest_wait: 30, seconds: 30}
    overflow: [{after: 20, to: night}]
"""

    class Seen:
        async def facts(self):
            return Facts(queues=(SUPPORT, SUPPORT._replace(name="sales")))

    preflight = Preflight(Seen(), lambda: policy(rules))
    await preflight.look()
    found = [finding for finding in preflight.last if finding.key == "queue_not_there"]
    assert [(finding.subject, finding.level) for finding in found] == [
        (name, Level.PROBLEM) for name in ("lobby", "night", "slaes")
    ]
    assert "support" in found[0].sentence["en"]

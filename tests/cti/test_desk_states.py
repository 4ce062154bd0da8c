"""The policy of desk states: what ships is read whole, every mistake is one sentence, and limits are measured."""

from pathlib import Path

import pytest

from cti.adapters.desk_states_file import read_policy
from cti.domain.errors import NotAllowed, NotPossibleNow, PolicyRefused, QuestionRefused
from cti.domain.identifiers import AgentId, QueueName
from cti.domain.reason_times import ReasonTimes

SHIPPED = Path(__file__).parents[2] / "config" / "policies" / "desk-states.yaml"
POLICY = read_policy(SHIPPED)

WRONG = {
    "reasons: []\n": "desk-states.yaml:1: reasons: List should have at least 1 item",
    "reasons:\n  - {code: Break, name: {en: B, zh: 小}}\n": "desk-states.yaml:2: reasons.0.code: String should match",
    "reasons:\n  - code: tea\n    name: {en: Tea}\n": "desk-states.yaml:3: reasons.0.name.zh: Field required",
    "reasons:\n  - {code: tea, name: {en: T, zh: 茶}}\n  - {code: tea, name: {en: T, zh: 茶}}\n": "'tea' stands there twice",
    "reasons:\n  - {code: unreachable, name: {en: U, zh: 无}}\n": "is the server's own word",
    "reasons:\n  - {code: tea, name: {en: T, zh: 茶}}\nfoo: 1\n": "desk-states.yaml:3: foo: Extra inputs",
    "reasons:\n  - {code: tea, name: {en: T, zh: 茶}}\ndispositions:\n  sales: {required: true}\n": "needs codes",
    "reasons: [\n": "not valid YAML",
    "": "desk-states.yaml:1: here: Input should be",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_mistake_is_one_sentence_with_its_place(tmp_path, text):
    file = tmp_path / "desk-states.yaml"
    file.write_text(text)
    with pytest.raises(PolicyRefused) as refused:
        read_policy(file)
    assert WRONG[text] in str(refused.value)
    assert "\n" not in str(refused.value)


def test_only_reasons_of_the_policy_may_be_chosen():
    assert POLICY.reason("break").stay_seconds == 900
    for unknown in ("nap", "unreachable", "ACW", ""):
        with pytest.raises(NotPossibleNow, match="break, lunch"):
            POLICY.reason(unknown)


def test_a_heading_is_no_disposition_and_a_wanted_note_is_asked_for():
    ending = POLICY.ending(QueueName("sales"))
    ending.check("call_back", "")
    for wrong in ("follow_up", "none_given", "nonsense"):
        with pytest.raises(QuestionRefused, match="dispositions"):
            ending.check(wrong, "")
    with pytest.raises(QuestionRefused, match="note"):
        ending._replace(note_required=True).check("solved", "  ")
    with pytest.raises(QuestionRefused, match="shorten"):
        ending.check("solved", "x" * 2001)


def test_a_queue_that_is_not_in_the_policy_is_refused():
    assert POLICY.door(QueueName("sales"), AgentId("101")).penalty == 0
    with pytest.raises(NotAllowed, match="ask a supervisor"):
        POLICY.door(QueueName("vault"), AgentId("101"))


MIDNIGHT = 1_800_000_000.0


def test_seconds_of_a_reason_count_from_midnight_and_once():
    times = ReasonTimes(AgentId("101"))
    times.enter("break", MIDNIGHT - 600)  # began yesterday
    times.enter("break", MIDNIGHT + 5)  # the second queue says the same
    times.leave(MIDNIGHT + 60)
    times.leave(MIDNIGHT + 90)
    times.enter("lunch", MIDNIGHT + 100)
    times.enter("break", MIDNIGHT + 130)
    assert times.today(MIDNIGHT, MIDNIGHT + 150) == {"break": 80.0, "lunch": 30.0}


def test_a_limit_of_the_stay_and_one_of_the_day():
    times = ReasonTimes(AgentId("101"))
    times.enter("break", MIDNIGHT)
    assert times.overruns(POLICY, MIDNIGHT, MIDNIGHT + 900) == []
    [stay] = times.overruns(POLICY, MIDNIGHT, MIDNIGHT + 901)
    assert (stay.limit, stay.limit_seconds, stay.seconds, stay.since) == ("stay", 900, 901, MIDNIGHT)
    times.leave(MIDNIGHT + 2000)
    assert times.overruns(POLICY, MIDNIGHT, MIDNIGHT + 9000) == []  # who is back is warned no more
    times.enter("break", MIDNIGHT + 10_000)
    [day] = times.overruns(POLICY, MIDNIGHT, MIDNIGHT + 10_701)
    assert (day.limit, day.seconds) == ("day", 2701)

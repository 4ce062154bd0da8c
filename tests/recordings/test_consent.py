"""Which calls are not recorded: told to the dialplan before, and made good after."""

import pytest

from config.pauses import not_recorded
from cti.domain.records import Direction
from customers.adapters.numbering import NumberingPlan
from recordings.adapters.policy_file import read_policy
from recordings.domain.consent import Exclusion, forbidding
from recordings.domain.errors import PolicyRefused
from recordings.domain.recording import Reason, RecordingState

RULES = """
exclude:
  - reason: no_consent
    because: He said no.
    numbers: ["+8613800138000", "+8610*"]
  - reason: by_rule
    because: The works council.
    queues: [council]
    direction: inbound
"""


@pytest.fixture
def policy(tmp_path):
    file = tmp_path / "recordings.yaml"
    file.write_text(RULES)
    return read_policy(file)


@pytest.mark.parametrize(
    ("queue", "number", "reason"),
    [
        ("support", "13800138000", Reason.NO_CONSENT),
        ("support", "+86 138 0013 8000", Reason.NO_CONSENT),
        ("support", "01065551234", Reason.NO_CONSENT),
        ("support", "13800138001", Reason.NONE),
        ("support", None, Reason.NONE),
        ("council", None, Reason.BY_RULE),
        ("council", "13800138000", Reason.NO_CONSENT),
    ],
)
def test_the_first_rule_that_fits_says_why(policy, queue, number, reason):
    assert not_recorded(policy, NumberingPlan("CN"), queue, number) is reason


def test_a_direction_is_part_of_a_rule():
    rule = Exclusion(Reason.BY_RULE, "x", direction=Direction.OUTBOUND)
    assert forbidding([rule], "support", None, Direction.INBOUND) is None
    assert forbidding([rule], "support", None, Direction.OUTBOUND) is rule


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exclude: 3", "must be a list of rules"),
        ("exclude: [3]", "a rule has fields"),
        ("exclude:\n  - because: x\n    queues: [a]", "needs `reason` and `because`"),
        ("exclude:\n  - reason: no_consent\n    because: x", "needs queues, numbers or direction"),
        ("exclude:\n  - reason: maybe\n    because: x\n    queues: [a]", "say no_consent or by_rule"),
        ("exclude:\n  - reason: by_rule\n    because: x\n    numbers: [138]", "list of numbers like"),
        ("exclude:\n  - reason: by_rule\n    because: x\n    moon: full", "known are reason"),
        ("exclude:\n  - reason: by_rule\n    reason: by_rule", "stands there twice"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path, text, said):
    file = tmp_path / "recordings.yaml"
    file.write_text(text)
    with pytest.raises(PolicyRefused) as refusal:
        read_policy(file)
    assert said in str(refusal.value)
    assert ".yaml:" in str(refusal.value)


async def test_a_file_made_all_the_same_is_deleted_and_says_why(stage):
    """The server was dead when he called: the dialplan recorded, and what is forbidden is deleted when it is back."""
    stage.recorder._forbids = lambda visit: Reason.NO_CONSENT
    file = stage.wav("tierline-1800000000.7-1800000000.wav", 20)
    await stage.talked(20)
    await stage.after(5)
    row = await stage.row()
    assert (row.state, row.reason) == (RecordingState.EXCLUDED, Reason.NO_CONSENT)
    assert not file.exists()
    assert [event.reason for event in stage.told] == [Reason.NO_CONSENT]

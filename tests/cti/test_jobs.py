"""What becomes of a job: pauses that double, a last attempt, times that are missed."""

import pytest

from cti.domain.errors import SwitchUnreachable
from cti.domain.jobs import (
    Job,
    JobState,
    Result,
    Retries,
    done,
    failed,
    fatal,
    postponed,
    returned,
    told,
)

NOW = 1_800_000_000.0
RETRIES = Retries(attempts=4, first=2.0, longest=5.0)


def running(attempts=1, **changes):
    job = Job("kind", "subject", {}, NOW - 10, NOW, JobState.RUNNING, attempts)
    return job._replace(**changes)


def test_pauses_double_up_to_the_longest():
    assert [RETRIES.pause(attempts) for attempts in (1, 2, 3, 4, 5000)] == [2.0, 4.0, 5.0, 5.0, 5.0]


def test_a_job_that_is_done_is_gone():
    assert done(running(), NOW).after is None


def test_a_failed_one_waits_and_the_last_failure_is_its_death():
    first = failed(running(), RETRIES, NOW, OSError(28, "No space left on device"))
    assert (first.result, first.after.state, first.after.next_at, first.after.attempts) == (
        Result.FAILED,
        JobState.WAITING,
        NOW + 2,
        1,
    )
    assert first.after.error == "No space left on device"
    last = failed(running(attempts=4), RETRIES, NOW, RuntimeError("+8613800138000"))
    assert (last.result, last.after.state, last.after.next_at) == (Result.DEAD, JobState.DEAD, None)


def test_what_took_the_server_down_each_time_is_given_up_unrun():
    assert fatal(running(attempts=4), RETRIES) is None
    assert fatal(running(attempts=5), RETRIES).after.state is JobState.DEAD


def test_postponed_and_returned_count_as_no_attempt():
    later = postponed(running(attempts=3, error="was so"), NOW + 7)
    assert (later.after.attempts, later.after.next_at, later.after.error) == (2, NOW + 7, "was so")
    back = returned(running(attempts=3), NOW)
    assert (back.result, back.after.attempts, back.after.next_at) == (Result.RETURNED, 2, NOW)


@pytest.mark.parametrize(("late", "next_at"), [(0.0, 60.0), (59.0, 60.0), (60.0, 120.0), (1000.0, 1020.0)])
def test_a_recurring_one_keeps_its_beat_and_makes_up_for_nothing(late, next_at):
    after = done(running(every_seconds=60.0, attempts=3, error="old"), NOW + late).after
    assert (after.next_at, after.attempts, after.error) == (NOW + next_at, 0, "")


def test_errors_are_told_without_what_may_be_personal():
    assert told(SwitchUnreachable()) == "The switch cannot be reached right now."
    assert told(OSError(28, "No space left on device", "/kept/x.wav")) == "No space left on device"
    assert told(ValueError("+8613800138000")) == "ValueError"
    assert len(told(SwitchUnreachable("x" * 1000))) == 300

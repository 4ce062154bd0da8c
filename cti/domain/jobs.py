"""Work that must be done although the server may die at any moment: what is waiting, how often it is tried, when it is given up.

A job is named by its kind and its subject, so asking for the same work twice asks once. A job that is done is gone: what
it did stands where it did it. Running one again must change nothing, because the server may die between the work and
the note that it is done.
"""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from cti.domain.errors import CtiError

_LONGEST_ERROR = 300


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"  # for its time
    RUNNING = "running"  # somebody has it in hand
    DEAD = "dead"  # given up: an operator may have it tried again


class Result(StrEnum):
    """How one attempt ended."""

    DONE = "done"
    FAILED = "failed"  # and will be tried again
    DEAD = "dead"  # failed for the last time
    POSTPONED = "postponed"  # not possible yet: no failure
    RETURNED = "returned"  # the server stopped before it was done


class Retries(NamedTuple):
    """How often a job is tried before it is given up. Pauses, in seconds, double from `first` up to `longest`."""

    attempts: int = 12
    first: float = 1.0
    longest: float = 600.0

    def pause(self, attempts: int) -> float:
        """The pause after so many attempts."""
        return float(min(self.longest, self.first * 2.0 ** min(max(0, attempts - 1), 60)))


class Job(NamedTuple):
    """One piece of work. `payload` holds ids and words of ours, never a customer's name or number.

    `next_at`: when it is, or was, to be taken up; None when it is dead.
    `every_seconds`: it comes again and again, so many seconds apart.
    """

    kind: str
    subject: str
    payload: Mapping[str, str]
    asked_at: float
    next_at: float | None
    state: JobState = JobState.WAITING
    attempts: int = 0
    every_seconds: float | None = None
    error: str = ""

    @property
    def id(self) -> str:
        return job_id(self.kind, self.subject)


Handler = Callable[[Job], Awaitable[float | None]]
"""Does a job: returns when it is done, or gives the time before which it cannot be. Any exception is a failed attempt."""


class Ended(NamedTuple):
    """An attempt, how it ended, and the job as it stands after it; None when it is gone."""

    attempt: Job
    result: Result
    after: Job | None


def job_id(kind: str, subject: str) -> str:
    return f"{kind}:{subject}"


def done(job: Job, now: float) -> Ended:
    """Gone, or waiting for its next time. Times that were missed are not made up for."""
    if job.every_seconds is None:
        return Ended(job, Result.DONE, None)
    due = now if job.next_at is None else job.next_at
    missed = max(0.0, now - due) // job.every_seconds
    next_at = due + (missed + 1) * job.every_seconds
    return Ended(job, Result.DONE, _waiting(job, next_at, attempts=0, error=""))


def failed(job: Job, retries: Retries, now: float, fault: Exception) -> Ended:
    """Waiting for another attempt, or dead when that was the last."""
    error = told(fault)
    if job.attempts >= retries.attempts:
        return Ended(job, Result.DEAD, job._replace(state=JobState.DEAD, next_at=None, error=error))
    after = _waiting(job, now + retries.pause(job.attempts), attempts=job.attempts, error=error)
    return Ended(job, Result.FAILED, after)


def fatal(job: Job, retries: Retries) -> Ended | None:
    """The end of a job that took the server down with every attempt it had; None for all others."""
    if job.attempts <= retries.attempts:
        return None
    error = "The server ended each time while this ran."
    return Ended(job, Result.DEAD, job._replace(state=JobState.DEAD, next_at=None, error=error))


def postponed(job: Job, until: float) -> Ended:
    after = _waiting(job, until, attempts=job.attempts - 1, error=job.error)
    return Ended(job, Result.POSTPONED, after)


def returned(job: Job, now: float) -> Ended:
    """Given back undone, for the next server to take up at once."""
    return Ended(job, Result.RETURNED, postponed(job, now).after)


def told(fault: Exception) -> str:
    """What people may read of it. An error of ours or of the system's disks has its sentence; of any other only the
    name is told, because whatever it carries might be personal.
    """
    if isinstance(fault, CtiError):
        sentence = str(fault)
    elif isinstance(fault, OSError) and fault.strerror:
        sentence = fault.strerror
    else:
        sentence = type(fault).__name__
    return sentence[:_LONGEST_ERROR]


def _waiting(job: Job, next_at: float, *, attempts: int, error: str) -> Job:
    return job._replace(state=JobState.WAITING, next_at=next_at, attempts=max(0, attempts), error=error)

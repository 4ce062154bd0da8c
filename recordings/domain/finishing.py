"""The last stretch of a recording as a job: what was decided about its file, in words that outlive the server."""

from collections.abc import Mapping
from typing import NamedTuple

from cti.domain.jobs import Retries
from recordings.domain.naming import Lane, RecordingName, parse
from recordings.domain.recording import Reason, Step
from recordings.domain.verdict import ALONE, Verdict

FINISH_RECORDING = "finish_recording"
"""The kind of job that brings a file into the store, or does away with it, and writes down which."""

FINISHING_RETRIES = Retries(attempts=14, first=1.0, longest=600.0)
"""A full disk gets more than half an hour to be cleared before a person is asked."""


class Finishing(NamedTuple):
    """A final file and what is to become of it."""

    name: RecordingName
    verdict: Verdict

    @property
    def lane(self) -> Lane | None:
        """The voice that is kept alone."""
        return ALONE.get(self.verdict.reason)

    def payload(self) -> Mapping[str, str]:
        step, reason, detail = self.verdict
        return {"file": self.name.file, "step": step or "", "reason": reason, "detail": detail}


def finishing(payload: Mapping[str, str]) -> Finishing:
    """What `payload` said."""
    verdict = Verdict(Step(payload["step"]), Reason(payload["reason"]), payload["detail"])
    return Finishing(parse(payload["file"]), verdict)

"""What can go wrong around reviews. The docstring is the sentence people read.

CtiError
├── QaError
│   ├── PolicyRefused
│   ├── ItemsRefused
│   ├── TaskRefused
│   ├── ScorecardRefused
│   │   └── ScorecardChanged
│   ├── ReportRefused
│   ├── MailNotTaken
│   └── AnswersRefused
│       ├── ItemUnknown
│       ├── ItemUnanswered
│       ├── ValueRefused
│       ├── CommentMissing
│       └── MomentRefused
├── Unknown
│   ├── ReviewUnknown
│   ├── ScorecardUnknown
│   ├── DrawUnknown
│   ├── DisputeUnknown
│   ├── CalibrationUnknown
│   ├── TaskUnknown
│   ├── ReviewerUnknown
│   ├── DraftUnknown
│   └── ScheduleUnknown
├── NotPossibleNow
│   ├── AlreadyScored
│   ├── ReviewExcluded
│   ├── ClaimedByAnother
│   ├── AssignedToAnother
│   ├── NotClaimed
│   ├── TooLate
│   ├── AlreadyDisputed
│   ├── DisputeDecided
│   ├── NotRescored
│   ├── CalibrationClosed
│   ├── DraftMoved
│   ├── VersionTaken
│   ├── NotPublishedHere
│   └── NoMail
└── NotAllowed
    ├── OwnCall
    ├── ScoredAlready
    ├── OwnJudgement
    └── WholeHouseOnly
"""

from cti.domain.errors import CtiError, NotAllowed, NotPossibleNow, Unknown


class QaError(CtiError):
    """Something is wrong with a review."""


class ScorecardRefused(QaError):
    """A scorecard cannot be used."""


class ScorecardChanged(ScorecardRefused):
    """A scorecard in use may not change: give the new text the next version."""


class AnswersRefused(QaError):
    """These answers cannot be taken."""


class ItemUnknown(AnswersRefused):
    """The scorecard does not ask this."""


class ItemUnanswered(AnswersRefused):
    """Every item needs an answer."""


class ValueRefused(AnswersRefused):
    """The item does not take this answer."""


class CommentMissing(AnswersRefused):
    """A comment must say why."""


class MomentRefused(AnswersRefused):
    """The moment lies outside the recording."""


class ReviewUnknown(Unknown):
    """No such review."""


class ScorecardUnknown(Unknown):
    """No such scorecard."""


class PolicyRefused(QaError):
    """The sampling policy cannot be used:"""  # noqa: D415 - the place follows


class ItemsRefused(QaError):
    """A dispute names the questions it is about, each of the scorecard and with a reason."""


class TaskRefused(QaError):
    """A coaching task needs a question of this review that was answered, a clip within the call, and a date to come."""


class DrawUnknown(Unknown):
    """No such draw."""


class DisputeUnknown(Unknown):
    """No such dispute."""


class CalibrationUnknown(Unknown):
    """No such calibration."""


class TaskUnknown(Unknown):
    """No such coaching task."""


class ReviewerUnknown(Unknown):
    """Nobody of this login reviews calls."""


class AlreadyScored(NotPossibleNow):
    """The review is scored, and a score does not change."""


class ClaimedByAnother(NotPossibleNow):
    """Somebody else is reviewing this call."""


class ReviewExcluded(NotPossibleNow):
    """The call is excluded from review."""


class AssignedToAnother(NotPossibleNow):
    """The review is assigned to somebody else until it is late."""


class TooLate(NotPossibleNow):
    """The time in which a score can be disputed is over."""


class AlreadyDisputed(NotPossibleNow):
    """A score can be disputed once."""


class DisputeDecided(NotPossibleNow):
    """The dispute is over."""


class NotRescored(NotPossibleNow):
    """Another reviewer has to score the call first."""


class CalibrationClosed(NotPossibleNow):
    """The calibration is closed."""


class NotClaimed(NotPossibleNow):
    """Claim the review first: only who holds it can do this."""


class DraftUnknown(Unknown):
    """No such draft."""


class ScheduleUnknown(Unknown):
    """No such schedule."""


class DraftMoved(NotPossibleNow):
    """Somebody else saved this draft meanwhile: look at theirs first."""


class VersionTaken(NotPossibleNow):
    """Somebody else published a version of this scorecard meanwhile: look at theirs first."""


class NotPublishedHere(NotPossibleNow):
    """The scorecard comes from a file: take it out of the folder to withdraw it."""


class NoMail(NotPossibleNow):
    """No mail server is set (CTI_MAIL__HOST)."""


class ReportRefused(QaError):
    """The report cannot be made."""


class MailNotTaken(QaError):
    """The mail server did not take the message."""


class WholeHouseOnly(NotAllowed):
    """A scorecard serves every team: somebody who is bound to a team writes drafts, and another publishes them."""


class OwnCall(NotAllowed):
    """Nobody reviews their own call."""


class ScoredAlready(NotAllowed):
    """Who scored a call, or is scoring it, does not score it a second time: somebody else must."""


class OwnJudgement(NotAllowed):
    """Nobody decides about their own score: a third person must."""

"""What can go wrong around reviews. The docstring is the sentence people read.

CtiError
├── QaError
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
│   ├── DraftUnknown
│   └── ScheduleUnknown
├── NotPossibleNow
│   ├── AlreadyScored
│   ├── ClaimedByAnother
│   ├── NotClaimed
│   ├── DraftMoved
│   ├── VersionTaken
│   ├── NotPublishedHere
│   └── NoMail
└── NotAllowed
    ├── OwnCall
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


class AlreadyScored(NotPossibleNow):
    """The review is scored, and a score does not change."""


class ClaimedByAnother(NotPossibleNow):
    """Somebody else is reviewing this call."""


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

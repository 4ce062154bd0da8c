"""What can go wrong around reviews. The docstring is the sentence people read.

CtiError
├── QaError
│   ├── ScorecardRefused
│   │   └── ScorecardChanged
│   └── AnswersRefused
│       ├── ItemUnknown
│       ├── ItemUnanswered
│       ├── ValueRefused
│       ├── CommentMissing
│       └── MomentRefused
├── Unknown
│   ├── ReviewUnknown
│   └── ScorecardUnknown
├── NotPossibleNow
│   ├── AlreadyScored
│   ├── ClaimedByAnother
│   └── NotClaimed
└── NotAllowed
    └── OwnCall
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


class OwnCall(NotAllowed):
    """Nobody reviews their own call."""

"""What can be wrong with a promise to a customer. The docstring is the sentence people read.

CtiError
├── PolicyRefused
├── NumberRefused
├── NumberUnreadable
├── NoPromiseNow
├── Unknown
│   ├── CallbackUnknown
│   └── RescueUnknown
└── NotPossibleNow
    ├── AlreadyAsked
    └── TooLate
"""

from cti.domain.errors import CtiError, NotPossibleNow, Unknown


class PolicyRefused(CtiError):
    """The callback policy was not taken over; correct it:"""  # noqa: D415 - the places follow


class NumberRefused(CtiError):
    """A number that is not called back:"""  # noqa: D415 - the reason follows


class NumberUnreadable(CtiError):
    """That is no telephone number; write it like +8613800138000."""


class NoPromiseNow(CtiError):
    """Nothing can be promised for today any more; ask again when the house is open."""


class CallbackUnknown(Unknown):
    """There is no such callback."""


class RescueUnknown(Unknown):
    """There is no such rescue."""


class AlreadyAsked(NotPossibleNow):
    """There is an open callback for this number in this queue already:"""  # noqa: D415 - its id follows


class TooLate(NotPossibleNow):
    """It has changed meanwhile; look at it again."""

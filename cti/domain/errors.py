"""What can go wrong around calls. The docstring is the sentence people read.

CtiError
├── SwitchError
│   ├── SwitchUnreachable
│   ├── SwitchRefused
│   ├── SwitchLoginRefused
│   └── UnsafeAction
├── Unknown
│   └── OutOfReach
├── NotPossibleNow
│   └── HeldByLaw
├── NotAllowed
│   └── OtherSite
├── NotSignedIn
│   └── CodeNeeded
├── TooMany
├── Refused
├── DiallingRefused
├── NotErasable
├── QuestionRefused
├── JournalInUse
├── AnotherServer
├── NewerDatabase
└── PolicyRefused
"""


class CtiError(Exception):
    """Something went wrong around calls."""

    def __init__(self, detail: str = "") -> None:
        """Say the class's sentence, and the detail after it."""
        sentence = (type(self).__doc__ or "").strip()
        super().__init__(f"{sentence} {detail}".strip())
        self.detail = detail


class SwitchError(CtiError):
    """The switch did not do it."""


class SwitchUnreachable(SwitchError):
    """The switch cannot be reached right now."""


class SwitchRefused(SwitchError):
    """The switch refused."""


class SwitchLoginRefused(SwitchError):
    """The switch refused the login: check CTI_AMI__USERNAME and the secrets."""


class UnsafeAction(SwitchError):
    """A line break or NUL in an action is refused."""


class Unknown(CtiError):
    """No such thing."""


class OutOfReach(Unknown):
    """No such thing."""


class NotPossibleNow(CtiError):
    """Not possible in this state."""


class NotAllowed(CtiError):
    """Your role does not allow this."""


class NotSignedIn(CtiError):
    """Sign in first."""


class OtherSite(NotAllowed):
    """The request comes from a page of another site."""


class CodeNeeded(NotSignedIn):
    """Enter the code your authenticator app shows."""


class TooMany(CtiError):
    """Too many attempts:"""  # noqa: D415 - what to do follows

    def __init__(self, detail: str, wait: float) -> None:
        """`wait`: seconds until it is worth trying again."""
        super().__init__(detail)
        self.wait = wait


class Refused(CtiError):
    """That cannot be taken:"""  # noqa: D415 - the reason follows


class DiallingRefused(CtiError):
    """Not dialled:"""  # noqa: D415 - the reason follows


class QuestionRefused(CtiError):
    """The question cannot be answered:"""  # noqa: D415 - the reason follows


class JournalInUse(CtiError):
    """Another server writes this journal; stop it first, or give this one a folder of its own:"""  # noqa: D415 - the folder follows


class AnotherServer(CtiError):
    """Another server took over this database while this one could not reach it; start this one again as its standby:"""  # noqa: D415 - who it is follows


class NewerDatabase(CtiError):
    """A later version of Tierline made this database; run that version, or restore a copy from before:"""  # noqa: D415 - the place follows


class PolicyRefused(CtiError):
    """The policy file was not taken over; correct it:"""  # noqa: D415 - the place follows


class HeldByLaw(NotPossibleNow):
    """A legal hold forbids to delete this."""


class NotErasable(CtiError):
    """That number cannot be erased."""

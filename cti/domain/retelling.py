"""What the call model can be told: what the switch said, who a caller is, that time has passed. Telling it again gives the same."""

from typing import NamedTuple

from cti.domain.events import CallerRecognised
from cti.domain.signals import Signal


class TimePassed(NamedTuple):
    """No signal says that nothing more came: `at` is the switch's time, in seconds since 1970."""

    at: float


class Hole(NamedTuple):
    """What was told up to position `last` was never written down."""

    last: int


What = Signal | CallerRecognised | TimePassed | Hole


class Told(NamedTuple):
    """One thing the model was told; `position` is its place in the journal."""

    position: int
    what: What

"""What can go wrong around routing. The docstring is the sentence people read.

RoutingError              (a CtiError)
├── PolicyRefused
├── UnknownDecision       (also cti's Unknown)
├── UnknownSurge          (also cti's Unknown)
└── UnknownVersion        (also cti's Unknown)
"""

from cti.domain.errors import CtiError, Unknown


class RoutingError(CtiError):
    """Something went wrong around routing."""


class PolicyRefused(RoutingError):
    """The policy file was not taken over; correct it:"""  # noqa: D415 - the places follow


class UnknownVersion(RoutingError, Unknown):
    """No such version of the routing policy is kept."""


class UnknownSurge(RoutingError, Unknown):
    """The routing policy says nothing of a surge in this queue, or there is no such switch."""


class UnknownDecision(RoutingError, Unknown):
    """No routing decision is known for this call."""

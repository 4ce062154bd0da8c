"""What happened to a callback or a rescue, line by line: kept with it in one transaction, and told to others from there."""

from typing import NamedTuple

from care.domain.callback import Callback
from care.domain.rescue import Rescue
from cti.domain.events import CallbackChanged, RescueChanged
from cti.domain.identifiers import AgentId, CallId


class Line(NamedTuple):
    """One change. `by`: the login of whoever did it; None: the house itself."""

    subject: str
    revision: int
    at: float
    step: str
    state: str
    agent: AgentId | None
    by: str | None
    call: CallId | None
    why: str


def line(of: Callback | Rescue, step: str, by: str | None = None) -> Line:
    return Line(of.id, of.revision, of.changed_at, step, of.state, of.agent, by, of.call, of.why)


def told(of: Callback | Rescue, what: Line) -> CallbackChanged | RescueChanged:
    """A change as other programs are told it: no number and no name, `customer` leads to both."""
    kind = CallbackChanged if isinstance(of, Callback) else RescueChanged
    return kind(
        what.at,
        what.call or of.first_call,
        of.id,
        what.revision,
        what.step,
        what.state,
        of.queue,
        of.tier,
        of.customer,
        what.agent,
        of.due_at,
        of.attempts,
        what.why,
    )

"""Looks at a switch for what silently breaks the order of service."""

from collections.abc import Callable

from routing.domain.preflight import Finding, Level, findings
from routing.domain.priority import DEFAULT_POLICY, PriorityPolicy
from routing.ports import SwitchFacts


class Preflight:
    """Remembers its last findings for the operations page."""

    def __init__(
        self, switch: SwitchFacts, policy: Callable[[], PriorityPolicy] = lambda: DEFAULT_POLICY
    ) -> None:
        """`policy`: what callers are routed by."""
        self._switch, self._policy = switch, policy
        self.last: tuple[Finding, ...] = ()

    async def look(self) -> tuple[Finding, ...]:
        """Raises cti's SwitchError when the switch cannot be asked at all."""
        self.last = tuple(findings(await self._switch.facts(), self._policy().ways()))
        return self.last

    @property
    def problems(self) -> int:
        return sum(finding.level is Level.PROBLEM for finding in self.last)

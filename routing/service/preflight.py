"""Looks at a switch for what silently breaks the order of service."""

from routing.domain.preflight import Finding, Level, findings
from routing.ports import SwitchFacts


class Preflight:
    """Remembers its last findings for the operations page."""

    def __init__(self, switch: SwitchFacts) -> None:
        self._switch = switch
        self.last: tuple[Finding, ...] = ()

    async def look(self) -> tuple[Finding, ...]:
        """Raises cti's SwitchError when the switch cannot be asked at all."""
        self.last = tuple(findings(await self._switch.facts()))
        return self.last

    @property
    def problems(self) -> int:
        return sum(finding.level is Level.PROBLEM for finding in self.last)

"""The order of service, worked out anew from the time of joining and the customers' tiers: nothing of the product."""

from __future__ import annotations

from collections.abc import Mapping

from tests.live.house.ledgers import Offer, Stay, Switch

HEAD_START = {
    "platinum": 600,
    "gold": 300,
    "iron": 0,
    "lead": 0,
    None: 0,
}  # seconds, as README and policy promise
WHOLE_SECONDS = 1.0  # the clock in which places in line are reckoned
JUST_NOW = 0.3  # a phone is told to be free, or not, a little beside the moment itself


class Line:
    """Who stood before whom."""

    def __init__(
        self,
        switch: Switch,
        tiers: Mapping[str, str],
        head_start: Mapping[str | None, int],
        longest_wait: Mapping[str, float],
    ) -> None:
        """`longest_wait`: queue -> seconds after which it gives a caller up."""
        self._stays, self._members = switch.stays, switch.members
        self._longest_wait = longest_wait
        self._offers = [offer for offer in switch.offers if offer.queue]
        self._came: dict[str, float] = {}
        for visit in switch.visits:  # whoever is passed on to another queue keeps the time he first came
            self._came.setdefault(visit["callid"], visit["entered"])
        self._tiers, self._head_start = tiers, head_start

    def arrived(self, stay: Stay) -> float:
        """Virtual arrival: smaller stands first."""
        return self._came[stay.caller] - self._head_start[self._tiers.get(stay.number)]

    def _stay(self, offer: Offer) -> Stay:
        return next(
            stay
            for stay in reversed(self._stays)
            if stay.caller == offer.caller and stay.queue == offer.queue and stay.joined_at <= offer.rung_at
        )

    def _idle(self, offer: Offer) -> list[Stay]:
        """Others who wait in that queue at that moment, and for whom no phone rings."""
        rung = {one.caller for one in self._offers if one.rung_at <= offer.rung_at < one.ended_at}
        return [
            stay
            for stay in self._stays
            if stay.queue == offer.queue
            and stay.caller not in rung
            and stay.joined_at < offer.rung_at - WHOLE_SECONDS
            and stay.left_at > offer.rung_at
            and not self._given_up(stay, offer.rung_at)
        ]

    def _given_up(self, stay: Stay, at: float) -> bool:
        """The switch counts whole seconds: from this one on it looks for nobody more, and the caller is about to leave."""
        return int(at) - int(stay.joined_at) >= self._longest_wait.get(stay.queue, float("inf"))

    def _free(self, offer: Offer) -> int:
        """Agents who could be rung at that moment, the one who was among them."""
        free: dict[str, bool] = {}
        for state in self._members:
            if state.at > offer.rung_at:
                break
            if state.queue == offer.queue:
                lately = state.at > offer.rung_at - JUST_NOW
                free[state.agent] = state.free or (lately and free.get(state.agent, False))
        return max(1, sum(free.values()))

    def passed_over(self) -> list[str]:
        """An agent was rung for somebody although there were not agents enough for those who stand before.

        With several agents free the switch lets as many of the first in line look for one, each once a second.
        """
        found = []
        for offer in self._offers:
            chosen = self._stay(offer)
            before = [s for s in self._idle(offer) if self.arrived(s) < self.arrived(chosen) - WHOLE_SECONDS]
            if len(before) >= self._free(offer):
                found.append(
                    f"{offer.rung_at:.3f} {offer.queue}: {offer.agent}, one of {self._free(offer)} free, was rung for "
                    f"{chosen.caller} (came {self.arrived(chosen):.0f}), not for "
                    + " or ".join(f"{stay.caller} (came {self.arrived(stay):.0f})" for stay in before)
                )
        return found

    def overtakings(self) -> int:
        """How often somebody was rung for before somebody who had joined that queue earlier and was still waiting."""
        return sum(
            stay.joined_at < self._stay(offer).joined_at - WHOLE_SECONDS
            for offer in self._offers
            for stay in self._idle(offer)
        )

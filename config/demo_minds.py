"""What the demo's reviewers, agents and customers think of a call. Invented, and the same for the same call."""

import csv
import random
from pathlib import Path
from typing import Final

from qa.domain.review import Review
from qa.domain.scorecard import NO, YES, Item, ItemKind
from qa.domain.scoring import Answer

REMARKS: Final = Path(__file__).parent / "demo_files" / "remarks.csv"
BAD_QUESTIONS: Final = frozenset({"empathy", "summary"})  # that reviewers read differently
CHINESE: Final = frozenset({"103", "104", "107"})  # agents who are reviewed in Chinese
CONTENT: Final = 4  # of five: what such a customer writes is kind


class Minds:
    """`luck` chooses among remarks; everything else comes out of the call's id."""

    def __init__(self, luck: random.Random) -> None:
        self._luck = luck
        with REMARKS.open(encoding="utf-8", newline="") as rows:
            self._remarks = list(csv.DictReader(rows))

    def answer(self, item: Item, review: Review, login: str, lean: float) -> Answer:
        """Out of how the call went, how hard the question is, and who judges; `lean`: how much kinder than others."""
        call, judge = _luck(f"{review.call} {item.id}"), _luck(f"{review.call} {item.id} {login}")
        apart = 0.3 if item.id in BAD_QUESTIONS else 0.03
        hard = _luck(item.id).uniform(-0.1, 0.14)
        reached = _went(review) + hard + lean + call.gauss(0, 0.12) + judge.gauss(0, apart)
        value: str | int
        if item.critical is not None:
            value = NO if reached < 0.42 else YES
        elif item.kind is ItemKind.YES_NO:
            value = NO if reached < 0.6 else YES
        else:
            value = max(0, min(4, round(5 * reached - 0.4)))
        if value not in (NO, 0, 1, 2):
            return Answer(value)
        at = round(call.uniform(1.0, max(1.5, review.duration_seconds - 1)), 1)
        return Answer(value, self.remark("reviewer", review, item.id), at)

    def opinion(self, review: Review) -> dict[str, object]:
        """Score of five, and a comment: a call that went well is mostly liked; not always, for a fair rule can be unwelcome."""
        luck = _luck(f"{review.call} survey")
        score = max(1, min(5, round(1 + 4 * (_went(review) - 0.1 + luck.gauss(0, 0.22)))))
        about = "high" if score >= CONTENT else "low"
        return {
            "score": score,
            "comment": "" if luck.random() < 0.6 else self.remark("customer", review, about),
        }

    def remark(self, who: str, review: Review, item: str = "", place: int | None = None) -> str:
        """In the language in which this agent is reviewed; `place`: which of them, else any."""
        about = [one for one in self._remarks if one["who"] == who]
        some = [one for one in about if one["item"] == item] or [one for one in about if not one["item"]]
        chosen = self._luck.choice(some) if place is None else some[place]
        return chosen["zh" if review.agent in CHINESE else "en"]


def _went(review: Review) -> float:
    """How well the call went, 0 to 1: agents differ, and so do their days."""
    return _luck(f"{review.agent}").uniform(0.68, 0.94) + _luck(review.call).gauss(0, 0.12)


def _luck(about: str) -> random.Random:
    return random.Random(about)  # noqa: S311  a script's luck, not a secret

"""Questions asked together: one at once, a rush in few, and nobody forgotten."""

import asyncio

import pytest

from cti.adapters.database import Together


class Library:
    def __init__(self):
        self.asked = []
        self.most_at_once = self._now = 0

    async def ask(self, questions):
        self.asked.append(list(questions))
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        await asyncio.sleep(0.01)
        self._now -= 1
        return {question: question.upper() for question in questions}


async def test_a_rush_is_asked_in_turn_however_it_comes():
    library = Library()
    together = Together(library.ask)

    async def come(n):
        await asyncio.sleep(n * 0.003)
        return await together(f"q{n}")

    assert await asyncio.gather(*(come(n) for n in range(20))) == [f"Q{n}" for n in range(20)]
    assert library.most_at_once == 1
    assert len(library.asked) < 12


async def test_with_a_pause_the_first_is_asked_at_once_and_the_others_gather():
    library = Library()
    together = Together(library.ask, pause=0.05)
    assert await together("a") == "A"
    assert await asyncio.gather(*map(together, "bcd")) == ["B", "C", "D"]
    assert library.asked == [["a"], ["b", "c", "d"]]


async def test_when_the_one_who_asks_is_called_off_the_others_are_answered():
    library = Library()
    together = Together(library.ask)
    first = asyncio.create_task(together("a"))
    await asyncio.sleep(0)
    others = [asyncio.create_task(together(question)) for question in "bc"]
    await asyncio.sleep(0.002)
    first.cancel()
    assert await asyncio.wait_for(asyncio.gather(*others), 10) == ["B", "C"]
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_one_called_off_whose_turn_it_was_hands_it_on():
    library = Library()
    together = Together(library.ask)
    first = asyncio.create_task(together("a"))
    await asyncio.sleep(0)
    second, third = asyncio.create_task(together("b")), asyncio.create_task(together("c"))
    await first
    second.cancel()
    assert await asyncio.wait_for(third, 10) == "C"

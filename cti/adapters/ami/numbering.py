"""Whether every numbered message of a connection came: which are missing, which came twice.

Neighbours may change places, so a number counts as missed only when 64 later ones, or a second, have gone by. A number
far from all others is no gap of thousands but a doubtful frame, unless the next one follows it.
"""

WINDOW = 64  # messages that may overtake one
PATIENCE = 1.0  # seconds a message may be late
FAR = 10_000  # numbers: further away is another count, or a forgery


class Numbering:
    """The numbers of one connection. The owner compares with `next` itself and asks here only when it differs."""

    def __init__(self) -> None:
        """Begin before the first number."""
        self.first: int | None = None
        self.next = 0
        self.missing: dict[int, float] = {}  # number → when it was found missing
        self._early: set[int] = set()  # just below the first number: may still come, never counts as missing
        self._elsewhere: int | None = None  # would prove that the count has moved

    def accepts(self, number: int, at: float) -> bool:
        """Whether a message with this number is to be believed; False when it was seen, or is far from all others."""
        expected = self.next
        if self.first is None:
            self._begin(number)
            return True
        if abs(number - expected) >= FAR:
            moved = number == self._elsewhere
            self._elsewhere = number + 1
            if moved:
                self._begin(number)
            return moved
        self._elsewhere = None
        if number >= expected:
            for absent in range(expected, number):
                self.missing[absent] = at
            self.next = number + 1
            return True
        if self.missing.pop(number, None) is not None:
            return True
        if number in self._early:
            self._early.remove(number)
            return True
        return False

    def overdue(self, at: float) -> list[tuple[int, int]]:
        """The stretches (first, last) that will not come any more. Each is told once."""
        stretches: list[tuple[int, int]] = []
        for number in sorted(self.missing):
            if stretches and stretches[-1][1] == number - 1:
                stretches[-1] = (stretches[-1][0], number)
            else:
                stretches.append((number, number))
        gone = [
            (first, last)
            for first, last in stretches
            if self.next - last > WINDOW or at - self.missing[last] >= PATIENCE
        ]
        for first, last in gone:
            for number in range(first, last + 1):
                del self.missing[number]
        return gone

    def _begin(self, number: int) -> None:
        self.first = number
        self.next = number + 1
        self.missing.clear()
        self._elsewhere = None
        self._early = set(range(max(number - WINDOW, 0), number))

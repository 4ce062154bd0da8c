"""What the journal kept, as the call model heard it: by the translation that the live line uses, and no other."""

from collections.abc import Iterable, Iterator

from cti.adapters.ami.message import FALLBACK, Message
from cti.adapters.ami.quarantine import Gate
from cti.adapters.ami.translation import READS, translate
from cti.adapters.journal_entries import knowledge_of, signal_of
from cti.adapters.journal_files import Entry, Kind
from cti.domain.retelling import Hole, TimePassed, Told


class Retelling:
    """Entries in, what they tell out; messages that waited for a snapshot wait for it here as well."""

    def __init__(self, fallback: str = FALLBACK) -> None:
        self._fallback = fallback
        self._gate = Gate(READS)  # all of these were believed: it only finds their values, twice as fast
        self._held: list[Entry] | None = None

    @property
    def holds(self) -> bool:
        """Messages wait: this is no moment for a checkpoint."""
        return self._held is not None

    def told(self, entries: Iterable[Entry]) -> Iterator[Told]:
        for entry in entries:
            yield from self._of(entry)

    def _of(self, entry: Entry) -> Iterator[Told]:
        position, kind, at, payload = entry
        if kind is Kind.MESSAGE:
            if self._held is None:
                yield from self._message(position, entry)
            else:
                self._held.append(entry)
        elif kind is Kind.HELD:
            self._held = []
        elif kind is Kind.RELEASED:
            held, self._held = self._held, None
            for one in held or ():
                yield from self._message(position, one)
        elif kind is Kind.SIGNAL:
            yield Told(position, signal_of(payload))
        elif kind is Kind.KNOWLEDGE:
            yield Told(position, knowledge_of(payload))
        elif kind is Kind.TICK:
            yield Told(position, TimePassed(at))
        else:
            yield Told(position, Hole(int(payload)))

    def _message(self, position: int, entry: Entry) -> Iterator[Told]:
        message = Message.of(entry.payload, self._fallback)
        if message is None:
            return
        if not message.folded:
            message.values = self._gate.look(message.frame, message.name)[1]
        for signal in translate(message, entry.at):
            yield Told(position, signal)

"""Names from ids only: never from anything a caller can choose, and never a way out of the folder."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple, NewType

from cti.domain.identifiers import ChannelId, PbxName
from recordings.domain.errors import NameRefused

RecordingId = NewType("RecordingId", str)
"""`{pbx}:{Uniqueid}-{second of joining}`: the same whether the visit is seen live, replayed or read again."""

JOIN_TOLERANCE = 2.0
"""Seconds by which two sources (or the dialplan's own second) may place the same queue join apart."""

MARKER = ".done"
"""Put behind a file's name by the switch when it will write no more."""

# A Uniqueid ends in <epoch>.<n>; the switch's systemname may stand before it. The recording's own epoch has no leading
# zero and no dash, so the last dash parts the two and no two ids share a name.
_FILE = re.compile(
    r"(?P<channel>(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,99}-)?[0-9]{1,12}\.[0-9]{1,12})-(?P<epoch>0|[1-9][0-9]{0,9})"
    r"(?:\.(?P<lane>customer|agent))?\.wav",
    re.ASCII,
)
_PLAIN = re.compile(rb"[A-Za-z0-9_-]")
_LONGEST_PBX = 80


class Lane(StrEnum):
    """Whose voice it is. In stereo the customer is left, the agent right."""

    CUSTOMER = "customer"
    AGENT = "agent"


class RecordingName(NamedTuple):
    """What the switch calls a recording: the recorded channel, and the second recording began."""

    channel: ChannelId
    epoch: int

    @property
    def file(self) -> str:
        return f"{self.channel}-{self.epoch}.wav"

    @property
    def marker(self) -> str:
        return self.file + MARKER

    def half(self, lane: Lane) -> str:
        """What the switch calls the one voice, where it leaves two files of a voice each."""
        return f"{self.channel}-{self.epoch}.{lane}.wav"


class SoundFile(NamedTuple):
    """A file of a recording: one voice, or (None) all there is to hear."""

    name: RecordingName
    lane: Lane | None


def parse(text: str) -> RecordingName:
    """The recording of this name. Raises NameRefused, for a voice's own file too."""
    name, lane = parse_file(text)
    if lane is not None:
        raise NameRefused
    return name


def parse_file(text: str) -> SoundFile:
    """Raises NameRefused."""
    match = _FILE.fullmatch(text)
    if match is None:
        raise NameRefused
    lane = None if match["lane"] is None else Lane(match["lane"])
    return SoundFile(RecordingName(ChannelId(match["channel"]), int(match["epoch"])), lane)


def store_path(pbx: PbxName, name: RecordingName) -> str:
    """Where it is kept, below the store's root: switch, day (UTC), file; two recordings never share it."""
    if parse(name.file) != name:
        raise NameRefused
    day = datetime.fromtimestamp(name.epoch, UTC).date().isoformat()
    return f"{_folder(pbx)}/{day}/{name.channel}-{name.epoch}.flac"


def _folder(pbx: PbxName) -> str:
    """The switch's name with every unusual byte as %XX, so nothing in it is a path."""
    if not 0 < len(pbx) <= _LONGEST_PBX:
        raise NameRefused("The switch's name is empty or too long.")
    parts = (bytes([byte]) for byte in pbx.encode())
    return "".join(part.decode() if _PLAIN.fullmatch(part) else f"%{part[0]:02X}" for part in parts)


def recording_id(pbx: PbxName, channel: ChannelId, joined_at: float) -> RecordingId:
    return RecordingId(f"{pbx}:{channel}-{int(joined_at)}")


def covering(names: Iterable[RecordingName], channel: ChannelId, joined_at: float) -> RecordingName | None:
    """The recording that runs when this channel joins its queue: the last one begun by then."""
    begun = [name for name in names if name.channel == channel and name.epoch <= joined_at + JOIN_TOLERANCE]
    return max(begun, key=lambda name: name.epoch, default=None)

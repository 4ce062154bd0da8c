"""Bytes from the wire into frames.

A frame ends at the first empty line, however its lines end (CRLF, or the bare LF some Asterisk modules print). The
bytes decide, never their division into reads.
"""

import re

FRAME_LIMIT = 1 << 20  # bytes; the largest true frames are a few thousand
RUNAWAY_LIMIT = 16 << 20  # bytes without any end of frame

BANNER = b"Asterisk Call Manager/"
_BANNER_LIMIT = 256
_END = re.compile(rb"\n(?:\r\n|\n)[\r\n]*+")  # one pass for all line ends, hardly dearer than a plain split
_frames = _END.split
_ends = _END.search


class Framer:
    """The stream of one connection: bytes in, whole frames out, never more than a frame limit and a read in memory."""

    def __init__(self, frame_limit: int = FRAME_LIMIT, runaway_limit: int = RUNAWAY_LIMIT) -> None:
        """Start before the banner, which may be missing."""
        self.version: str | None = None
        self.oversized = 0  # frames dropped because they were longer than the limit
        self._frame_limit = frame_limit
        self._runaway_limit = runaway_limit
        self._rest = bytearray()
        self._greeted = False
        self._dropped = 0  # bytes of the frame that is being dropped, 0 when none is

    @property
    def runaway(self) -> bool:
        """So much came without an end of frame that the connection is to be reset."""
        return self._dropped >= self._runaway_limit

    @property
    def unfinished(self) -> int:
        """Bytes of the frame that has begun and not ended."""
        return self._dropped or len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that `data` completes, less the empty line that ended them; the last line may keep its CR."""
        rest = self._rest
        if not self._greeted:
            rest += data
            data = self._past_banner()
        if rest:
            # a frame in many small reads is searched once, not from its beginning at each of them
            if not _ends(data) and not _ends(bytes(rest[-2:]) + data[:2]):
                self._hold(data)
                return []
            data = b"".join((rest, data))
            rest.clear()
        else:
            data = data.lstrip(b"\r\n")
        frames = _frames(data)
        last = frames.pop()
        if frames and self._dropped:
            del frames[0]
            self.oversized += 1
            self._dropped = 0
        self._hold(last)
        if len(data) > self._frame_limit:
            kept = [frame for frame in frames if len(frame) <= self._frame_limit]
            self.oversized += len(frames) - len(kept)
            return kept
        return frames

    def _hold(self, data: bytes) -> None:
        """Keep an unfinished frame or, when it is too long already, only count it and keep what may begin its end."""
        rest = self._rest
        rest += data
        if self._dropped or len(rest) > self._frame_limit + len(b"\r\n\r"):
            self._dropped += len(data) if self._dropped else len(rest)
            del rest[:-2]

    def _past_banner(self) -> bytes:
        """What follows the banner line, or all there is when the stream has none; nothing while that is undecided."""
        rest = self._rest
        if rest.startswith(BANNER):
            end = rest.find(b"\n")
            if end >= 0:
                self.version = rest[len(BANNER) : end].decode("ascii", "replace").strip()
                del rest[: end + 1]
            elif len(rest) < _BANNER_LIMIT:
                return b""
        elif BANNER.startswith(rest):
            return b""
        self._greeted = True
        data = bytes(rest)
        rest.clear()
        return data
